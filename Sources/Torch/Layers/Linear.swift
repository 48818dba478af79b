private let embeddingOperator = Operator("aten::embedding")
private let qrOperator = Operator("aten::linalg_qr")
private let diagonalOperator = Operator("aten::diagonal")

/// An affine map of the last dimension: `y = x Wᵀ + b`.
///
/// Names and layout are those of `torch.nn.Linear`: `weight [O, I]`, `bias [O]`.
public final class Linear: Module {
  private let storage: Weight
  /// What is added to each output, `[O]`; nil where there is none.
  public let bias: Parameter?
  /// Extent of the last dimension of the input.
  public let inputs: Int
  /// Extent of the last dimension of the output.
  public let outputs: Int

  /// Weight and bias.
  public var members: Members { storage.members(bias: bias) }

  /// Initialises a layer.
  ///
  /// - Parameters:
  ///   - inputs: extent of the last dimension of the input.
  ///   - outputs: extent of the last dimension of the output.
  ///   - bias: whether a bias is added.
  ///   - spectralNorm: whether the weight is divided by its largest singular value.
  ///   - initialisation: how the weights start.
  ///   - stream: source of random numbers for the weights.
  public init(
    inputs: Int, outputs: Int, bias: Bool = true, spectralNorm: Bool = false,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    self.inputs = inputs
    self.outputs = outputs
    let shape = [outputs, inputs]
    let drawn = try initialisation.weight(shape, using: &stream)
    self.bias =
      bias ? try Parameter(initialisation.bias(outputs, weightShape: shape, using: &stream)) : nil
    storage = try Weight(drawn, spectralNorm: spectralNorm, using: &stream)
  }

  /// The weight that the layer computes with, `[O, I]`.
  public func weight() throws -> Tensor { try storage.value() }

  /// Maps `[..., I]` to `[..., O]`.
  ///
  /// - Throws: `TorchError` when the last extent is another.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    guard x.shape.last == inputs else {
      throw TorchError("Linear: input of shape \(x.shape), expected [..., \(inputs)]")
    }
    return try x.linear(weight: weight(), bias: bias?.value)
  }
}

/// A vector for each of a number of symbols. Name and layout are those of `torch.nn.Embedding`: `weight [V, D]`.
public final class Embedding: Module {
  private let storage: Weight
  /// Number of symbols.
  public let symbols: Int
  /// Extent of a vector.
  public let dimensions: Int

  /// The vectors.
  public var members: Members { storage.members(bias: nil) }

  /// Initialises the vectors; standard normal by default, as in PyTorch.
  ///
  /// - Parameters:
  ///   - symbols: how many there are.
  ///   - dimensions: extent of a vector.
  ///   - spectralNorm: whether the matrix of vectors is divided by its largest singular value.
  ///   - initialisation: how the vectors start.
  ///   - stream: source of random numbers for the weights.
  public init(
    symbols: Int, dimensions: Int, spectralNorm: Bool = false,
    initialisation: Initialisation = .normal(standardDeviation: 1), using stream: inout RandomStream
  ) throws {
    self.symbols = symbols
    self.dimensions = dimensions
    let drawn = try initialisation.weight([symbols, dimensions], using: &stream)
    storage = try Weight(drawn, spectralNorm: spectralNorm, using: &stream)
  }

  /// The vectors that the layer computes with, `[V, D]`.
  public func weight() throws -> Tensor { try storage.value() }

  /// The vectors of symbols: `[...]` of 64-bit integers in `0..<V` to `[..., D]`.
  ///
  /// - Throws: `TorchError` when a symbol is out of range or the elements are no integers.
  public func callAsFunction(_ ids: Tensor) throws -> Tensor {
    try embeddingOperator(.tensor(weight()), .tensor(ids))
  }

  /// Mixtures of vectors: weights over the symbols `[..., V]`, such as relaxed one-hot vectors, to `[..., D]`.
  ///
  /// - Throws: `TorchError` when the last extent is not the number of symbols.
  public func callAsFunction(soft weights: Tensor) throws -> Tensor {
    guard weights.shape.last == symbols else {
      throw TorchError("Embedding: weights of shape \(weights.shape), expected [..., \(symbols)]")
    }
    return try weights.matmul(weight())
  }
}

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

  /// Initialises a weight of rank 2 or more.
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

  /// Initialises the bias `[count]` that goes with a weight: PyTorch's default like the weight, the others zero.
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

/// The last step of a discriminator: an affine map from features to a logit, to which a label adds the inner product of its
/// vector with the features (Miyato and Koyama, "cGANs with projection discriminator", 2018):
///
///     logit = w · x + b + v_label · x
///
/// Logits are computed from features of at least single precision, also under autocast.
public final class ProjectionHead: Module {
  /// The affine map.
  public let output: Linear
  /// A vector for each label; nil without labels.
  public let label: Embedding?

  /// The affine map, and the labels' vectors where there are labels.
  public var members: Members { ["output": output, "label": label] }

  /// Initialises a head.
  ///
  /// - Parameters:
  ///   - features: extent of a sample's features.
  ///   - labels: how many there are; 0 without conditions.
  ///   - spectralNorm: whether the weights of both are divided by their largest singular value.
  ///   - initialisation: how the affine map starts.
  ///   - labelDeviation: standard deviation of the labels' vectors at first; `1 / sqrt(features)` where nil, so that label
  ///     and map count alike.
  ///   - stream: source of random numbers for the weights, the map's first.
  public init(
    features: Int, labels: Int, spectralNorm: Bool = false, initialisation: Initialisation = .pytorchDefault,
    labelDeviation: Double? = nil, using stream: inout RandomStream
  ) throws {
    output = try Linear(
      inputs: features, outputs: 1, spectralNorm: spectralNorm, initialisation: initialisation, using: &stream
    )
    label =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: features, spectralNorm: spectralNorm,
        initialisation: .normal(standardDeviation: labelDeviation ?? 1 / Double(features).squareRoot()),
        using: &stream) : nil
  }

  /// Logits `[B]` of features `[B, C]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing or shapes do not fit.
  public func callAsFunction(_ features: Tensor, labels: Tensor?) throws -> Tensor {
    let features = try features.widened()
    let logits = try output(features).widened().squeezingDimension(at: 1)
    guard let label else { return logits }
    guard let labels else { throw TorchError("ProjectionHead: no labels, expected [B] of them") }
    return try logits + (features * label(labels)).sum(along: 1)
  }
}
