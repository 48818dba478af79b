import Adversarial
import AudioDatasets
import ModalityKit
import Torch

/// The pair of networks that plays the game.
public enum AudioNetwork: String, Codable, CaseIterable, Sendable {
  /// Frames and spectra: trains in minutes.
  case modern
  /// WaveGAN to the letter: transposed convolutions on samples. Wants a GPU and a day.
  case classic
}

/// Everything that rebuilds an audio model and repeats its training.
public struct AudioRecipe: ModalityRecipe {
  /// The core's part: batch, losses, optimisers, schedules, averaging.
  public var training = TrainingRecipe()
  /// How files become samples.
  public var data = AudioCorpusOptions()
  /// Which networks play.
  public var network = AudioNetwork.modern
  /// The default generator's architecture.
  public var generator = ModernGeneratorRecipe()
  /// The default discriminator's architecture.
  public var discriminator = ModernDiscriminatorRecipe()
  /// The architecture of both networks of WaveGAN.
  public var classic = ClassicRecipe()
  /// What the data decides; nil until it has been opened.
  public var format: AudioFormatRecipe?

  /// The recipe of a preset, for the default networks.
  ///
  /// The sizes and rates were found by the measurements in docs/experiments/audio-modern.md.
  public init(preset: Preset) {
    training.loss = .nonSaturating
    training.penalties = [Penalty(.r1, weight: .constant(0.2), interval: 8)]
    training.batchSize = 16
    training.latentDimension = 64
    training.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
    training.generatorRate = .cosine(from: 4e-4, to: 4e-5).holding(for: 0.4)
    training.discriminatorRate = .cosine(from: 2e-4, to: 2e-5).holding(for: 0.4)
    training.averaging = .halfLife(samples: 12_000, rampUp: 0.05)
    training.precision = .bfloat16
    training.warmUp.steps = 0
    switch preset {
    case .tiny:
      training.steps = 1_000
      generator.widths = [128, 96, 64, 64]
      discriminator.width = 96
      discriminator.waveWidths = [16, 32, 48]
      classic.width = 8
    case .small:
      training.steps = 5_000
      classic.width = 16
    case .base:
      data.length = 16_384
      data.sampleRate = 16_000
      training.steps = 60_000
      training.batchSize = 64
      training.averaging = .halfLife(samples: 45_000, rampUp: 0.05)
      training.latentDimension = 128
      generator.window = 512
      generator.widths = [512, 384, 256, 192]
      generator.style = 256
      discriminator.window = 512
      discriminator.width = 256
      discriminator.waveWidths = [48, 96, 128]
    case .large:
      data.length = 65_536
      data.sampleRate = 16_000
      training.steps = 200_000
      training.batchSize = 64
      training.averaging = .halfLife(samples: 45_000, rampUp: 0.05)
      training.latentDimension = 128
      generator.window = 512
      generator.widths = [768, 512, 384, 256, 192, 192]
      generator.style = 256
      discriminator.window = 512
      discriminator.width = 256
      discriminator.layers = 5
      discriminator.waveWidths = [64, 128, 128]
    }
  }

  /// What a network of the flag `--network` changes in a preset: WaveGAN is trained as its authors trained it
  /// (Donahue, McAuley and Puckette, 2019), but for the batch, which the preset decides.
  static func settings(for network: AudioNetwork) -> [Setting] {
    let flag = "--network"
    var settings = [Setting("network", network, flag: flag)]
    if network == .classic {
      let optimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.9)
      settings += [
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
        Setting("training.precision", Precision.float32, flag: flag),
        Setting("training.penaltyPrecision", Precision.float32, flag: flag),
      ]
    }
    return settings.compactMap(\.self)
  }

  /// What the flag `--augmentation` changes in a preset: where the strength adapts, full strength is more than would do good
  /// throughout.
  static func settings(for augmentation: AugmentationMode) -> [Setting] {
    let (flag, key) = ("--augmentation", "discriminator.augmentation")
    var settings = [Setting("\(key).mode", augmentation, flag: flag)]
    if augmentation == .adaptive {
      settings += [
        Setting("\(key).shift", 0.04, flag: flag), Setting("\(key).gain", 6.0, flag: flag),
        Setting("\(key).noise", 0.001, flag: flag),
      ]
    }
    return settings.compactMap(\.self)
  }
}

extension AudioRecipe {
  /// What makes no sense in the audio's part of the recipe.
  public var faults: [RecipeFault] {
    switch network {
    case .classic: dataFaults + classic.faults(length: data.length)
    case .modern: dataFaults + modernFaults
    }
  }

  /// Ranges that the corpus checks too, here under the keys that flags are found by.
  private var dataFaults: [RecipeFault] {
    var faults = RecipeFaults()
    if let rate = data.sampleRate {
      faults.expect("data.sampleRate", rate, AudioCorpusOptions.sampleRateRange)
    }
    faults.expect("data.channels", data.channels, AudioCorpusOptions.channelsRange)
    faults.expect("data.overlap", data.overlap, AudioCorpusOptions.overlapRange)
    return faults.list
  }

  private var modernFaults: [RecipeFault] {
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
    faults.expect(
      data.length % hop == 0 && data.length >= 4 * hop && data.length <= 1 << 22, "data.length", data.length,
      "a multiple of \(hop), half the discriminator's window, from \(4 * hop) to \(1 << 22)")
    let augmentation = discriminator.augmentation
    let seconds = data.sampleRate.map { Double(data.length) / Double($0) } ?? 10
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
}
