import Adversarial
import AudioDatasets
import ModalityKit
import Torch

/// A family of networks: a generator with its discriminator.
public enum AudioNetwork: String, Codable, CaseIterable, Sendable {
  /// Log-mel pictures around exemplars, whose phases are solved for: good from the first minute, and with few clips.
  case spectral
  /// Sounds from noise alone, by frames and spectra: trains in minutes.
  case modern
  /// WaveGAN as published: transposed convolutions on samples. Needs a GPU and about a day.
  case classic

  /// What makes and checks networks of this kind.
  var family: any NetworkFamily<AudioRecipe> {
    switch self {
    case .spectral: SpectralNetworks()
    case .modern: ModernNetworks()
    case .classic: ClassicNetworks()
    }
  }

  /// How long clips become that nobody gives a length: what ten minutes on two cores can train.
  var fit: ClipFit {
    switch self {
    case .spectral: ClipFit()
    case .modern: ClipFit(mostFrames: 32_768)
    case .classic: ClipFit(mostFrames: 16_384, isPowerOfTwo: true)
    }
  }
}

/// A generator of clips, or of codes that clips are made of.
public protocol SoundGenerator: Generator {
  /// The generator itself where it generates codes; nil for networks that generate clips directly.
  var overCodes: SpectralGenerator? { get }
  /// The first clips `[count, T, C]` of what `generate` returned, each as if all were asked for.
  func sounds(of samples: Tensor, first count: Int, sampling: AudioSampling) throws -> Tensor
}

extension SoundGenerator {
  /// Nil: generates clips directly.
  public var overCodes: SpectralGenerator? { nil }
  /// The first samples themselves.
  public func sounds(of samples: Tensor, first count: Int, sampling: AudioSampling) throws -> Tensor {
    try samples.narrowed(along: 0, start: 0, count: count)
  }
}

extension [Setting] {
  /// The settings of a duel that families of networks with presets' sizes differ in.
  static func adversary(of training: TrainingRecipe, flag: String) -> [Setting] {
    [
      Setting("training.loss", training.loss, flag: flag),
      Setting("training.penalties", training.penalties, flag: flag),
      Setting("training.generatorOptimiser", training.generatorOptimiser, flag: flag),
      Setting("training.discriminatorOptimiser", training.discriminatorOptimiser, flag: flag),
      Setting("training.generatorRate", training.generatorRate, flag: flag),
      Setting("training.discriminatorRate", training.discriminatorRate, flag: flag),
      Setting("training.referee.followAbove", training.referee.followAbove, flag: flag),
      Setting("training.referee.tolerance", training.referee.tolerance, flag: flag),
      Setting("training.referee.patience", training.referee.patience, flag: flag),
    ].compactMap(\.self)
  }
}

/// `ModernGenerator` and `ModernDiscriminator`, one update each.
struct ModernNetworks: NetworkFamily {
  /// The training settings of this family, found by the measurements in docs/experiments/audio-modern.md.
  private static let training = {
    var training = TrainingRecipe()
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.2), interval: 8)]
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.generatorRate = .cosine(from: 4e-4, to: 4e-5).holding(for: 0.4)
    training.discriminatorRate = .cosine(from: 2e-4, to: 2e-5).holding(for: 0.4)
    return training
  }()

  var name: String? { AudioNetwork.modern.rawValue }

  var unreadParts: [String] { ["classic", "spectral"] }

  func settings(flag: String) -> [Setting] { .adversary(of: Self.training, flag: flag) }

  func faults(of recipe: AudioRecipe) -> [RecipeFault] {
    let (generator, discriminator, data) = (recipe.generator, recipe.discriminator, recipe.data)
    var faults = RecipeFaults()
    // Sizes beyond are slips, and their products overflow.
    for (key, window) in [("generator", generator.window), ("discriminator", discriminator.window)] {
      faults.expect(
        (16...8192).contains(window) && window.nonzeroBitCount == 1, "\(key).window", window,
        "a power of two from 16 to 8192")
    }
    faults.expect(
      (1...10).contains(generator.widths.count) && generator.widths.allSatisfy { (1...8192).contains($0) },
      "generator.widths", generator.widths, "one to ten widths, each 1 to 8192")
    faults.expect(
      generator.kernel % 2 == 1 && (1...31).contains(generator.kernel), "generator.kernel", generator.kernel,
      "an odd number from 1 to 31")
    faults.expect("generator.style", generator.style, 1...8192)
    faults.expect("generator.labelDimension", generator.labelDimension, 1...8192)
    faults.expect(
      discriminator.floor > 0 && discriminator.floor <= 1, "discriminator.floor", discriminator.floor,
      "above 0 up to 1")
    faults.expect("discriminator.width", discriminator.width, 1...8192)
    faults.expect(
      discriminator.waveWidths.count <= 6 && discriminator.waveWidths.allSatisfy { (1...8192).contains($0) },
      "discriminator.waveWidths", discriminator.waveWidths, "at most six widths, each 1 to 8192")
    faults.expect("discriminator.layers", discriminator.layers, 1...12)
    guard faults.list.isEmpty else { return faults.list }
    let hop = discriminator.window / 2
    if let length = data.length {
      faults.expect(
        length % hop == 0 && length >= 4 * hop && length <= 1 << 22, "data.length", length,
        "a multiple of \(hop), half the discriminator's window, from \(4 * hop) to \(1 << 22)")
    }
    let augmentation = discriminator.augmentation
    let seconds = data.sampleRate.flatMap { rate in data.length.map { Double($0) / Double(rate) } } ?? 10
    faults.expect(
      (0...seconds).contains(augmentation.shift), "discriminator.augmentation.shift", augmentation.shift,
      "0 to the length of a clip in seconds")
    faults.expect(
      (0...60).contains(augmentation.gain), "discriminator.augmentation.gain", augmentation.gain,
      "0 to 60 decibels")
    faults.expect(
      (0...1).contains(augmentation.target), "discriminator.augmentation.target", augmentation.target,
      "0 to 1")
    faults.expect(
      augmentation.span >= 1 && augmentation.span <= 1e12, "discriminator.augmentation.span",
      augmentation.span, "1 to 1e12 samples")
    faults.expect(
      (0...1).contains(augmentation.noise), "discriminator.augmentation.noise", augmentation.noise, "0 to 1")
    return faults.list
  }

  func generator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any SoundGenerator
  {
    try ModernGenerator(
      recipe: recipe.generator, spec: spec, latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try ModernDiscriminator(recipe: recipe.discriminator, spec: spec, using: &stream)
  }
}

/// `ClassicGenerator` and `ClassicDiscriminator`: WaveGAN, trained as its authors trained it (Donahue, McAuley and
/// Puckette, 2019), but for the batch, which the preset decides.
struct ClassicNetworks: NetworkFamily {
  var name: String? { AudioNetwork.classic.rawValue }

  var unreadParts: [String] { ["generator", "discriminator", "spectral"] }

  func settings(flag: String) -> [Setting] {
    let optimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.9)
    return [
      Setting("training.loss", AdversarialLoss.wasserstein, flag: flag),
      Setting("training.penalties", [Penalty(.gradientPenalty, weight: .constant(10))], flag: flag),
      Setting("training.discriminatorSteps", 5, flag: flag),
      Setting("training.prior", Prior.uniform, flag: flag),
      Setting("training.latentDimension", 100, flag: flag),
      Setting("training.averaging", AveragingDecay.halfLife(samples: 10_000, rampUp: 0.05), flag: flag),
      Setting("training.generatorOptimiser", optimiser, flag: flag),
      Setting("training.discriminatorOptimiser", optimiser, flag: flag),
      Setting("training.generatorRate", Schedule.constant(1e-4), flag: flag),
      Setting("training.discriminatorRate", Schedule.constant(1e-4), flag: flag),
      Setting("training.referee.followAbove", 0.0, flag: flag),
      Setting("training.referee.tolerance", RefereeRecipe().tolerance, flag: flag),
      Setting("training.referee.patience", RefereeRecipe().patience, flag: flag),
      Setting("training.precision", Precision.float32, flag: flag),
      Setting("training.penaltyPrecision", Precision.float32, flag: flag),
    ].compactMap(\.self)
  }

  func faults(of recipe: AudioRecipe) -> [RecipeFault] { recipe.classic.faults(length: recipe.data.length) }

  func generator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any SoundGenerator
  {
    try ClassicGenerator(
      recipe: recipe.classic, spec: classicSpec(spec), latentDimension: recipe.training.latentDimension,
      using: &stream)
  }

  func discriminator(_ recipe: AudioRecipe, spec: AudioSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try ClassicDiscriminator(recipe: recipe.classic, spec: classicSpec(spec), using: &stream)
  }

  private func classicSpec(_ spec: AudioSpec) -> ClassicSpec {
    ClassicSpec(length: spec.length, channels: spec.channels, labels: spec.labels.count)
  }
}
