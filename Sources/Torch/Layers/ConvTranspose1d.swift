private let convTranspose2dOperator = Operator("aten::conv_transpose2d", "input")

/// The transpose of a convolution over time: with a stride it makes more frames of fewer.
///
/// Names and layout are those of `torch.nn.ConvTranspose1d`: `weight [I, O / groups, K]`, `bias [O]`. Memory is laid out
/// as in `Conv1d`. A kernel that is a multiple of the stride avoids checkerboards (Odena, Dumoulin and Olah, 2016).
public final class ConvTranspose1d: Module {
  private let storage: Weight
  /// What is added to each output channel, `[O]`; nil where there is none.
  public let bias: Parameter?
  /// Channels of the input.
  public let inputs: Int
  /// Channels of the output.
  public let outputs: Int
  private let stride: Int
  private let padding: Int
  private let outputPadding: Int
  private let dilation: Int
  private let groups: Int

  /// Weight and bias.
  public var members: Members { storage.members(bias: bias) }

  /// Draws a layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - kernel: extent of the kernel, in output frames apart by the dilation.
  ///   - stride: output frames an input frame.
  ///   - padding: output frames left out at either end.
  ///   - outputPadding: output frames added at the end, fewer than the stride or the dilation.
  ///   - dilation: frames between neighbours of the kernel.
  ///   - groups: parts that the channels are split into, each convolved alone.
  ///   - bias: whether a bias is added.
  ///   - spectralNorm: whether the weight, as a matrix of O / groups rows, is divided by its largest singular value.
  ///   - initialisation: how the weights start; fans are counted on the weight's layout, as in PyTorch.
  ///   - stream: where they are drawn from.
  /// - Throws: `TorchError` when the groups do not divide the channels.
  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, spectralNorm: Bool = false,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    try checkGroups("ConvTranspose1d", inputs: inputs, outputs: outputs, groups: groups)
    self.inputs = inputs
    self.outputs = outputs
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
    let shape = [inputs, outputs / groups, kernel]
    let drawn = try initialisation.weight(shape, using: &stream)
    self.bias =
      bias ? try Parameter(initialisation.bias(outputs, weightShape: shape, using: &stream)) : nil
    storage = try Weight(drawn, spectralNorm: spectralNorm, outputDimension: 1, using: &stream)
  }

  /// The weight that the layer computes with, `[I, O / groups, K]`.
  public func weight() throws -> Tensor { try storage.value() }

  /// Maps `[B, I, T]` to `[B, O, (T - 1) stride - 2 padding + dilation (K - 1) + outputPadding + 1]`.
  ///
  /// - Throws: `TorchError` when the channels are others or no frame is left.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkChannels("ConvTranspose1d", x, inputs: inputs)
    return try convTranspose2dOperator(
      .tensor(x.channelsLast().expandingDimension(at: 2)), .tensor(weight().expandingDimension(at: 2)),
      .optional(bias?.value), .ints([1, stride]), .ints([0, padding]), .ints([0, outputPadding]),
      .int(groups), .ints([1, dilation])
    ).squeezingDimension(at: 2)
  }
}
