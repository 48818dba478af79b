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
public final class ModernGenerator: Generator {
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

  /// Draws a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: length, channels, labels.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: where the weights are drawn from.
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
