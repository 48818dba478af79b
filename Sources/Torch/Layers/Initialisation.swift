private let qrOperator = Operator("aten::linalg_qr")
private let diagonalOperator = Operator("aten::diagonal")

/// How a layer's weights start. All draws come from the stream given, so that a network is a function of its seed.
///
/// The fans of a weight `[O, I, K...]` are counted as in PyTorch: in = I K, out = O K.
public enum Initialisation: Hashable, Sendable {
  /// Uniform within `1 / sqrt(fan in)`, weights and biases alike: what PyTorch's linear and convolutional layers do.
  case pytorchDefault
  /// Normal around 0; DCGAN takes a standard deviation of 0.02 (Radford, Metz and Chintala, 2015).
  case normal(standardDeviation: Double)
  /// Uniform within `sqrt(6 / (fan in + fan out))` (Glorot and Bengio, 2010).
  case xavierUniform
  /// Normal with variance `2 / fan in`, for rectified layers (He et al., 2015).
  case heNormal
  /// Rows, or where there are more rows than columns the columns, orthonormal (Saxe, McClelland and Ganguli, 2013).
  case orthogonal
  /// All zeros, such as a residual branch's last layer.
  case zeros

  /// Draws a weight of rank 2 or more.
  func weight(_ shape: [Int], using stream: inout RandomStream) throws -> Tensor {
    let (fanIn, fanOut) = Initialisation.fans(of: shape)
    switch self {
    case .pytorchDefault: return try stream.symmetric(shape, within: 1 / fanIn.squareRoot())
    case .normal(let deviation): return try stream.normal(shape) * deviation
    case .xavierUniform: return try stream.symmetric(shape, within: (6 / (fanIn + fanOut)).squareRoot())
    case .heNormal: return try stream.normal(shape) * (2 / fanIn).squareRoot()
    case .orthogonal: return try Initialisation.orthogonal(shape, using: &stream)
    case .zeros: return try Tensor.zeros(shape)
    }
  }

  /// Draws the bias `[count]` that goes with a weight: PyTorch's default like the weight, the others zero.
  func bias(_ count: Int, weightShape: [Int], using stream: inout RandomStream) throws -> Tensor {
    guard self == .pytorchDefault else { return try Tensor.zeros([count]) }
    return try stream.symmetric([count], within: 1 / Initialisation.fans(of: weightShape).in.squareRoot())
  }

  private static func fans(of shape: [Int]) -> (in: Double, out: Double) {
    let receptive = shape.dropFirst(2).reduce(1, *)
    return (Double(max(shape[1] * receptive, 1)), Double(max(shape[0] * receptive, 1)))
  }

  private static func orthogonal(_ shape: [Int], using stream: inout RandomStream) throws -> Tensor {
    let rows = shape[0]
    let columns = shape.dropFirst().reduce(1, *)
    let tall = try stream.normal([max(rows, columns), min(rows, columns)])
    let factors = try qrOperator.call([.tensor(tall)], capacity: 2)
    // The decomposition is unique, and the draw uniform over the orthogonal group, once R's diagonal is positive.
    let q = try factors[0] * diagonalOperator(.tensor(factors[1])).sign()
    return try (rows < columns ? q.transposed() : q).contiguous().reshaped(shape)
  }
}

extension RandomStream {
  /// Independent numbers, uniform in `[-bound, bound)`.
  mutating func symmetric(_ shape: [Int], within bound: Double) throws -> Tensor {
    try uniform(shape) * (2 * bound) - bound
  }
}
