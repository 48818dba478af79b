import Corpora
import Failures

extension AudioCorpus {
  /// What the built-in corpus is called in reports and recipes.
  public static let drumsName = "drums"
  /// Frames per second of the built-in corpus unless asked otherwise.
  public static let drumsSampleRate = 8000

  /// The built-in corpus: sounds of a drum machine, with exact labels, for trying things without any data.
  ///
  /// Of the options, the rate (nil is 8 kHz), length, channels and normalisation count; each sound has one sample,
  /// its beginning. Held-out sounds come from the same distribution as those to train on.
  ///
  /// - Parameters:
  ///   - options: the form of the samples.
  ///   - known: the labels of a trained model; nil takes `Drum.labelNames`.
  ///   - training: how many sounds to train on, at least one.
  ///   - validation: how many sounds to choose by while training.
  ///   - heldOut: how many sounds to hold out, at least one.
  ///   - seed: what determines the sounds.
  /// - Throws: `UserError`: usage for options out of range, bad data for other labels than the drums'.
  public static func drums(
    options: AudioCorpusOptions, labels known: [String]? = nil, training: Int = 1000, validation: Int = 100,
    heldOut: Int = 200, seed: UInt64 = 0
  ) throws -> AudioCorpus {
    try drums(
      options: options, labels: known, training: training, validation: validation, heldOut: heldOut,
      seed: seed,
      memoryBudget: SoundShelf.defaultBudget)
  }

  /// As the other, with another limit to the memory for samples, in bytes.
  static func drums(
    options: AudioCorpusOptions, labels known: [String]?, training: Int, validation: Int, heldOut: Int,
    seed: UInt64, memoryBudget: Int
  ) throws -> AudioCorpus {
    try options.validate()
    precondition(training > 0 && heldOut > 0, "each part has at least one sound")
    let names = known.flatMap { $0.isEmpty ? nil : $0 } ?? Drum.labelNames
    let machine = DrumMachine(seed: seed)
    let labels = try (0..<training + heldOut + validation).map { index in
      let name = machine.drum(at: index).rawValue
      guard let label = names.firstIndex(of: name) else {
        throw UserError(
          .badData,
          "\(drumsName): found the label \"\(name)\", expected one of the model's: "
            + names.joined(separator: ", "))
      }
      return label
    }
    let sampleRate = options.sampleRate ?? drumsSampleRate
    var plain = options
    plain.slicing = .first
    plain.trimSilence = false
    plain.short = .pad
    let sources = labels.indices.map {
      DrumClipSource(machine: machine, index: $0, sampleRate: sampleRate, options: plain)
    }
    let shelf = try SoundShelf(sources, options: plain, sampleRate: sampleRate, budget: memoryBudget)
    var report = AudioCorpusReport(
      source: drumsName, files: sources.count, sampleRate: sampleRate, length: options.length,
      channels: options.channels, holdoutRule: "drawn apart")
    report.isValidationApart = true
    let selection = SoundSelection(
      Partition(
        training: Array(0..<training), validation: Array(training + heldOut..<sources.count),
        heldOut: Array(training..<training + heldOut)),
      labels: labels, labelNames: names, report: report)
    return AudioCorpus(selection, shelf: shelf, options: options, sampleRate: sampleRate)
  }
}

/// One sound of a drum machine, a single block.
private struct DrumClipSource: ClipSource {
  let machine: DrumMachine
  let index: Int
  let sampleRate: Int
  let options: AudioCorpusOptions

  var name: String { "\(AudioCorpus.drumsName) \(index)" }

  func layout() throws -> BlockLayout {
    BlockLayout(
      sourceFrames: options.length, sourceRate: sampleRate, rate: sampleRate,
      largestBlock: options.length)
  }

  func samples(block: Int, of layout: BlockLayout) throws -> [Float] {
    try machine.clip(index, sampleRate: sampleRate, length: options.length)
      .mixed(toChannels: options.channels).samples
  }
}
