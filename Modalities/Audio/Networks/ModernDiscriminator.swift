import Adversarial
import Foundation
import Torch

/// A discriminator with two branches: one on the logarithmic spectrum of a sound in overlapping frames, one on the
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

  /// Initialises a discriminator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: length, channels, labels.
  ///   - stream: source of random numbers for the weights.
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

/// Waveforms to spectra of overlapping frames and back, as matrix products with sines and cosines.
///
/// At the sizes of a frame, a few hundred samples, a product with the whole basis is as fast as a fast transform,
/// differentiates twice, and runs on every device. Frames overlap by half and are weighted by a periodic Hann window,
/// whose halves sum to 1: a steady tone comes back at its own level. All is computed in single precision.
struct ShortTimeFourier: Sendable {
  /// Samples in a frame, even.
  let window: Int
  /// Samples between the starts of two frames: half a frame.
  var hop: Int { window / 2 }
  /// Frequencies from 0 to half the sample rate, both included.
  var bins: Int { window / 2 + 1 }

  private let analysis: Tensor
  private let synthesis: Tensor

  /// Makes the two bases.
  ///
  /// - Parameters:
  ///   - window: samples in a frame; a positive even number.
  ///   - device: where the bases are kept.
  init(window: Int, device: Device) throws {
    precondition(window > 0 && window % 2 == 0, "a frame has two halves")
    self.window = window
    let bins = window / 2 + 1
    let step = 2 * Double.pi / Double(window)
    let weights = (0..<window).map { 0.5 - 0.5 * Foundation.cos(step * Double($0)) }
    var forward = [Float](repeating: 0, count: window * 2 * bins)
    var backward = forward
    for bin in 0..<bins {
      // The bins between count twice, for their negative frequencies.
      let share = (bin == 0 || bin == window / 2 ? 1 : 2) / Double(window)
      for time in 0..<window {
        // Reduced before it is multiplied, which keeps the phase exact.
        let phase = step * Double(bin * time % window)
        let (cosine, sine) = (Foundation.cos(phase), Foundation.sin(phase))
        forward[time * 2 * bins + bin] = Float(weights[time] * cosine)
        forward[time * 2 * bins + bins + bin] = Float(-weights[time] * sine)
        backward[bin * window + time] = Float(share * weights[time] * cosine)
        backward[(bins + bin) * window + time] = Float(-share * weights[time] * sine)
      }
    }
    analysis = try Tensor(forward, shape: [window, 2 * bins], device: device)
    synthesis = try Tensor(backward, shape: [2 * bins, window], device: device)
  }

  /// Frames centred on every hop of a wave of so many samples.
  func frameCount(length: Int) -> Int { (length + hop - 1) / hop + 1 }

  /// Spectra `[N, F, 2 K]` of waves `[N, T]`, real parts before imaginary ones, in frames centred on every hop;
  /// beyond its ends a wave is silent.
  func spectra(of waves: Tensor) throws -> Tensor {
    let frames = frameCount(length: waves.shape[1])
    let missing = (frames + 1) * hop - hop - waves.shape[1]
    return try withoutAutocast(on: waves.device) {
      let halves = try waves.converted(to: .float32).padded(hop, missing).reshaped([-1, frames + 1, hop])
      let framed = try Tensor.concatenated(
        [
          halves.narrowed(along: 1, start: 0, count: frames),
          halves.narrowed(along: 1, start: 1, count: frames),
        ], along: 2)
      return try framed.matmul(analysis.moved(to: waves.device))
    }
  }

  /// Squared magnitudes `[N, F, K]` of the spectra of waves `[N, T]`.
  func powers(of waves: Tensor) throws -> Tensor {
    let spectra = try spectra(of: waves)
    return try spectra.narrowed(along: 2, start: 0, count: bins).squared()
      + spectra.narrowed(along: 2, start: bins, count: bins).squared()
  }

  /// Waves `[N, T]` whose frames, centred on every hop, have the spectra `[N, F, 2 K]`.
  func waves(of spectra: Tensor, length: Int) throws -> Tensor {
    let frames = spectra.shape[1]
    precondition(frames == frameCount(length: length), "as many frames as the wave has")
    return try withoutAutocast(on: spectra.device) {
      let framed = try spectra.converted(to: .float32).matmul(synthesis.moved(to: spectra.device))
      // The first half of a frame falls on the second half of the one before it.
      let sum =
        try framed.narrowed(along: 2, start: 0, count: hop).padded(0, 0, 0, 1)
        + framed.narrowed(along: 2, start: hop, count: hop).padded(0, 0, 1, 0)
      return try sum.reshaped([-1, (frames + 1) * hop]).narrowed(along: 1, start: hop, count: length)
    }
  }
}
