private let convSameOperator = Operator("duel::conv_same")
private let conv2dOperator = Operator("aten::conv2d")
private let convTranspose2dOperator = Operator("aten::conv_transpose2d", "input")

/// A convolution over time, in fact a correlation, of `[B, C, T]`.
///
/// Names and layout are those of `torch.nn.Conv1d`: `weight [O, I / groups, K]`, `bias [O]`. Inside, time is the width of
/// an image of height 1 whose memory has the channels last, which the engine's kernels are fastest on: see
/// `Tensor.channelsLast()`. The output's memory has its channels last too, so layers in a row copy nothing.
public final class Conv1d: Module {
  /// How many zeros are added at the ends of the time axis.
  public enum Padding: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// So many at either end.
    case both(Int)
    /// So many that the output is as long as the input, an odd one at the end; for a stride of 1.
    case same

    /// So many at either end.
    public init(integerLiteral value: Int) { self = .both(value) }
  }

  private let storage: Weight
  /// What is added to each output channel, `[O]`; nil where there is none.
  public let bias: Parameter?
  /// Channels of the input.
  public let inputs: Int
  /// Channels of the output.
  public let outputs: Int
  private let stride: Int
  private let dilation: Int
  private let groups: Int
  /// Zeros at the start and at the end.
  private let padding: (start: Int, end: Int)

  /// Weight and bias.
  public var members: Members { storage.members(bias: bias) }

  /// Initialises a layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - kernel: extent of the kernel, in input frames apart by the dilation.
  ///   - stride: input frames an output frame.
  ///   - padding: zeros at the ends.
  ///   - dilation: frames between neighbours of the kernel.
  ///   - groups: parts that the channels are split into, each convolved alone.
  ///   - bias: whether a bias is added.
  ///   - spectralNorm: whether the weight, as a matrix of O rows, is divided by its largest singular value.
  ///   - initialisation: how the weights start.
  ///   - stream: source of random numbers for the weights.
  /// - Throws: `TorchError` when the groups do not divide the channels, or `.same` meets a stride.
  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Padding = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, spectralNorm: Bool = false,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    try checkGroups("Conv1d", inputs: inputs, outputs: outputs, groups: groups)
    switch padding {
    case .both(let count): self.padding = (count, count)
    case .same:
      guard stride == 1 else {
        throw TorchError("Conv1d: padding 'same' and a stride of \(stride), expected a stride of 1")
      }
      let total = dilation * (kernel - 1)
      self.padding = (total / 2, total - total / 2)
    }
    self.inputs = inputs
    self.outputs = outputs
    self.stride = stride
    self.dilation = dilation
    self.groups = groups
    let shape = [outputs, inputs / groups, kernel]
    let drawn = try initialisation.weight(shape, using: &stream)
    self.bias =
      bias ? try Parameter(initialisation.bias(outputs, weightShape: shape, using: &stream)) : nil
    storage = try Weight(drawn, spectralNorm: spectralNorm, using: &stream)
  }

  /// The weight that the layer computes with, `[O, I / groups, K]`.
  public func weight() throws -> Tensor { try storage.value() }

  /// Maps `[B, I, T]` to `[B, O, (T + padding - dilation (K - 1) - 1) / stride + 1]`.
  ///
  /// - Throws: `TorchError` when the channels are others, or the time is shorter than the kernel.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try checkChannels("Conv1d", x, inputs: inputs)
    var image = try x.channelsLast().expandingDimension(at: 2)
    // The engine pads both ends alike.
    if padding.start != padding.end { image = try image.padded(0, padding.end - padding.start) }
    return try conv2dOperator(
      .tensor(image), .tensor(weight().expandingDimension(at: 2)), .optional(bias?.value),
      .ints([1, stride]),
      .ints([0, padding.start]), .ints([1, dilation]), .int(groups)
    ).squeezingDimension(at: 2)
  }

  /// Maps frames `[B, T, I]` to `[B, T, O]`, each of what it and the K - 1 frames before it are, silence before the first.
  ///
  /// The padding is not the layer's. Half-precision derivatives by weights are matrix products, where the engine's kernel has
  /// threads wait for each other in a busy loop: with two other programs on two cores a step was measured to take fourteen times as long.
  ///
  /// - Throws: `TorchError` when the channels are others.
  /// - Precondition: no stride, dilation or groups.
  public func causally(overFrames x: Tensor) throws -> Tensor {
    precondition(stride == 1 && dilation == 1 && groups == 1, "frames are seen one after the other")
    guard x.rank == 3, x.shape[2] == inputs else {
      throw TorchError("Conv1d: input of shape \(x.shape), expected [B, T, \(inputs)]")
    }
    var taps = try weight().permuted(0, 2, 1)
    let kernel = taps.shape[1]
    // The operator's taps are an odd number, the middle one at the frame itself.
    if kernel % 2 == 0 { taps = try taps.padded(0, 0, 0, 1) }
    let later = try x.padded(0, 0, (kernel - 1) / 2, 0)
    return try convSameOperator(.tensor(later), .tensor(taps), .optional(bias?.value))
      .narrowed(along: 1, start: 0, count: x.shape[1])
  }
}

extension Tensor {
  /// The same `[B, C, T]` with memory in which a frame's channels are neighbours; itself where they are.
  ///
  /// A contiguous `[B, T, C]`, transposed, is so already.
  ///
  /// - Throws: `TorchError` when the rank is not 3.
  public func channelsLast() throws -> Tensor {
    guard rank == 3 else { throw TorchError("channelsLast: shape \(self.shape), expected [B, C, T]") }
    let (shape, strides) = (self.shape, self.strides)
    // With one channel both layouts hold the same memory, and only the strides show the engine which is meant.
    if shape[1] == 1 {
      if strides[1] == 1 { return self }
      return try reshaped([shape[0], shape[2], 1]).transposed(1, 2)
    }
    return try transposed(1, 2).contiguous().transposed(1, 2)
  }
}

/// Throws unless the groups divide both numbers of channels.
func checkGroups(_ layer: String, inputs: Int, outputs: Int, groups: Int) throws {
  guard groups > 0, inputs % groups == 0, outputs % groups == 0 else {
    throw TorchError("\(layer): \(groups) groups do not divide \(inputs) inputs and \(outputs) outputs")
  }
}

/// Throws unless a tensor is `[B, inputs, T]`.
func checkChannels(_ layer: String, _ x: Tensor, inputs: Int) throws {
  guard x.rank == 3, x.shape[1] == inputs else {
    throw TorchError("\(layer): input of shape \(x.shape), expected [B, \(inputs), T]")
  }
}

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

  /// Initialises a layer.
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
  ///   - stream: source of random numbers for the weights.
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
