import Failures
import Synchronization

/// Samples of one part of a corpus, of which some media know labels.
public protocol LabelledSamples: Sendable {
  /// How many samples there are.
  var count: Int { get }
  /// The label of a sample, an index of the corpus's `labelNames`, or nil without labels.
  func label(at index: Int) -> Int?
}

extension LabelledSamples {
  /// The labels of some samples, as a batch needs them: nil where the samples have none.
  ///
  /// - Parameter indices: which, from 0 to `count - 1`.
  public func labels(at indices: some Sequence<Int>) -> [Int]? {
    let labels = indices.map { label(at: $0) }
    let known = labels.compactMap(\.self)
    return known.count == labels.count && !known.isEmpty ? known : nil
  }
}

/// One part of a corpus: random access to its samples and their labels.
///
/// Thread-safe. A set that fits in memory has been read when the corpus was opened; of a larger one, samples are read
/// when they are asked for, or before that in the background after `prefetch`.
public final class SampleSet<Sample>: LabelledSamples {
  private let labels: [Int?]
  private let read: @Sendable (_ index: Int, _ draw: UInt64) throws -> (sample: Sample, waited: Double)
  private let readAhead: @Sendable (_ indices: [Int], _ draws: [UInt64]) -> Void
  private let waited = Mutex(0.0)

  /// Makes a set of any samples.
  ///
  /// - Parameters:
  ///   - labels: one for each sample, nil without.
  ///   - read: a sample, and the seconds that were waited for it; a pure function of the index and the draw.
  ///   - readAhead: begins to read samples in the background.
  public init(
    labels: [Int?],
    read: @escaping @Sendable (_ index: Int, _ draw: UInt64) throws -> (sample: Sample, waited: Double),
    readAhead: @escaping @Sendable (_ indices: [Int], _ draws: [UInt64]) -> Void = { _, _ in }
  ) {
    self.labels = labels
    self.read = read
    self.readAhead = readAhead
  }

  /// How many samples there are.
  public var count: Int { labels.count }

  /// The label of a sample, an index of the corpus's `labelNames`, or nil without labels.
  public func label(at index: Int) -> Int? { labels[index] }

  /// A sample.
  ///
  /// - Parameters:
  ///   - index: which, from 0 to `count - 1`.
  ///   - draw: decides what is random in a sample, such as the place of a crop, so the same word gives the same sample.
  /// - Throws: `UserError` when a file that is read now has vanished or changed.
  public func sample(at index: Int, draw: UInt64 = 0) throws -> Sample {
    let (sample, seconds) = try read(index, draw)
    if seconds > 0 { waited.withLock { $0 += seconds } }
    return sample
  }

  /// Has samples read in the background that will be asked for soon, the next first. Does nothing where all are in
  /// memory; what does not fit in memory is left to `sample(at:draw:)`.
  ///
  /// - Parameters:
  ///   - indices: which.
  ///   - draws: the words that `sample(at:draw:)` will be given; without them, what depends on them is not read ahead.
  public func prefetch(_ indices: [Int], draws: [UInt64] = []) { readAhead(indices, draws) }

  /// The time that has been spent waiting for samples to be read, in seconds of all threads together.
  public var waitingSeconds: Double { waited.withLock { $0 } }
}

extension SampleSet {
  /// The same with so many of its samples, evenly spread; with all where it has no more.
  public func thinned(to limit: Int) -> SampleSet<Sample> {
    let size = min(limit, count)
    let chosen = (0..<size).map { $0 * count / size }
    return SampleSet<Sample>(labels: chosen.map { label(at: $0) }) { index, draw in
      // The set that it is taken from counts the waiting.
      (try self.sample(at: chosen[index], draw: draw), 0)
    } readAhead: { indices, draws in
      self.prefetch(indices.map { chosen[$0] }, draws: draws)
    }
  }
}

/// What one medium makes of the items on a shelf: samples, and what identifies and describes them.
public protocol SampleReader: Sendable {
  /// Where the items come from.
  associatedtype Source: ShelfSource
  /// A sample.
  associatedtype Sample

  /// Where the samples of an item begin that belong to a part; all of them unless items are divided.
  func starts(of survey: Source.Survey, in part: CorpusPart) -> [Int]
  /// The blocks that a sample needs, and the numbers in each; empty where that depends on the draw.
  func blocks(of survey: Source.Survey, start: Int, draw: UInt64?) -> [(number: Int, count: Int)]
  /// Makes a sample.
  ///
  /// - Parameter block: reads a block of the item.
  /// - Returns: nil when the item is not what the survey found, because its file has changed.
  func sample(
    of survey: Source.Survey, start: Int, draw: UInt64, block: (Int) throws -> [Float]
  ) throws -> Sample?

  /// The form of the samples, one line: data in another form has another fingerprint.
  var form: String { get }
  /// What identifies the samples of an item.
  func identity(of survey: Source.Survey, starts: [Int]) -> String
  /// Completes a report.
  ///
  /// - Parameter surveys: the items of all parts, each once.
  func describe(_ surveys: [Source.Survey], in report: inout CorpusReport)
}

extension SampleReader {
  /// All samples of the item.
  public func starts(of survey: Source.Survey, in part: CorpusPart) -> [Int] { survey.starts }
}

extension SampleSet {
  /// Makes a set of items on a shelf, each of which has its label's samples in order.
  ///
  /// - Parameters:
  ///   - items: indices on the shelf.
  ///   - part: what the set is for.
  ///   - labels: those of all items on the shelf.
  convenience init<Reader: SampleReader>(
    _ items: [Int], for part: CorpusPart, on shelf: Shelf<Reader.Source>, labels: [Int?], reader: Reader
  ) where Reader.Sample == Sample {
    let entries = items.flatMap { item -> [(item: Int, start: Int)] in
      guard let survey = try? shelf.surveys[item].get() else { return [] }
      return reader.starts(of: survey, in: part).map { (item, $0) }
    }
    self.init(labels: entries.map { labels[$0.item] }) { index, draw in
      let (item, start) = entries[index]
      var waited = 0.0
      let sample = try reader.sample(of: shelf.surveys[item].get(), start: start, draw: draw) { number in
        let (samples, seconds) = try shelf.block(number, of: item)
        waited += seconds
        return samples
      }
      guard let sample else {
        let name = shelf.sources[shelf.owners[item]].name
        throw UserError(.badData, "\(name): the file has changed since it was opened")
      }
      return (sample, waited)
    } readAhead: { indices, draws in
      guard let cache = shelf.cache else { return }
      var wanted: [(key: ShelfBlock, bytes: Int)] = []
      for (position, index) in indices.enumerated() {
        let (item, start) = entries[index]
        guard let survey = try? shelf.surveys[item].get() else { continue }
        let draw = position < draws.count ? draws[position] : nil
        for (number, count) in reader.blocks(of: survey, start: start, draw: draw) {
          wanted.append((ShelfBlock(item: item, number: number), count * MemoryLayout<Float>.size))
        }
      }
      cache.prefetch(wanted)
    }
  }
}
