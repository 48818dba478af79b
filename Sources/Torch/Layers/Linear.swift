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

  /// Draws a layer.
  ///
  /// - Parameters:
  ///   - inputs: extent of the last dimension of the input.
  ///   - outputs: extent of the last dimension of the output.
  ///   - bias: whether a bias is added.
  ///   - spectralNorm: whether the weight is divided by its largest singular value.
  ///   - initialisation: how the weights start.
  ///   - stream: where they are drawn from.
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
