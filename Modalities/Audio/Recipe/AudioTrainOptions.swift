import Adversarial
import ArgumentParser
import AudioDatasets
import ModalityKit

/// The flags of `duel audio train`, beside those that all media share.
public struct AudioTrainOptions: ModalityTrainOptions {
  @Option(
    help: ArgumentHelp(
      "Samples a second; files of another rate are resampled. (default: that of the first file)",
      valueName: "hertz"))
  var sampleRate: Int?

  @Option(
    help: ArgumentHelp(
      """
      Samples of a clip: for modern a multiple of half its window, 128; for classic 16 or 32 times a power of 4; for \
      spectral any number from 256. (default: with --slice first what 95 % of the files end within, else about a \
      second; spectral at most 4 seconds, modern 32768, classic 16384)
      """, valueName: "samples"))
  var length: Int?

  @Option(
    help: ArgumentHelp("Channels of a clip; files with others are mixed. (default: 1)", valueName: "count"))
  var channels: Int?

  @Option(name: .customLong("normalize"), help: "How loud each file is made. (default: peak)")
  var normalisation: Normalisation?

  @Option(
    name: .customLong("slice"),
    help:
      "Which part of a file becomes a clip: its beginning, a random part, or overlapping windows. (default: first)"
  )
  var slicing: Slicing?

  @Option(
    help: ArgumentHelp(
      "Share of a window that the next one repeats, from 0. (default: 0)", valueName: "share"))
  var overlap: Double?

  @Option(help: "What happens to files shorter than a clip. (default: pad)")
  var short: ShortClips?

  @Flag(inversion: .prefixedNo, help: "Cut silence off both ends of each file.")
  var trimSilence: Bool?

  @OptionGroup var corpus: CorpusFlags

  @Option(
    help:
      """
      The networks: spectral, around the clips of the data; modern, from noise alone; or classic, WaveGAN with its own \
      training. (default: spectral)
      """
  )
  var network: AudioNetwork?

  @Option(
    name: .customLong("width"),
    help: ArgumentHelp("Channels next to the waveform in classic networks.", valueName: "count"))
  var classicWidth: Int?

  @Option(
    help: ArgumentHelp(
      "Samples that classic discriminators shuffle phases by. (default: 2)", valueName: "samples"))
  var phaseShuffle: Int?

  @Option(
    help: ArgumentHelp("Taps of a last filter of classic generators. (default: none)", valueName: "taps"))
  var postFilter: Int?

  @Option(
    help: """
      How sounds are changed before the modern discriminator sees them in training: not at all, always as much, or as \
      much as it is too sure of them. (default: constant)
      """)
  var augmentation: AugmentationMode?

  @Option(
    help: ArgumentHelp(
      "Accuracy of the discriminator that adaptive augmentation aims at. (default: 0.65)", valueName: "share"
    ))
  var augmentationTarget: Double?

  @Option(
    help: ArgumentHelp(
      "Largest shift of what the modern discriminator sees in training. (default: 0.02)", valueName: "seconds"
    ))
  var augmentShift: Double?

  @Option(
    help: ArgumentHelp(
      "Largest change of level of what the modern discriminator sees in training. (default: 3)",
      valueName: "decibels"))
  var augmentGain: Double?

  @Flag(
    inversion: .prefixedNo, help: "Divide the modern discriminator's weights by their largest singular value."
  )
  var spectralNorm: Bool?

  /// No flags given.
  public init() {}

  /// The settings that the flags make, in the order of the help; what a network implies comes first, so that other
  /// flags change it.
  public var settings: [Setting] {
    (network.map { AudioRecipe.settings(for: $0) } ?? [])
      + (augmentation.map { AudioRecipe.settings(for: $0) } ?? [])
      + [
        Setting("data.sampleRate", sampleRate, flag: "--sample-rate"),
        Setting("data.length", length, flag: "--length"),
        Setting("data.channels", channels, flag: "--channels"),
        Setting("data.normalisation", normalisation, flag: "--normalize"),
        Setting("data.slicing", slicing, flag: "--slice"),
        Setting("data.overlap", overlap, flag: "--overlap"),
        Setting("data.short", short, flag: "--short"),
        Setting(
          "data.trimSilence", trimSilence, flag: trimSilence == false ? "--no-trim-silence" : "--trim-silence"
        ),
      ].compactMap(\.self) + corpus.settings.compactMap(\.self)
      + [
        Setting("classic.width", classicWidth, flag: "--width"),
        Setting("classic.phaseShuffle", phaseShuffle, flag: "--phase-shuffle"),
        Setting("classic.postFilter", postFilter, flag: "--post-filter"),
        Setting("discriminator.augmentation.target", augmentationTarget, flag: "--augmentation-target"),
        Setting("discriminator.augmentation.shift", augmentShift, flag: "--augment-shift"),
        Setting("discriminator.augmentation.gain", augmentGain, flag: "--augment-gain"),
        Setting(
          "discriminator.spectralNorm", spectralNorm,
          flag: spectralNorm == false ? "--no-spectral-norm" : "--spectral-norm"),
      ].compactMap(\.self)
  }
}

extension AudioNetwork: ExpressibleByArgument {}
extension AugmentationMode: ExpressibleByArgument {}
extension Normalisation: ExpressibleByArgument {}
extension Slicing: ExpressibleByArgument {}
extension ShortClips: ExpressibleByArgument {}
