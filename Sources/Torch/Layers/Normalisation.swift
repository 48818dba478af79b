private let layerNormOperator = Operator("aten::layer_norm")
private let outerOperator = Operator("aten::outer")
private let mvOperator = Operator("aten::mv")

/// Brings the last dimension of each sample to mean 0 and variance 1, then scales and shifts (Ba, Kiros and Hinton,
/// 2016). Names are those of `torch.nn.LayerNorm`: `weight [D]`, `bias [D]`.
public final class LayerNorm: Module {
  private let weight: Parameter?
  private let bias: Parameter?
  private let features: Int
  private let epsilon: Double

  /// Scale and shift.
  public var members: Members { ["weight": weight, "bias": bias] }

  /// Makes a layer with scale 1 and shift 0.
  ///
  /// - Parameters:
  ///   - features: extent of the last dimension.
  ///   - affine: whether a scale and a shift are trained.
  ///   - epsilon: what is added to the variance.
  public init(features: Int, affine: Bool = true, epsilon: Double = 1e-5) throws {
    self.features = features
    self.epsilon = epsilon
    weight = affine ? try Parameter(Tensor.ones([features])) : nil
    bias = affine ? try Parameter(Tensor.zeros([features])) : nil
  }

  /// Normalises `[..., D]`.
  ///
  /// - Throws: `TorchError` when the last extent is another.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    guard x.shape.last == features else {
      throw TorchError("LayerNorm: input of shape \(x.shape), expected [..., \(features)]")
    }
    return try layerNormOperator(
      .tensor(x), .ints([features]), .optional(weight?.value), .optional(bias?.value), .double(epsilon))
  }
}

/// Brings each channel of each sample to mean 0 and variance 1 over time (Ulyanov, Vedaldi and Lempitsky, 2016).
///
/// Names are those of `torch.nn.InstanceNorm1d`: `weight [C]`, `bias [C]`, where affine. It is written out in elementary
/// operations, which keep the memory's layout; the engine's own operator would copy it to channels first.
public final class InstanceNorm1d: Module {
  private let weight: Parameter?
  private let bias: Parameter?
  private let channels: Int
  private let epsilon: Double

  /// Scale and shift.
  public var members: Members { ["weight": weight, "bias": bias] }

  /// Makes a layer with scale 1 and shift 0.
  ///
  /// - Parameters:
  ///   - channels: of the input.
  ///   - affine: whether a scale and a shift a channel are trained.
  ///   - epsilon: what is added to the variance.
  public init(channels: Int, affine: Bool = false, epsilon: Double = 1e-5) throws {
    self.channels = channels
    self.epsilon = epsilon
    weight = affine ? try Parameter(Tensor.ones([channels])) : nil
    bias = affine ? try Parameter(Tensor.zeros([channels])) : nil
  }

  /// Normalises `[B, C, T]`.
  ///
  /// - Throws: `TorchError` when the channels are others, or there is but one frame, whose variance would be zero.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkChannels("InstanceNorm1d", x, inputs: channels)
    guard x.shape[2] > 1 else {
      throw TorchError("InstanceNorm1d: input of shape \(x.shape), expected more than one frame")
    }
    let centred = try x - x.mean(along: 2, keepingDimensions: true)
    let variance = try centred.squared().mean(along: 2, keepingDimensions: true)
    let normal = try centred * (variance + epsilon).reciprocalSquareRoot()
    guard let weight, let bias else { return normal }
    return try normal * weight.value.reshaped([channels, 1]) + bias.value.reshaped([channels, 1])
  }
}

/// Below this a norm counts as zero, as in PyTorch.
private let epsilon = 1e-12

/// A weight divided by its largest singular value, which bounds how steep the layer is (Miyato et al., 2018).
///
/// The singular value is estimated from two vectors, kept from step to step. Using the weight has no side effects: any
/// number of forward passes, penalties and second derivatives see the same vectors. They are brought up to date
/// when a trainer asks for it, once a discriminator step: see `Module.updateSpectralNorms(iterations:)`. Names are those
/// of `torch.nn.utils.parametrizations.spectral_norm`.
public final class SpectralNorm: Module {
  private let original: Parameter
  private let left: Buffer
  private let right: Buffer
  private let outputDimension: Int

  /// The weight before normalisation, and the singular vectors.
  public var members: Members {
    ["original": original, "0": ["_u": left, "_v": right] as Members]
  }

  /// Normalises a weight of rank 2 or more, seen as a matrix of outputs by everything else.
  ///
  /// - Parameters:
  ///   - weight: the weight to start from.
  ///   - outputDimension: the dimension of the weight that counts outputs; 1 in transposed convolutions.
  ///   - stream: where the vectors are drawn from. 15 iterations follow, so that the first use is close already.
  init(_ weight: Tensor, outputDimension: Int = 0, using stream: inout RandomStream) throws {
    original = try Parameter(weight)
    self.outputDimension = outputDimension
    let matrix = try SpectralNorm.matrix(of: weight, outputDimension: outputDimension)
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    left = Buffer(try SpectralNorm.unit(stream.normal([rows]), else: Tensor.zeros([rows])))
    right = Buffer(try SpectralNorm.unit(stream.normal([columns]), else: Tensor.zeros([columns])))
    try update(iterations: 15)
  }

  /// Whether a dotted name of a network's state is that of a singular vector: a number that is kept, but not trained.
  public static func isSingularVector(_ name: String) -> Bool {
    name.hasSuffix("._u") || name.hasSuffix("._v")
  }

  /// The normalised weight, of the shape of the original.
  public func weight() throws -> Tensor {
    let matrix = try SpectralNorm.matrix(of: original.value, outputDimension: outputDimension)
    // uᵀ W v as a sum of products: autocast lowers matrix products, which would blur the norm. Outer makes a new
    // tensor, so an update between a forward pass and its backward pass does not disturb the latter.
    let sigma = try (matrix * outerOperator(.tensor(left.value), .tensor(right.value))).sum()
    return try original.value / sigma.clamped(from: epsilon)
  }

  /// Turns the two vectors towards the weight's first singular vectors by power iteration.
  func update(iterations: Int) throws {
    try withoutGradients {
      let matrix = try SpectralNorm.matrix(of: original.value, outputDimension: outputDimension)
      for _ in 0..<iterations {
        let u = try mvOperator(.tensor(matrix), .tensor(right.value))
        left.value = try SpectralNorm.unit(u, else: left.value)
        let v = try mvOperator(.tensor(matrix.transposed()), .tensor(left.value))
        right.value = try SpectralNorm.unit(v, else: right.value)
      }
    }
  }

  private static func matrix(of weight: Tensor, outputDimension: Int) throws -> Tensor {
    let outputs = weight.shape[outputDimension]
    return try weight.transposed(0, outputDimension).reshaped([outputs, -1])
  }

  /// A vector at length 1; the one before where it is zero, since a zero vector would stay so for ever.
  private static func unit(_ vector: Tensor, else before: Tensor) throws -> Tensor {
    let norm = try vector.norm()
    return try norm.greater(than: epsilon).select(vector / norm.clamped(from: epsilon), else: before)
  }
}

extension Module {
  /// Brings every spectral norm below this module up to date: to be called once a step, before the weights are used.
  ///
  /// - Parameter iterations: of the power method; 1 is enough where weights change slowly.
  public func updateSpectralNorms(iterations: Int = 1) throws {
    for case let norm as SpectralNorm in modules { try norm.update(iterations: iterations) }
  }
}

/// A layer's weight: trained as it is, or spectrally normalised.
enum Weight {
  case plain(Parameter)
  case normalised(SpectralNorm)

  /// Takes a drawn weight.
  init(
    _ initial: Tensor, spectralNorm: Bool, outputDimension: Int = 0, using stream: inout RandomStream
  ) throws {
    if spectralNorm {
      self = .normalised(try SpectralNorm(initial, outputDimension: outputDimension, using: &stream))
    } else {
      self = .plain(try Parameter(initial))
    }
  }

  /// The weight to compute with.
  func value() throws -> Tensor {
    switch self {
    case .plain(let parameter): parameter.value
    case .normalised(let norm): try norm.weight()
    }
  }

  /// A layer's list of members, in PyTorch's order, which differs between the two.
  func members(bias: Parameter?) -> Members {
    switch self {
    case .plain(let parameter): ["weight": parameter, "bias": bias]
    case .normalised(let norm): ["bias": bias, "parametrizations": ["weight": norm] as Members]
    }
  }
}
