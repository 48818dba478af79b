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
  /// Which family of networks is trained.
  public var network = AudioNetwork.spectral
  /// The architecture of both spectral networks.
  public var spectral = SpectralRecipe()
  /// The architecture of the modern generator.
  public var generator = ModernGeneratorRecipe()
  /// The architecture of the modern discriminator.
  public var discriminator = ModernDiscriminatorRecipe()
  /// The architecture of both networks of WaveGAN.
  public var classic = ClassicRecipe()
  /// What the data decides; nil until it has been opened.
  public var spec: AudioSpec?

  /// The recipe of a preset, for the default networks.
  ///
  /// Sizes and rates were found by the measurements in docs/experiments/audio-spectral.md and audio-modern.md.
  public init(preset: Preset) {
    training = SpectralNetworks.training
    training.batchSize = 16
    training.latentDimension = 64
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
  /// The networks of the game.
  public var family: any NetworkFamily<AudioRecipe> { network.family }

  /// A generator as the core sees it.
  public static func coreGenerator(_ generator: any SoundGenerator) -> any Adversarial.Generator {
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

/// What the data decides about the networks: rate, length, channels, labels.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct AudioSpec: DataSpec {
  /// Samples a second.
  public var sampleRate: Int
  /// Samples of a clip in each channel.
  public var length: Int
  /// 1 for mono, 2 for stereo.
  public var channels: Int
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]
  /// Sizes of codes; nil for networks that generate clips directly.
  public var codes: ClipCodeSpec?

  /// Describes data.
  public init(
    sampleRate: Int, length: Int, channels: Int = 1, labels: [String] = [], codes: ClipCodeSpec? = nil
  ) {
    self.sampleRate = sampleRate
    self.length = length
    self.channels = channels
    self.labels = labels
    self.codes = codes
  }

  /// Clips of one rate, length and number of channels are comparable, whatever made them.
  public func isComparable(to other: AudioSpec) -> Bool {
    var same = other
    same.codes = codes
    return same == self
  }

  /// Seconds that a clip lasts.
  public var duration: Double { Double(length) / Double(sampleRate) }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "\(length) samples at \(sampleRate) Hz, channels: \(channels), \(names)"
  }
}

/// The architecture of the modern generator: convolutions at frame rate and an inverse Fourier transform.
public struct ModernGeneratorRecipe: Codable, Equatable, Sendable {
  /// Samples in a frame, a power of two; frames overlap by half.
  public var window = 256
  /// Channels of each block; each block but the first works on twice as many frames as the one before.
  public var widths = [256, 192, 128, 96]
  /// Frames that a convolution spans, odd.
  public var kernel = 3
  /// Numbers in a style.
  public var style = 128
  /// Numbers in a label's vector.
  public var labelDimension = 64

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// The architecture of the modern discriminator: a logarithmic spectrum and strided convolutions on the waveform.
public struct ModernDiscriminatorRecipe: Codable, Equatable, Sendable {
  /// Samples in a frame of the spectrum, a power of two; frames overlap by half.
  public var window = 256
  /// The magnitude of a bin below which differences hardly count; a full-scale tone has a quarter of the window.
  public var floor = 0.01
  /// Channels at frame rate.
  public var width = 128
  /// Channels of the waveform's layers; none leaves the waveform out.
  public var waveWidths = [32, 48, 64]
  /// Layers behind both, each halving the number of frames.
  public var layers = 3
  /// Whether every weight is divided by its largest singular value.
  public var spectralNorm = false
  /// What sounds go through first.
  public var augmentation = AugmentationRecipe()

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}
