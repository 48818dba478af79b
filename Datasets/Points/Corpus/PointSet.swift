import Failures
import Synchronization

/// One part of a corpus: shapes, and samples of their points.
///
/// Thread-safe. A set that fits in memory has been read when the corpus was opened; of a larger one, shapes are
/// read when they are asked for, or before that in the background after `prefetch`.
public final class PointSet: Sendable {
  /// The places of the shapes on the shelf.
  private let shapes: [Int]
  private let shelf: ShapeShelf
  /// The label of each shape on the shelf.
  private let labels: [Int?]
  /// How each of the set's shapes is normalised.
  private let placements: [Placement]
  private let waited = Mutex(0.0)

  init(_ shapes: [Int], on shelf: ShapeShelf, labels: [Int?], frame: PointFrame) {
    self.shapes = shapes
    self.shelf = shelf
    self.labels = labels
    placements = shapes.map { shape in
      guard case .success(let survey) = shelf.surveys[shape] else { return Placement() }
      return frame.placement(survey.extent)
    }
  }

  /// How many shapes there are.
  public var count: Int { shapes.count }

  /// The label of a shape, an index of the corpus's `labelNames`, or nil without labels.
  public func label(at index: Int) -> Int? { labels[shapes[index]] }

  /// A sample of a shape's points, `[count, 3]`, in random order, normalised as the whole shape is.
  ///
  /// The points are drawn as by `PointCloud.drawn(_:draw:)`.
  ///
  /// - Parameters:
  ///   - index: which shape, from 0 to `self.count - 1`.
  ///   - count: how many points.
  ///   - draw: decides which points, so the same word gives the same sample.
  /// - Throws: `UserError` when a file that is read now has vanished or changed.
  public func points(at index: Int, count: Int, draw: UInt64) throws -> [Float] {
    let shape = PointCloud(try coordinates(at: index))
    return placements[index].moved(shape.drawn(count, draw: draw)).coordinates
  }

  /// All points of a shape, in the order of its file, normalised.
  ///
  /// - Throws: `UserError` when a file that is read now has vanished or changed.
  public func shape(at index: Int) throws -> PointCloud {
    placements[index].moved(PointCloud(try coordinates(at: index)))
  }

  /// Has shapes read in the background that will be asked for soon, the next first. Does nothing where all are in
  /// memory; what does not fit in memory is left to `points(at:count:draw:)`.
  public func prefetch(_ indices: [Int]) {
    shelf.prefetch(indices.map { shapes[$0] })
  }

  /// The time that has been spent waiting for shapes to be read, in seconds of all threads together.
  public var waitingSeconds: Double { waited.withLock { $0 } }

  private func coordinates(at index: Int) throws -> [Float] {
    let (coordinates, seconds) = try shelf.coordinates(of: shapes[index])
    if seconds > 0 { waited.withLock { $0 += seconds } }
    return coordinates
  }
}
