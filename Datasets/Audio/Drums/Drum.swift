import Corpora
import Failures
import Foundation
import RandomNumbers

/// A kind of drum, and so the label of a sound of the drum machine.
public enum Drum: String, CaseIterable, Codable, Sendable {
  /// A bass drum: a low tone that falls, with a click.
  case kick
  /// A snare drum: two tones of its skin under the rattle of its wires.
  case snare
  /// A closed or open hi-hat: bright metal.
  case hat
  /// A hand clap: some quick bursts of noise.
  case clap
  /// A tom: a tone of several modes that falls a little.
  case tom

  /// The names of all, ordered by byte value: the labels by index.
  public static let labelNames = allCases.map(\.rawValue).sorted {
    $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
}

/// A drum machine: an unending row of drum sounds, each with physical parameters of its own.
///
/// Sound `index` is a pure function of the seed and the index. Its parameters depend on neither rate nor length,
/// so the same drum sounds at any rate, as far as the rate carries its highest tones. The kinds take
/// turns.
public struct DrumMachine: Sendable {
  /// What determines all sounds.
  public let seed: UInt64

  /// A machine with a seed.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// The kind of a sound.
  public func drum(at index: Int) -> Drum {
    let kinds = Drum.allCases
    return kinds[index % kinds.count]
  }

  /// A sound in mono. Its largest sample is 0.25 to 0.9 in size, a part of how hard the drum was hit.
  ///
  /// - Parameters:
  ///   - index: which sound, from 0.
  ///   - sampleRate: frames per second, at least 1,000.
  ///   - length: frames; a sound that is not over by then fades out in the last 5 ms.
  public func clip(_ index: Int, sampleRate: Int, length: Int) -> AudioClip {
    precondition(
      index >= 0 && sampleRate >= 1000 && length > 0, "a drum sound has an index, a rate and a length")
    var random = SplitMix64(seed: seed, index: index)
    let level = random.number(in: 0.25...0.9)
    var canvas = DrumCanvas(sampleRate: sampleRate, length: length)
    switch drum(at: index) {
    case .kick: Kick(&random).render(on: &canvas, &random)
    case .snare: Snare(&random).render(on: &canvas, &random)
    case .hat: Hat(&random).render(on: &canvas, &random)
    case .clap: Clap(&random).render(on: &canvas, &random)
    case .tom: Tom(&random).render(on: &canvas, &random)
    }
    return AudioClip(samples: canvas.finished(level: level), sampleRate: sampleRate)
  }
}

extension SplitMix64 {
  /// A number uniform in a range.
  mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  /// A number whose logarithm is uniform, as frequencies and times are heard.
  mutating func logarithmic(in range: ClosedRange<Double>) -> Double {
    range.lowerBound * pow(range.upperBound / range.lowerBound, unit())
  }

  /// White noise, uniform in [-1, 1).
  mutating func noise() -> Double { 2 * unit() - 1 }
}

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
      sourceFrames: options.length, sourceRate: sampleRate, rate: sampleRate,
      largestBlock: options.length)
  }

  func samples(block: Int, of layout: BlockLayout) throws -> [Float] {
    try machine.clip(index, sampleRate: sampleRate, length: options.length)
      .mixed(toChannels: options.channels).samples
  }
}
