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
private let keptOperator = Operator("duel::kept")
private let crossEntropyOperator = Operator("aten::cross_entropy_loss")

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

/// How losses of several samples become one number.
public enum Reduction: Int, Sendable {
  /// Not at all: one number a sample.
  case none = 0
  /// The mean; with label weights the weighted mean.
  case mean = 1
  /// The sum.
  case sum = 2
}

extension Tensor {
  /// The cross-entropy, in nats, of the softmax of these logits `[N, C]` against the right classes.
  ///
  /// - Parameters:
  ///   - targets: the right class of each row, `[N]`, 64-bit integers in `0..<C`.
  ///   - ignored: a target whose rows count for nothing, such as padding's. Where all are ignored, the mean is NaN.
  ///   - reduction: how the rows become one number; with `.none` the result is `[N]`.
  ///   - labelWeights: what a row of each class counts, `[C]`; nil counts all alike.
  ///   - smoothing: share of each target's weight that is spread over all classes, in `[0, 1]`.
  /// - Throws: `TorchError` when the shapes do not fit or a target is out of range.
  public func crossEntropy(
    targets: Tensor, ignoring ignored: Int = -100, reduction: Reduction = .mean, labelWeights: Tensor? = nil,
    smoothing: Double = 0
  ) throws -> Tensor {
    guard rank == 2, targets.rank == 1, targets.shape[0] == shape[0] else {
      throw TorchError(
        "crossEntropy: logits \(shape) and targets \(targets.shape), expected [N, C] and [N]")
    }
    return try crossEntropyOperator(
      .tensor(self), .tensor(targets), .optional(labelWeights), .int(reduction.rawValue), .int(ignored),
      .double(smoothing))
  }
}

extension Tensor {
  /// Zeroes each element with a probability and divides the others by the probability of staying, so that the
  /// expectation stays (Srivastava et al., 2014).
  ///
  /// - Parameters:
  ///   - probability: of an element to be zeroed, in `[0, 1)`.
  ///   - stream: where the choice is drawn from; it is all the randomness.
  /// - Throws: `TorchError` when the probability is out of range.
  public func dropout(_ probability: Double, using stream: inout RandomStream) throws -> Tensor {
    try dropped(probability) { try stream.uniform(shape, device: device) }
  }

  /// The same during training; with no stream, in evaluation, the tensor as it is.
  public func dropout(_ probability: Double, using stream: inout RandomStream?) throws -> Tensor {
    guard var drawn = stream else { return self }
    defer { stream = drawn }
    return try dropout(probability, using: &drawn)
  }

  /// Dropout of sequences `[B, T, C]`, none where the stream is nil. What is drawn for a frame does not depend on how many
  /// follow it, so that a part of a batch may be trimmed to its own longest sequence.
  public func sequenceDropout(_ probability: Double, using stream: inout RandomStream?) throws -> Tensor {
    guard rank == 3 else { throw TorchError("dropout: sequences of shape \(shape), expected [B, T, C]") }
    guard var drawn = stream else { return self }
    defer { stream = drawn }
    try Tensor.checkDropout(probability)
    if probability == 0 { return self }
    let kept = try drawn.draw([shape[1], shape[0], shape[2]], samplesAlong: 1) { shape, seed in
      try keptOperator(.ints(shape), .double(probability), .int(Int(bitPattern: UInt(seed))))
    }
    return try self * kept.moved(to: device).converted(to: dtype).transposed(0, 1)
  }

  private func dropped(_ probability: Double, uniform: () throws -> Tensor) throws -> Tensor {
    try Tensor.checkDropout(probability)
    if probability == 0 { return self }
    let kept = try uniform().less(than: 1 - probability).converted(to: dtype)
    return try self * (kept * (1 / (1 - probability)))
  }

  private static func checkDropout(_ probability: Double) throws {
    guard (0..<1).contains(probability) else {
      throw TorchError("dropout: probability \(probability), expected 0 <= p < 1")
    }
  }
}
