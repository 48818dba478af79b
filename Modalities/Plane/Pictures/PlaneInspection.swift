import Failures
import Files
import Foundation
import ModalityKit
import PlaneDatasets

extension Inspection {
  /// What is read of tables of points.
  ///
  /// - Parameters:
  ///   - source: the data.
  ///   - options: how tables are read.
  /// - Throws: `UserError` that names file, line and column.
  init(points source: DataSource, options: PlaneDataOptions) throws {
    let read = try MeasuredPoints(
      source.path ?? "", validation: source.validation, holdout: source.holdout, options: options)
    self.init(
      noun: "points", files: read.tables, samples: read.points.count, labels: read.labels,
      leftOut: read.omissions.entries)
    facts = [Fact("columns", read.columnNames.joined(separator: " and "))]
    members["columns"] = .array(read.columnNames.map { .string($0) })
    guard !read.points.isEmpty else { return }
    let (low, high, mean, deviations) = (read.minimum, read.maximum, read.mean, read.deviations)
    func words(_ coordinate: (PlanePoint) -> Double) -> String {
      let numbers = [low, high, mean, deviations].map { String(format: "%.7g", coordinate($0)) }
      return "\(numbers[0]) to \(numbers[1]), mean \(numbers[2]), deviation \(numbers[3])"
    }
    facts += [Fact("x", words(\.x)), Fact("y", words(\.y))]
    for (key, value) in [
      ("minimum", low), ("maximum", high), ("mean", mean), ("deviation", deviations),
    ] {
      members[key] = .array([value.x, value.y].map { JSONValue(number: $0) })
    }
    let shown = Self.spread(read.points, atMost: Self.mostDots)
    picture = {
      PlanePicture(window: PlaneWindow(around: read.points), density: nil)
        .picture(PlaneState(samples: shown, surface: []), side: Self.side)
    }
  }

  /// Points that a picture shows, and pixels of its sides.
  private static var mostDots: Int { 20_000 }
  private static var side: Int { 512 }
}
