import Adversarial
import Foundation
import Torch

/// A generator whose convolutions all run at frame rate, and whose last layer is an inverse short-time Fourier
/// transform, as in iSTFTNet (Kaneko et al., 2022) and Vocos (Siuzdak, 2023).
///
/// A latent and a label become a style, and the style the first few frames; blocks double their number, each styled
/// again, up to one frame every half window; a last layer gives each frame's spectrum, as a magnitude and a phase for
/// each bin, and overlap-added frames are the sound. So a clip of 8,192 samples costs convolutions over 64 frames
/// instead of over thousands of samples, and no transposed convolution leaves tones of its own.
public final class ModernGenerator: SoundGenerator {
  /// The architecture.
  public let recipe: ModernGeneratorRecipe
  /// What the data decides.
  public let spec: AudioSpec
  /// Numbers in a latent.
  public let latentDimension: Int

  private let labelVectors: Embedding?
  private let mapping: [Linear]
  private let start: Linear
  private let blocks: [StyledBlock]
  private let last: Modulation
  private let spectrum: Linear
  private let fourier: ShortTimeFourier
  private let startFrames: Int
  /// Phases of the oscillators before the first frame, `[K]`.
  private let oscillators: Tensor
  /// How far they turn from frame to frame, `[K]`.
  private let rotations: Tensor

  /// Label vectors where there are labels, the style's two layers, the first frames, blocks, the spectrum.
  public var members: Members {
    [
      "label": labelVectors, "mapping": ModuleGroup(mapping), "start": start, "blocks": ModuleGroup(blocks),
      "last": last, "spectrum": spectrum,
    ]
  }

  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: length, channels, labels.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  public init(
    recipe: ModernGeneratorRecipe, spec: AudioSpec, latentDimension: Int,
    using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    self.spec = spec
    self.latentDimension = latentDimension
    fourier = try ShortTimeFourier(window: recipe.window, device: .cpu)
    let bins = fourier.bins
    oscillators = try Tensor(
      (0..<bins).map { Float((Double.pi * Double($0 * $0) / Double(bins)).remainder(dividingBy: 2 * .pi)) })
    rotations = try Tensor((0..<bins).map { $0 % 2 == 0 ? 0 : Float.pi })
    let style = recipe.style
    labelVectors =
      spec.labels.isEmpty
      ? nil : try Embedding(symbols: spec.labels.count, dimensions: recipe.labelDimension, using: &stream)
    let inputs = latentDimension + (spec.labels.isEmpty ? 0 : recipe.labelDimension)
    mapping = [
      try Linear(inputs: inputs, outputs: style, initialisation: .heNormal, using: &stream),
      try Linear(inputs: style, outputs: style, initialisation: .heNormal, using: &stream),
    ]
    // Rounded up, so that any length is possible; what is too much is cut.
    let doublings = recipe.widths.count - 1
    startFrames = (fourier.frameCount(length: spec.length) + (1 << doublings) - 1) >> doublings
    start = try Linear(
      inputs: style, outputs: startFrames * recipe.widths[0],
      initialisation: .normal(standardDeviation: 1 / Double(style).squareRoot()), using: &stream)
    var blocks: [StyledBlock] = []
    for (level, width) in recipe.widths.enumerated() {
      blocks.append(
        try StyledBlock(
          inputs: recipe.widths[max(level - 1, 0)], outputs: width, kernel: recipe.kernel, style: style,
          using: &stream))
    }
    self.blocks = blocks
    let width = recipe.widths[doublings]
    last = try Modulation(style: style, channels: width, using: &stream)
    spectrum = try Linear(
      inputs: width, outputs: 3 * fourier.bins * spec.channels, using: &stream)
  }

  /// Sounds `[B, T, C]` of latents `[B, Z]` and, for a conditional generator, labels `[B]`.
  ///
  /// Noise is drawn from the context's stream in training and afterwards alike: it is part of the sound.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let style = try style(latents: latents, labels: labels)
    var stream = context.stream("noise")
    let batch = latents.shape[0]
    var frames = try start(style).reshaped([batch, startFrames, recipe.widths[0]])
    for (level, block) in blocks.enumerated() {
      if level > 0 { frames = try frames.doubledFrames() }
      let draws = try stream.normal([batch, frames.shape[1], 1], device: latents.device)
      frames = try block(frames, style: style, noise: draws)
    }
    let needed = fourier.frameCount(length: spec.length)
    frames = try last(frames.narrowed(along: 1, start: 0, count: needed), style: style).leakyReLU()
    return try sound(of: spectrum(frames), noise: &stream)
  }

  /// Latents and labels as a style `[B, W]`.
  private func style(latents: Tensor, labels: Tensor?) throws -> Tensor {
    var style = latents
    if let labelVectors {
      guard let labels else { throw TorchError("ModernGenerator: no labels, expected [B] of them") }
      style = try Tensor.concatenated([latents, labelVectors(labels)], along: 1)
    }
    for layer in mapping { style = try layer(style).leakyReLU() }
    return style
  }

  /// Sounds `[B, T, C]` of the last layer's `[B, F, 3 K C]`.
  private func sound(of output: Tensor, noise stream: inout RandomStream) throws -> Tensor {
    let (batch, frames, bins) = (output.shape[0], output.shape[1], fourier.bins)
    let parts = try output.converted(to: .float32)
      .reshaped([batch, frames, spec.channels, 3, bins]).permuted(0, 2, 3, 1, 4)
      .reshaped([batch * spec.channels, 3, frames, bins]).unbound(along: 1)
    let tones = try magnitude(parts[0])
    let rotations = try rotations.moved(to: output.device) + parts[1].tanh() * (0.6 * Double.pi)
    let phases = try oscillators.moved(to: output.device) + rotations.cumulativeSum(along: 1)
    let hiss = try magnitude(parts[2])
    let draws = try stream.normal(
      [2, batch, spec.channels, frames, bins], samplesAlong: 1, device: output.device
    ).reshaped([2, batch * spec.channels, frames, bins]).unbound()
    let spectra = try Tensor.concatenated(
      [tones * phases.cosine() + hiss * draws[0], tones * phases.sine() + hiss * draws[1]], along: 2)
    let waves = try fourier.waves(of: spectra, length: spec.length)
    return try waves.reshaped([batch, spec.channels, spec.length]).transposed(1, 2)
  }

  /// Exponential, since loudness is perceived so; bounded, since one bin at the bound is a full-scale tone and more.
  private func magnitude(_ output: Tensor) throws -> Tensor {
    try (output * 1.5 - 2).clamped(to: Foundation.log(Double(recipe.window))).exp()
  }
}

/// A scale and a bias for each channel that depend on a style vector, as conditional normalisation layers have them
/// (Perez et al., "FiLM", 2018), after each frame has been brought to unit size.
final class Modulation: Module {
  private let affine: Linear
  private let channels: Int

  var members: Members { ["affine": affine] }

  /// Initialises the map from the style.
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

  /// Initialises a block from `inputs` to `outputs` channels.
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
