private let rectifyOperator = Operator("duel::rectify")
private let eluOperator = Operator("aten::elu")
private let sigmoidOperator = Operator("aten::sigmoid")
private let logSigmoidOperator = Operator("aten::log_sigmoid")
private let tanhOperator = Operator("aten::tanh")
private let geluOperator = Operator("aten::gelu")
private let siluOperator = Operator("aten::silu")
private let softplusOperator = Operator("aten::softplus")
private let softmaxOperator = Operator("aten::softmax", "int")
private let logSoftmaxOperator = Operator("aten::log_softmax", "int")

/// Activations: the functions between a network's layers. All but the softmaxes act on each element alone.
extension Tensor {
  /// `max(x, 0)`.
  public func relu() throws -> Tensor { try rectifyOperator(.tensor(self), .double(0)) }
  /// `x` where positive, `slope x` elsewhere (Maas, Hannun and Ng, 2013). GANs usually take a slope of 0.2.
  public func leakyReLU(slope: Double = 0.2) throws -> Tensor {
    try rectifyOperator(.tensor(self), .double(slope))
  }
  /// `x` where positive, `exp(x) - 1` elsewhere (Clevert, Unterthiner and Hochreiter, 2015).
  public func elu() throws -> Tensor { try eluOperator(.tensor(self)) }
  /// The logistic function `1 / (1 + exp(-x))`, in (0, 1).
  public func sigmoid() throws -> Tensor { try sigmoidOperator(.tensor(self)) }
  /// `log(sigmoid(x))`, exact where the sigmoid would round to 0.
  public func logSigmoid() throws -> Tensor { try logSigmoidOperator(.tensor(self)) }
  /// The hyperbolic tangent, in (-1, 1).
  public func tanh() throws -> Tensor { try tanhOperator(.tensor(self)) }
  /// `x` times the standard normal distribution function of `x` (Hendrycks and Gimpel, 2016); the exact form.
  public func gelu() throws -> Tensor { try geluOperator(.tensor(self)) }
  /// `x sigmoid(x)`, also called swish (Elfwing, Uchibe and Doya, 2017).
  public func silu() throws -> Tensor { try siluOperator(.tensor(self)) }
  /// `log(1 + exp(x))`, exact where the exponential would overflow.
  public func softplus() throws -> Tensor { try softplusOperator(.tensor(self)) }
  /// Exponentials divided by their sum along a dimension: positive, summing to 1.
  public func softmax(along dimension: Int = -1) throws -> Tensor {
    try softmaxOperator(.tensor(self), .int(dimension))
  }
  /// The logarithm of the softmax along a dimension, exact where the softmax would round to 0.
  public func logSoftmax(along dimension: Int = -1) throws -> Tensor {
    try logSoftmaxOperator(.tensor(self), .int(dimension))
  }
}
