import Synchronization

/// One part of a corpus: samples of one length.
///
/// Thread-safe. A set that fits in memory has been decoded when the corpus was opened; of a larger one, samples are
/// decoded when they are asked for, or before that in the background after `prefetch`.
public final class AudioSet: Sendable {
  /// A sample: which sound it is of, and where it begins.
  struct Entry: Equatable, Sendable {
    var sound: Int
    var start: Int
  }

  let entries: [Entry]
  private let shelf: SoundShelf
  /// The label of each sound.
  private let labels: [Int?]
  private let rule: SliceRule
  private let waited = Mutex(0.0)

  init(_ entries: [Entry], on shelf: SoundShelf, labels: [Int?], rule: SliceRule) {
    self.entries = entries
    self.shelf = shelf
    self.labels = labels
    self.rule = rule
  }

  /// How many samples there are.
  public var count: Int { entries.count }

  /// The label of a sample, an index of the corpus's `labelNames`, or nil without labels.
  public func label(at index: Int) -> Int? { labels[entries[index].sound] }

  /// A sample: `length * channels` scaled values, interleaved.
  ///
  /// - Parameters:
  ///   - index: which, from 0 to `count - 1`.
  ///   - crop: decides the place of a random crop, so the same word gives the same sample; otherwise ignored. A crop
  ///     is silent from end to end only where nearly all of its sound is.
  /// - Throws: `UserError` when a file that is decoded now has vanished or changed.
  public func samples(at index: Int, crop: UInt64) throws -> [Float] {
    let entry = entries[index]
    let start = try start(of: entry, crop: crop)
    let (samples, seconds) = try shelf.samples(of: entry.sound, from: start, count: rule.length)
    if seconds > 0 { waited.withLock { $0 += seconds } }
    return samples
  }

  /// Has samples decoded in the background that will be asked for soon, the next first. Does nothing where all are
  /// in memory; what does not fit in memory is left to `samples(at:crop:)`.
  ///
  /// - Parameters:
  ///   - indices: which.
  ///   - crops: the words that `samples(at:crop:)` will be given. Without them, random crops of files longer than
  ///     some seconds are not decoded ahead.
  public func prefetch(_ indices: [Int], crops: [UInt64] = []) {
    guard shelf.cache != nil else { return }
    var ranges: [(index: Int, start: Int, count: Int)] = []
    for (position, index) in indices.enumerated() {
      let entry = entries[index]
      let hasOneBlock = (try? shelf.surveys[entry.sound].get().layout.count) == 1
      guard rule.slicing != .random || position < crops.count || hasOneBlock else { continue }
      let crop = position < crops.count ? crops[position] : 0
      guard let start = try? start(of: entry, crop: crop) else { continue }
      ranges.append((entry.sound, start, rule.length))
    }
    shelf.prefetch(ranges)
  }

  /// The time that `samples(at:crop:)` has spent waiting for sound to be decoded, in seconds of all threads together.
  public var waitingSeconds: Double { waited.withLock { $0 } }

  private func start(of entry: Entry, crop: UInt64) throws -> Int {
    guard rule.slicing == .random else { return entry.start }
    let sound = try shelf.surveys[entry.sound].get()
    return rule.crop(crop, of: sound.sound, loud: sound.loud, peakFrame: sound.peakFrame)
  }
}
