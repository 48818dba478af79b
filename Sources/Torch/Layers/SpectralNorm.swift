private let outerOperator = Operator("aten::outer")
private let mvOperator = Operator("aten::mv")

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
