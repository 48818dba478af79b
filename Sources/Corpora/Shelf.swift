import Failures
import Synchronization

/// How much memory corpora take.
public enum CorpusMemory {
  /// Bytes of samples that a corpus keeps in memory: 1 GiB.
  public static let standard = 1 << 30
}

/// What is known of an item (a sound, a shape) after it has been read once.
public protocol ItemSurvey: Sendable {
  /// Equal for equal content.
  var digest: String { get }
  /// Where the samples of the item begin, in the order of the samples.
  var starts: [Int] { get }
  /// The label that stands in the item's file, where it has one; it goes before that of the file's name.
  var label: String? { get }
  /// The part of the data that the item's file gives it; nil where files and folders say that.
  var part: CorpusPart? { get }
}

extension ItemSurvey {
  /// None.
  public var label: String? { nil }
  /// None.
  public var part: CorpusPart? { nil }
  /// One sample, which is the whole item.
  public var starts: [Int] { [0] }
}

/// An item of a source: what was found, and its numbers in blocks where they may stay in memory.
public struct SurveyedItem<Survey: ItemSurvey>: Sendable {
  /// What was found, or why the item cannot be used.
  public var survey: Result<Survey, UserError>
  /// All blocks of the item, or none.
  public var blocks: [[Float]]

  /// Describes an item.
  public init(_ survey: Result<Survey, UserError>, blocks: [[Float]] = []) {
    self.survey = survey
    self.blocks = blocks
  }
}

/// Something that holds items: a file, or one piece of a built-in set. May be read from any thread, and yields the same
/// numbers each time.
public protocol ShelfSource: Sendable {
  /// What is known of an item.
  associatedtype Survey: ItemSurvey
  /// What messages call the source.
  var name: String { get }
  /// Reads all items once, in order.
  ///
  /// - Parameters:
  ///   - skipsBad: whether items that cannot be used are returned as failures instead of being thrown.
  ///   - reserve: asks to keep so many more numbers in memory; blocks may be returned only where it agreed.
  /// - Throws: `UserError` where the source cannot be read, or an item cannot be used.
  func survey(skipsBad: Bool, reserve: (Int) -> Bool) throws -> [SurveyedItem<Survey>]
  /// Reads a block of an item again.
  ///
  /// - Throws: `UserError` when the source cannot be read any more, or has changed.
  func block(_ number: Int, of survey: Survey) throws -> [Float]
}

/// A block of an item.
public struct ShelfBlock: Hashable, Sendable {
  /// The item's index on the shelf.
  public let item: Int
  /// The block's number in the item.
  public let number: Int

  /// Names a block.
  public init(item: Int, number: Int) { (self.item, self.number) = (item, number) }
}

/// All items of a corpus, surveyed, and their numbers: in memory where they fit, else read when wanted.
///
/// Thread-safe. Files must not change while a shelf is in use.
public final class Shelf<Source: ShelfSource>: Sendable {
  /// Where the items come from.
  public let sources: [Source]
  /// What was found of each item, or why it cannot be used; for a source that cannot be read, one failure.
  public let surveys: [Result<Source.Survey, UserError>]
  /// The index of each item's source.
  public let owners: [Int]
  /// Blocks that are read when wanted; nil where everything is in memory.
  public let cache: BlockCache<ShelfBlock>?
  private let kept: [[[Float]]]

  /// Reads each source once, on all cores.
  ///
  /// What is kept does not depend on which source was ready first.
  /// - Parameters:
  ///   - sources: in the order of the items.
  ///   - skipsBad: whether what cannot be used is noted instead of being an error.
  ///   - budget: bytes of samples to keep in memory.
  /// - Throws: the first source's error, unless `skipsBad`.
  public init(_ sources: [Source], skipsBad: Bool, budget: Int) throws {
    let state = Mutex(ShelfState<Source.Survey>(count: sources.count, budget: budget))
    Workers.perform(sources.count) { index in
      guard state.withLock({ index < $0.firstFailure || skipsBad }) else { return }
      do {
        let items = try sources[index].survey(skipsBad: skipsBad) { count in
          state.withLock { $0.reserve(count) }
        }
        state.withLock { $0.add(items, of: index) }
      } catch {
        let failure = error as? UserError ?? UserError(.inputOutput, "\(sources[index].name): \(error)")
        state.withLock { state in
          state.add([SurveyedItem(.failure(failure))], of: index)
          state.firstFailure = min(state.firstFailure, index)
        }
      }
    }
    let found = state.withLock { $0 }
    // Survey after survey is there, unless an earlier one failed.
    let surveys = found.surveys.flatMap(\.self)
    if !skipsBad { for case .failure(let failure) in surveys { throw failure } }
    let owners = found.surveys.enumerated().flatMap { source, items in items.map { _ in source } }
    self.sources = sources
    self.surveys = surveys
    self.owners = owners
    kept = found.kept.flatMap(\.self)
    cache =
      found.isWithinBudget
      ? nil
      : BlockCache(budget: budget, workers: 2) { key in
        try sources[owners[key.item]].block(key.number, of: surveys[key.item].get())
      }
  }

  deinit { cache?.cancel() }

  /// The surveys of some items, those without one left out.
  public func surveys(of items: [Int]) -> [Source.Survey] { items.compactMap { try? surveys[$0].get() } }

  /// A block of an item, and the seconds that were spent until it was there.
  ///
  /// - Throws: `UserError` when the item cannot be used, its file cannot be read any more, or has changed.
  public func block(_ number: Int, of item: Int) throws -> (samples: [Float], waited: Double) {
    if let cache { return try cache.samples(ShelfBlock(item: item, number: number)) }
    _ = try surveys[item].get()
    return (number < kept[item].count ? kept[item][number] : [], 0)
  }
}

/// What the threads of a survey share.
private struct ShelfState<Survey: ItemSurvey>: Sendable {
  var surveys: [[Result<Survey, UserError>]]
  var kept: [[[[Float]]]]
  var firstFailure = Int.max
  private let budget: Int
  private var bytes = 0
  var isWithinBudget: Bool { bytes <= budget }

  init(count: Int, budget: Int) {
    surveys = Array(repeating: [], count: count)
    kept = Array(repeating: [], count: count)
    self.budget = budget
  }

  mutating func add(_ items: [SurveyedItem<Survey>], of source: Int) {
    surveys[source] = items.map(\.survey)
    if isWithinBudget { kept[source] = items.map(\.blocks) }
  }

  /// Counts numbers that are to be kept. Once they are too many, nothing is kept any more.
  mutating func reserve(_ count: Int) -> Bool {
    guard isWithinBudget else { return false }
    bytes += count * MemoryLayout<Float>.size
    if !isWithinBudget { kept = Array(repeating: [], count: kept.count) }
    return isWithinBudget
  }
}
