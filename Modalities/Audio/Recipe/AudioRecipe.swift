import Adversarial
import AudioDatasets
import ModalityKit
import Torch

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
  public var spec: AudioSpec?

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

  /// What a network of the flag `--network` changes in a preset.
  static func settings(for network: AudioNetwork) -> [Setting] {
    let flag = "--network"
    return [Setting("network", network, flag: flag)].compactMap(\.self) + network.family.settings(flag: flag)
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
  /// The networks that play.
  public var family: any NetworkFamily<AudioRecipe> { network.family }

  /// A generator as the core sees it.
  public static func coreGenerator(_ generator: any Adversarial.Generator) -> any Adversarial.Generator {
    generator
  }

  /// Ranges that the corpus checks too, here under the keys that flags are found by.
  public var dataFaults: [RecipeFault] {
    var faults = RecipeFaults()
    if let rate = data.sampleRate {
      faults.expect("data.sampleRate", rate, AudioCorpusOptions.sampleRateRange)
    }
    faults.expect("data.channels", data.channels, AudioCorpusOptions.channelsRange)
    faults.expect("data.overlap", data.overlap, AudioCorpusOptions.overlapRange)
    return faults.list
  }
}
