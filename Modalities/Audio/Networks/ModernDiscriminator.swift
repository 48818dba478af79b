import Adversarial
import Foundation
import Torch

/// A discriminator that looks at a sound twice: at its logarithmic spectrum in overlapping frames, and at the
/// waveform itself through strided convolutions. Both meet at frame rate.
///
/// The spectrum is where sounds differ for the ear; alone, it would leave phases to chance, which is heard as grains. The
/// waveform branch is narrow, since it costs most where frames are shortest. A label enters by a
/// `ProjectionHead`.
public final class ModernDiscriminator: Discriminator {
  /// The architecture.
  public let recipe: ModernDiscriminatorRecipe
  /// What the data decides.
  public let spec: AudioSpec

  private let augmentation: AudioAugmentation?
  private let strength: AdaptiveStrength?
  private let fourier: ShortTimeFourier
  private let spectrum: PolyphaseConv1d
  private let wave: [PolyphaseConv1d]
  private let merged: [PolyphaseConv1d]
  private let head: ProjectionHead

  /// Spectrum, waveform, what follows both, logit, label vectors where there are labels, and the strength of
  /// augmentation where it adapts.
  public var members: Members {
    [
      "spectrum": spectrum, "wave": ModuleGroup(wave), "merged": ModuleGroup(merged),
      "output": head.output, "label": head.label, "augmentation": strength,
    ]
  }

  /// Draws a discriminator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: length, channels, labels.
  ///   - stream: where the weights are drawn from.
  public init(recipe: ModernDiscriminatorRecipe, spec: AudioSpec, using stream: inout RandomStream)
    throws
  {
    self.recipe = recipe
    self.spec = spec
    let rule = recipe.augmentation
    augmentation = rule.mode == .none ? nil : AudioAugmentation(rule, sampleRate: spec.sampleRate)
    strength = rule.mode == .adaptive ? try AdaptiveStrength(target: rule.target, span: rule.span) : nil
    fourier = try ShortTimeFourier(window: recipe.window, device: .cpu)
    let norm = recipe.spectralNorm
    let width = recipe.width
    spectrum = try PolyphaseConv1d(
      inputs: fourier.bins * spec.channels, outputs: width, kernel: 5, spectralNorm: norm, using: &stream)
    // Strides that lead from samples to frames: each kernel is a multiple of its stride, so that every sample is seen
    // equally often.
    var wave: [PolyphaseConv1d] = []
    var inputs = spec.channels
    for (outputs, stride) in zip(
      recipe.waveWidths, Self.strides(to: fourier.hop, layers: recipe.waveWidths.count))
    {
      wave.append(
        try PolyphaseConv1d(
          inputs: inputs, outputs: outputs, kernel: 3 * stride, stride: stride, spectralNorm: norm,
          using: &stream))
      inputs = outputs
    }
    self.wave = wave
    var merged: [PolyphaseConv1d] = []
    inputs = width + (wave.isEmpty ? 0 : inputs)
    var frames = spec.length / fourier.hop
    for _ in 0..<recipe.layers {
      merged.append(
        try PolyphaseConv1d(
          inputs: inputs, outputs: width, kernel: 6, stride: 2, spectralNorm: norm, using: &stream))
      inputs = width
      frames = (frames + 1) / 2
    }
    self.merged = merged
    head = try ProjectionHead(
      features: width * frames, labels: spec.labels.count, spectralNorm: norm, using: &stream)
  }

  /// Strides of so many layers whose product is the hop: powers of two as even as can be, the larger ones first,
  /// where they save most.
  static func strides(to hop: Int, layers: Int) -> [Int] {
    guard layers > 0 else { return [] }
    let bits = hop.trailingZeroBitCount
    return (0..<layers).map { layer in 1 << ((bits + layers - 1 - layer) / layers) }
  }

  /// Logits `[B]` of sounds `[B, T, C]`; in training they are augmented first, real and generated ones alike.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var sounds = samples
    if context.isTraining, let augmentation {
      var stream = context.stream("augmentation")
      sounds = try augmentation.apply(to: samples, strength: strength?.value ?? 1, using: &stream)
    }
    let batch = samples.shape[0]
    let frames = spec.length / fourier.hop
    var features = try spectrum(logarithmicSpectrum(of: sounds, frames: frames)).leakyReLU()
    if !wave.isEmpty {
      // Sounds are quiet on average: about unit variance for the first layer.
      var waves = try sounds * 4
      for layer in wave { waves = try layer(waves).leakyReLU() }
      features = try Tensor.concatenated([features, waves], along: 2)
    }
    for layer in merged {
      // An odd frame has a silent neighbour.
      if features.shape[1] % 2 == 1 { features = try features.padded(0, 0, 0, 1) }
      features = try layer(features).leakyReLU()
    }
    return try head(features.reshaped([batch, -1]), labels: labels)
  }

  /// Lets the strength of augmentation follow, where it adapts.
  public func follow(accuracy: Double, samples: Int) throws -> [Scalar] {
    guard let strength else { return [] }
    try strength.update(accuracy: accuracy, samples: samples)
    return [Scalar(ScalarName.augmentation, try strength.value)]
  }

  /// `[B, F, K C]`: logarithms of magnitudes above a floor that is inaudible, 0 in silence.
  private func logarithmicSpectrum(of sounds: Tensor, frames: Int) throws -> Tensor {
    let (batch, channels, bins) = (sounds.shape[0], sounds.shape[2], fourier.bins)
    return try withoutAutocast(on: sounds.device) {
      let waves = try sounds.transposed(1, 2).reshaped([batch * channels, -1])
      let power = try fourier.powers(of: waves).narrowed(along: 1, start: 0, count: frames)
      let level = try (power * (1 / (recipe.floor * recipe.floor)) + 1).log() * 0.25
      return try level.reshaped([batch, channels, frames, bins]).transposed(1, 2)
        .reshaped([batch, frames, channels * bins])
    }
  }
}
