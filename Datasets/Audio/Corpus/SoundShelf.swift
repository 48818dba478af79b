import Corpora
import Dispatch
import Failures
import Synchronization

/// A block of a sound.
struct SoundBlock: Hashable, Sendable {
  let sound: Int
  let block: Int
}

/// All sounds of a corpus, surveyed, and their samples: in memory where they fit, else decoded when wanted.
final class SoundShelf: Sendable {
  /// Bytes of samples that a corpus keeps in memory.
  static let defaultBudget = 1 << 30

  let sources: [any ClipSource]
  /// What the survey found of each source, or why it failed.
  let surveys: [Result<SurveyedSound, UserError>]
  /// Blocks that are decoded when wanted; nil where everything is in memory.
  let cache: BlockCache<SoundBlock>?
  private let channels: Int
  private let kept: [KeptSound?]

  /// The part of a sound that is in memory.
  fileprivate struct KeptSound: Sendable {
    /// The frame that the first block begins with.
    var start = 0
    var blocks: [[Float]] = []
  }

  /// Decodes each source once, on all cores.
  ///
  /// What is kept does not depend on which source was ready first.
  /// - Throws: the first source's error, unless `options.skipBad`.
  init(_ sources: [any ClipSource], options: AudioCorpusOptions, sampleRate: Int, budget: Int) throws {
    let state = Mutex(Survey(count: sources.count, budget: budget))
    DispatchQueue.concurrentPerform(iterations: sources.count) { index in
      guard state.withLock({ index < $0.firstFailure || options.skipBad }) else { return }
      let source = sources[index]
      do {
        // Of a sound with several blocks, all are kept or none, so that memory stays bounded on the way.
        var blocks: [[Float]] = []
        var isKept = true
        let sound = try SurveyedSound(source, options: options, sampleRate: sampleRate) { block in
          guard isKept else { return }
          blocks.append(block)
          guard blocks.count > 1 else { return }
          isKept =
            options.slicing != .first
            && state.withLock { state in
              (blocks.count == 2 ? blocks : [block]).allSatisfy { state.reserve($0.count) }
            }
          if !isKept { blocks = [] }
        }
        var kept = KeptSound(blocks: blocks)
        if kept.blocks.count < 2 {
          kept = try Self.needed(of: sound, from: source, block: blocks.first, options: options)
        }
        state.withLock { state in
          state.surveys[index] = .success(sound)
          if kept.blocks.count > 1 || state.reserve(kept.blocks.first?.count ?? 0) {
            state.keep(kept, of: index)
          }
        }
      } catch {
        let failure = error as? UserError ?? UserError(.inputOutput, "\(source.name): \(error)")
        state.withLock { state in
          state.surveys[index] = .failure(failure)
          state.firstFailure = min(state.firstFailure, index)
        }
      }
    }
    let survey = state.withLock { $0 }
    // Survey after survey is there, unless an earlier one failed.
    let surveys = survey.surveys.compactMap(\.self)
    if !options.skipBad { for case .failure(let failure) in surveys { throw failure } }
    self.sources = sources
    self.surveys = surveys
    channels = options.channels
    kept = survey.kept
    cache =
      survey.isWithinBudget
      ? nil
      : BlockCache(budget: budget, workers: 2) { key in
        let layout = try surveys[key.sound].get().layout
        return try sources[key.sound].samples(block: key.block, of: layout)
      }
  }

  deinit { cache?.cancel() }

  /// Scaled samples of `count` frames from `start` on, with zeros beyond the sound's end, and the seconds that
  /// were spent until they had been decoded.
  ///
  /// - Throws: `UserError` when a file cannot be decoded any more, or has changed.
  func samples(of index: Int, from start: Int, count: Int) throws -> (samples: [Float], waited: Double) {
    let sound = try surveys[index].get()
    let end = min(start + count, sound.sound.upperBound)
    var samples = [Float]()
    samples.reserveCapacity(count * channels)
    var waited = 0.0
    var position = start
    while position < end {
      let (block, blockStart, seconds) = try block(of: index, at: position, in: sound.layout)
      waited += seconds
      let first = (position - blockStart) * channels
      let last = min(block.count, (end - blockStart) * channels)
      guard first < last else {
        throw UserError(.badData, "\(sources[index].name): the file has changed since it was opened")
      }
      let gain = sound.gain
      block.withUnsafeBufferPointer { block in
        for offset in first..<last { samples.append(block[offset] * gain) }
      }
      position = blockStart + last / channels
    }
    samples.append(contentsOf: repeatElement(0, count: count * channels - samples.count))
    return (samples, waited)
  }

  /// Has the blocks of a range decoded in the background.
  func prefetch(_ ranges: [(index: Int, start: Int, count: Int)]) {
    guard let cache else { return }
    var wanted: [(key: SoundBlock, bytes: Int)] = []
    for (index, start, count) in ranges {
      guard let sound = try? surveys[index].get() else { continue }
      let end = min(start + count, sound.sound.upperBound)
      guard start < end else { continue }
      let block = sound.layout.block
      let last = min(sound.layout.count - 1, (end - 1) / block)
      for number in min(last, start / block)...last {
        let frames = sound.layout.count == 1 ? sound.sound.upperBound : block
        wanted.append((SoundBlock(sound: index, block: number), frames * channels * MemoryLayout<Float>.size))
      }
    }
    cache.prefetch(wanted)
  }

  /// The block that holds a frame, its first frame, and the seconds that were waited for it.
  private func block(
    of index: Int, at frame: Int, in layout: BlockLayout
  ) throws -> (samples: [Float], start: Int, waited: Double) {
    let number = layout.count == 1 ? 0 : frame / layout.block
    guard let cache else {
      guard let kept = kept[index], let first = kept.blocks.first else { return ([], frame, 0) }
      return kept.blocks.count == 1 ? (first, kept.start, 0) : (kept.blocks[number], number * layout.block, 0)
    }
    let (samples, waited) = try cache.samples(.init(sound: index, block: number))
    return (samples, number * layout.block, waited)
  }

  /// The part of a sound that its samples come from, where that is at most a block or one sample per sound.
  private static func needed(
    of sound: SurveyedSound, from source: any ClipSource, block: [Float]?, options: AudioCorpusOptions
  ) throws -> KeptSound {
    guard let first = sound.starts.first else { return KeptSound() }
    guard let block else {
      guard options.slicing == .first else { return KeptSound() }
      return KeptSound(
        start: first, blocks: [try beginning(of: sound, at: first, from: source, options: options)])
    }
    let length = options.slicing == .first ? options.length : sound.sound.count
    let end = min(first + length, sound.sound.upperBound)
    guard first > 0 || end * options.channels < block.count else { return KeptSound(blocks: [block]) }
    return KeptSound(
      start: first, blocks: [Array(block[first * options.channels..<end * options.channels])])
  }

  /// Decodes one sample of a sound with several blocks.
  private static func beginning(
    of sound: SurveyedSound, at first: Int, from source: any ClipSource, options: AudioCorpusOptions
  ) throws -> [Float] {
    let end = min(first + options.length, sound.sound.upperBound)
    let block = sound.layout.block
    var samples: [Float] = []
    for index in first / block...(end - 1) / block {
      let decoded = try source.samples(block: index, of: sound.layout)
      let range = max(0, first - index * block)..<min(block, end - index * block)
      samples += decoded.dropFirst(range.lowerBound * options.channels).prefix(range.count * options.channels)
    }
    return samples
  }
}

/// What the threads of a survey share.
private struct Survey: Sendable {
  var surveys: [Result<SurveyedSound, UserError>?]
  var kept: [SoundShelf.KeptSound?]
  var firstFailure = Int.max
  private let budget: Int
  private var bytes = 0
  var isWithinBudget: Bool { bytes <= budget }

  init(count: Int, budget: Int) {
    surveys = Array(repeating: nil, count: count)
    kept = Array(repeating: nil, count: count)
    self.budget = budget
  }

  /// Keeps what has been reserved.
  mutating func keep(_ sound: SoundShelf.KeptSound, of index: Int) {
    if isWithinBudget { kept[index] = sound }
  }

  /// Counts samples that are to be kept. Once they are too many, nothing is kept any more.
  mutating func reserve(_ count: Int) -> Bool {
    guard isWithinBudget else { return false }
    bytes += count * MemoryLayout<Float>.size
    if !isWithinBudget { kept = Array(repeating: nil, count: kept.count) }
    return isWithinBudget
  }
}
