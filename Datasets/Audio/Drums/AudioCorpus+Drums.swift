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
  ///   - memoryBudget: bytes of samples to keep in memory.
  /// - Throws: `UserError`: usage for options out of range, bad data for other labels than the drums'.
  public static func drums(
    options: AudioCorpusOptions, labels known: [String]? = nil, training: Int = 1000, validation: Int = 100,
    heldOut: Int = 200, seed: UInt64 = 0, memoryBudget: Int = CorpusMemory.standard
  ) throws -> AudioCorpus {
    try options.validate()
    var options = options
    options.length = options.frames
    let machine = DrumMachine(seed: seed)
    let sampleRate = options.sampleRate ?? drumsSampleRate
    var plain = options
    plain.slicing = .first
    plain.trimSilence = false
    plain.short = .pad
    let indices = 0..<training + heldOut + validation
    let split = try Split(
      training: training, heldOut: heldOut, labels: indices.map { machine.drum(at: $0).rawValue },
      known: known, own: Drum.labelNames, report: CorpusReport(source: drumsName)
    ) { _ in drumsName }
    let sounds = indices.map {
      Sound(
        DrumClipSource(machine: machine, index: $0, sampleRate: sampleRate, options: plain), options: plain,
        sampleRate: sampleRate)
    }
    let shelf = try Shelf(sounds, skipsBad: plain.skipBad, budget: memoryBudget)
    let parts = CorpusParts(split, on: shelf, reader: SoundReader(options: options, sampleRate: sampleRate))
    return AudioCorpus(parts, options: options, sampleRate: sampleRate)
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
      sourceFrames: options.frames, sourceRate: sampleRate, rate: sampleRate,
      largestBlock: options.frames)
  }

  func remarks() throws -> [SoundRemark] { [] }

  func samples(block: Int, of layout: BlockLayout) throws -> [Float] {
    try machine.clip(index, sampleRate: sampleRate, length: options.frames)
      .mixed(toChannels: options.channels).samples
  }
}
