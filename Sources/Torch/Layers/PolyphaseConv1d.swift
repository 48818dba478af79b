import Synchronization

private let convSameOperator = Operator("duel::conv_same")

/// A convolution with a stride over frames `[B, T, I]`, padded so that the output has exactly T / stride frames.
///
/// Names and layout are those of `torch.nn.Conv1d`: `weight [O, I, K]`, `bias [O]`. The padding is TensorFlow's SAME: of
/// K - stride zeros half, rounded down, stand in front, so output frame m sees frames `stride m - (K - stride) / 2 ...`.
///
/// Since frames lie one after the other in memory, `stride` of them are one frame of `stride I` channels without
/// copying, and the convolution is one with a stride of 1 and about K / stride taps (the polyphase form). That costs a
/// tenth more products and is faster by far where the engine's strided kernels are not made for few channels.
public final class PolyphaseConv1d: Module {
  private let storage: Weight
  private let bias: Parameter
  private let inputs: Int
  private let phases: Phases

  /// Weight and bias.
  public var members: Members { storage.members(bias: bias) }

  /// Initialises a layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - kernel: extent of the kernel in frames, at least the stride.
  ///   - stride: input frames an output frame.
  ///   - spectralNorm: whether the weight, as a matrix of O rows, is divided by its largest singular value.
  ///   - initialisation: how the weights start.
  ///   - stream: source of random numbers for the weights.
  /// - Precondition: the kernel is not shorter than the stride.
  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, spectralNorm: Bool = false,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    phases = Phases(kernel: kernel, stride: stride)
    self.inputs = inputs
    let shape = [outputs, inputs, kernel]
    let drawn = try initialisation.weight(shape, using: &stream)
    bias = try Parameter(initialisation.bias(outputs, weightShape: shape, using: &stream))
    storage = try Weight(drawn, spectralNorm: spectralNorm, using: &stream)
  }

  /// Maps `[B, T, I]` to `[B, T / stride, O]`.
  ///
  /// - Throws: `TorchError` when the channels are others or the stride does not divide the frames.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let stride = phases.stride
    try checkFrames("PolyphaseConv1d", x, inputs: inputs)
    guard x.shape[1] % stride == 0 else {
      throw TorchError("PolyphaseConv1d: \(x.shape[1]) frames, expected a multiple of the stride \(stride)")
    }
    let wide = try x.reshaped([x.shape[0], x.shape[1] / stride, stride * inputs])
    return try convSameOperator(.tensor(wide), .tensor(phases.taps(of: storage.value())), .tensor(bias.value))
  }
}

/// The transpose of such a convolution: frames `[B, T, I]` become exactly `stride T` frames.
///
/// Names and layout are those of `torch.nn.ConvTranspose1d`: `weight [I, O, K]`, `bias [O]`. The padding is TensorFlow's
/// SAME: input frame m reaches output frames `stride m - (K - stride) / 2 ...`. It is computed as an ordinary convolution
/// to `stride O` channels, which are `stride` frames (a sub-pixel convolution, Shi et al., 2016).
public final class PolyphaseConvTranspose1d: Module {
  private let weight: Parameter
  private let bias: Parameter
  private let phases: Phases

  /// Weight and bias.
  public var members: Members { ["weight": weight, "bias": bias] }

  /// Initialises a layer.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - outputs: channels of the output.
  ///   - kernel: extent of the kernel in output frames, at least the stride.
  ///   - stride: output frames an input frame.
  ///   - initialisation: how the weights start; fans are counted on the weight's layout, as in PyTorch.
  ///   - stream: source of random numbers for the weights.
  /// - Precondition: the kernel is not shorter than the stride.
  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int, initialisation: Initialisation = .pytorchDefault,
    using stream: inout RandomStream
  ) throws {
    phases = Phases(kernel: kernel, stride: stride)
    let shape = [inputs, outputs, kernel]
    weight = try Parameter(initialisation.weight(shape, using: &stream))
    bias = try Parameter(initialisation.bias(outputs, weightShape: shape, using: &stream))
  }

  /// Maps `[B, T, I]` to `[B, stride T, O]`.
  ///
  /// - Throws: `TorchError` when the channels are others.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    let (inputs, outputs) = (weight.value.shape[0], weight.value.shape[1])
    let stride = phases.stride
    try checkFrames("PolyphaseConvTranspose1d", x, inputs: inputs)
    let repeated = try bias.value.expanded(to: [stride, outputs]).reshaped([stride * outputs])
    // Derivatives go by the weights as they are. Where none are wanted, weights turned round once are faster.
    let isRecorded = phases.isRecorded(weight.value)
    let taps = try phases.taps(of: weight.value, turned: !isRecorded)
    return try convSameOperator(
      .tensor(x), .tensor(taps), .tensor(repeated), .bool(isRecorded)
    ).reshaped([x.shape[0], stride * x.shape[1], outputs])
  }
}

/// How a kernel of a strided convolution is split into taps of `stride` phases each.
private final class Phases {
  let kernel: Int
  let stride: Int
  /// Taps of the convolution whose stride is 1: an odd number.
  let taps: Int
  /// Zeros that complete the first and the last tap.
  let padding: (start: Int, end: Int)
  /// What was last split without being differentiated, and the outcome: many sounds are made with the same weights.
  private let last = Mutex<(weight: Tensor, version: Int, taps: Tensor)?>(nil)

  init(kernel: Int, stride: Int) {
    precondition(kernel >= stride, "a kernel of \(kernel) with a stride of \(stride)")
    self.kernel = kernel
    self.stride = stride
    let before = (kernel - stride) / 2
    let after = kernel - stride - before
    let reach = (max(before, after) + stride - 1) / stride
    taps = 2 * reach + 1
    padding = (reach * stride - before, reach * stride - after)
  }

  /// Whether a result that depends on the weight will be differentiated by it.
  func isRecorded(_ weight: Tensor) -> Bool { weight.requiresGrad && Tensor.recordsGradients }

  /// `[A, C, K]` as taps of a convolution from frames of S C channels to frames of A, `[A, J, S C]`, or turned round,
  /// as those of its transpose, `[S C, J, A]`.
  func taps(of value: Tensor, turned: Bool = false) throws -> Tensor {
    let isRecorded = isRecorded(value)
    let version = try value.version()
    if !isRecorded, let last = last.withLock(\.self), last.weight.isSame(as: value), last.version == version {
      return last.taps
    }
    let (outer, inner) = (value.shape[0], value.shape[1])
    // The phase stands before the channel, as frames do in memory.
    var taps = try value.padded(padding.start, padding.end).reshaped([outer, inner, self.taps, stride])
      .permuted(0, 2, 3, 1).reshaped([outer, self.taps, stride * inner])
    if turned { taps = try taps.flipped(along: 1).permuted(2, 1, 0).contiguous() }
    last.withLock { $0 = isRecorded ? nil : (value, version, taps) }
    return taps
  }
}

/// Throws unless a tensor is `[B, T, inputs]`.
private func checkFrames(_ layer: String, _ x: Tensor, inputs: Int) throws {
  guard x.rank == 3, x.shape[2] == inputs else {
    throw TorchError("\(layer): input of shape \(x.shape), expected [B, T, \(inputs)]")
  }
}
