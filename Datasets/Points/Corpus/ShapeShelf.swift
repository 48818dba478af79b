import Corpora
import Dispatch
import Failures
import Synchronization

/// All shapes of a corpus, surveyed, and their points: in memory where they fit, else read when wanted.
final class ShapeShelf: Sendable {
  /// Bytes of coordinates that a corpus keeps in memory.
  static let defaultBudget = 1 << 30

  let sources: [any ShapeSource]
  /// What was found of each shape, or why it cannot be used; for a source that cannot be opened, one failure.
  let surveys: [Result<SurveyedShape, UserError>]
  /// The source of each of them.
  let owners: [Int]
  /// Shapes that were read when wanted; nil where everything is in memory.
  let cache: BlockCache<Int>?
  private let kept: [PointCloud?]

  /// Reads each source once, on all cores.
  ///
  /// What is kept does not depend on which source was ready first.
  /// - Throws: the first source's error, unless `options.skipBad`.
  init(_ sources: [any ShapeSource], options: PointCorpusOptions, budget: Int) throws {
    let state = Mutex(Survey(count: sources.count, budget: budget))
    DispatchQueue.concurrentPerform(iterations: sources.count) { index in
      guard state.withLock({ index < $0.firstFailure || options.skipBad }) else { return }
      let source = sources[index]
      var shapes: [Result<SurveyedShape, UserError>] = []
      var clouds: [PointCloud?] = []
      do {
        let stack = try source.open()
        for place in 0..<stack.count {
          do {
            let cloud = try stack.cloud(at: place)
            let shape = try SurveyedShape(
              cloud, source: index, place: place, name: stack.name(of: place, in: source.name),
              options: options)
            shapes.append(.success(shape))
            clouds.append(state.withLock { $0.reserve(cloud.coordinates.count) } ? cloud : nil)
          } catch let failure as UserError where options.skipBad {
            shapes.append(.failure(failure))
            clouds.append(nil)
          }
        }
      } catch {
        let failure = error as? UserError ?? UserError(.inputOutput, "\(source.name): \(error)")
        (shapes, clouds) = ([.failure(failure)], [nil])
        state.withLock { $0.firstFailure = min($0.firstFailure, index) }
      }
      state.withLock { state in
        state.surveys[index] = shapes
        state.keep(clouds, of: index)
      }
    }
    let survey = state.withLock { $0 }
    // Survey after survey is there, unless an earlier one failed.
    let surveys = survey.surveys.flatMap(\.self)
    if !options.skipBad { for case .failure(let failure) in surveys { throw failure } }
    self.sources = sources
    self.surveys = surveys
    owners = survey.surveys.enumerated().flatMap { source, shapes in shapes.map { _ in source } }
    guard survey.isWithinBudget else {
      kept = []
      cache = BlockCache(budget: budget, workers: 2) { shape in
        try Self.read(surveys[shape].get(), from: sources).coordinates
      }
      return
    }
    kept = survey.kept.flatMap(\.self)
    cache = nil
  }

  deinit { cache?.cancel() }

  /// The points of a shape as they are in the file, `[N, 3]`, and the seconds that were spent until they were there.
  ///
  /// - Throws: `UserError` when a file cannot be read any more, or has changed.
  func coordinates(of shape: Int) throws -> (coordinates: [Float], waited: Double) {
    guard let cache else {
      guard let cloud = kept[shape] else { throw unusable(shape) }
      return (cloud.coordinates, 0)
    }
    let (coordinates, waited) = try cache.samples(shape)
    return (coordinates, waited)
  }

  /// Has shapes read in the background.
  func prefetch(_ shapes: [Int]) {
    guard let cache else { return }
    cache.prefetch(
      shapes.compactMap { shape in
        guard let survey = try? surveys[shape].get() else { return nil }
        return (shape, survey.extent.count * 3 * MemoryLayout<Float>.size)
      })
  }

  private func unusable(_ shape: Int) -> UserError {
    if case .failure(let failure) = surveys[shape] { return failure }
    return UserError(.badData, "\(sources[owners[shape]].name): found no shape")
  }

  private static func read(_ shape: SurveyedShape, from sources: [any ShapeSource]) throws -> PointCloud {
    let source = sources[shape.source]
    let stack = try source.open()
    let cloud = shape.place < stack.count ? try stack.cloud(at: shape.place) : nil
    guard let cloud, cloud.count == shape.extent.count else {
      throw UserError(.badData, "\(source.name): the file has changed since it was opened")
    }
    return cloud
  }
}

/// What the threads of a survey share.
private struct Survey: Sendable {
  var surveys: [[Result<SurveyedShape, UserError>]]
  var kept: [[PointCloud?]]
  var firstFailure = Int.max
  private let budget: Int
  private var bytes = 0
  var isWithinBudget: Bool { bytes <= budget }

  init(count: Int, budget: Int) {
    surveys = Array(repeating: [], count: count)
    kept = Array(repeating: [], count: count)
    self.budget = budget
  }

  /// Keeps what has been reserved.
  mutating func keep(_ clouds: [PointCloud?], of source: Int) {
    if isWithinBudget { kept[source] = clouds }
  }

  /// Counts coordinates that are to be kept. Once they are too many, nothing is kept any more.
  mutating func reserve(_ count: Int) -> Bool {
    guard isWithinBudget else { return false }
    bytes += count * MemoryLayout<Float>.size
    if !isWithinBudget { kept = Array(repeating: [], count: kept.count) }
    return isWithinBudget
  }
}
