private let layerNormOperator = Operator("aten::layer_norm")

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
