import Torch

/// A scale and a bias for each channel that depend on a style vector, as conditional normalisation layers have them
/// (Perez et al., "FiLM", 2018), after each frame has been brought to unit size.
final class Modulation: Module {
  private let affine: Linear
  private let channels: Int

  var members: Members { ["affine": affine] }

  /// Draws the map from the style.
  init(style: Int, channels: Int, using stream: inout RandomStream) throws {
    self.channels = channels
    affine = try Linear(
      inputs: style, outputs: 2 * channels,
      initialisation: .normal(standardDeviation: 0.5 / Double(style).squareRoot()), using: &stream)
  }

  /// Modulates frames `[B, F, C]` by styles `[B, W]`.
  func callAsFunction(_ x: Tensor, style: Tensor) throws -> Tensor {
    let both = try affine(style).expandingDimension(at: 1)
    let scale = try both.narrowed(along: 2, start: 0, count: channels)
    let bias = try both.narrowed(along: 2, start: channels, count: channels)
    let size = try (x.squared().mean(along: 2, keepingDimensions: true) + 1e-6).reciprocalSquareRoot()
    return try x * size * (scale + 1) + bias
  }
}

/// Two convolutions around a skip connection, styled, with fresh noise between them.
///
/// Noise lets a generator leave the details of unvoiced sounds open (Karras et al., "A style-based generator", 2019): a
/// latent that had to hold them would be spent on hiss.
final class StyledBlock: Module {
  private let first: PolyphaseConv1d
  private let second: PolyphaseConv1d
  private let before: Modulation
  private let between: Modulation
  private let skip: Linear?
  private let noise: Parameter

  var members: Members {
    [
      "first": first, "second": second, "before": before, "between": between, "skip": skip, "noise": noise,
    ]
  }

  /// Draws a block from `inputs` to `outputs` channels.
  init(inputs: Int, outputs: Int, kernel: Int, style: Int, using stream: inout RandomStream) throws {
    first = try PolyphaseConv1d(inputs: inputs, outputs: outputs, kernel: kernel, using: &stream)
    second = try PolyphaseConv1d(inputs: outputs, outputs: outputs, kernel: kernel, using: &stream)
    before = try Modulation(style: style, channels: inputs, using: &stream)
    between = try Modulation(style: style, channels: outputs, using: &stream)
    skip = inputs == outputs ? nil : try Linear(inputs: inputs, outputs: outputs, using: &stream)
    noise = try Parameter(Tensor.zeros([outputs]))
  }

  /// Maps frames `[B, F, I]` to `[B, F, O]`.
  func callAsFunction(_ x: Tensor, style: Tensor, noise draws: Tensor) throws -> Tensor {
    var inner = try first(before(x, style: style).leakyReLU())
    inner = try inner + draws * noise.value
    inner = try second(between(inner, style: style).leakyReLU())
    let outer = try skip.map { try $0(x) } ?? x
    // Keeps the variance of a sum of two.
    return try (outer + inner) * 0.5.squareRoot()
  }
}

extension Tensor {
  /// Twice as many frames `[B, 2 F, C]`, between those that there were, by the low-pass filter (1, 3, 3, 1) / 4: linear
  /// interpolation, which leaves no image of the old rate that a convolution would have to remove.
  func doubledFrames() throws -> Tensor {
    let count = shape[1]
    let first = try narrowed(along: 1, start: 0, count: 1)
    let last = try narrowed(along: 1, start: count - 1, count: 1)
    let earlier = try Tensor.concatenated([first, narrowed(along: 1, start: 0, count: count - 1)], along: 1)
    let later = try Tensor.concatenated([narrowed(along: 1, start: 1, count: count - 1), last], along: 1)
    let here = try self * 0.75
    return try Tensor.stacked([here + earlier * 0.25, here + later * 0.25], along: 2)
      .reshaped([shape[0], 2 * count, shape[2]])
  }
}
