import Corpora
import Failures

/// Points of tables as they were read, before they are divided: what a look at data shows.
public struct MeasuredPoints: Sendable {
  /// The points, those of the table first, then those of tables for other parts.
  public let points: [PlanePoint]
  /// How many points have which label; empty without labels.
  public let labels: [String: Int]
  /// What the two columns are called: by their header, or by their numbers.
  public let columnNames: [String]
  /// Tables that were read.
  public let tables: Int
  /// Rows that were left out, by reason.
  public let omissions: Tally

  /// Reads tables.
  ///
  /// - Parameters:
  ///   - path: the table.
  ///   - validation: a table to choose by, which is read too.
  ///   - holdout: a table to hold out, which is read too.
  ///   - options: which columns, and what is left out.
  /// - Throws: `UserError` that names file, line and column.
  public init(
    _ path: String, validation: String? = nil, holdout: String? = nil, options: PlaneDataOptions
  ) throws {
    let paths = [path] + [validation, holdout].compactMap(\.self)
    let read = try paths.map { try PointTable(path: $0, options: options) }
    points = read.flatMap(\.points)
    labels = Dictionary(read.flatMap(\.labels).compactMap(\.self).map { ($0, 1) }, uniquingKeysWith: +)
    (columnNames, tables) = (read[0].columnNames, read.count)
    var omissions = Tally([PlaneCorpus.incomplete])
    for (path, table) in zip(paths, read) {
      omissions.add(PlaneCorpus.incomplete, named: path, count: table.skipped)
    }
    self.omissions = omissions
  }

  /// The least coordinates of all points.
  public var minimum: PlanePoint { points.reduce(PlanePoint(repeating: .infinity), pointwiseMin) }
  /// The greatest.
  public var maximum: PlanePoint { points.reduce(PlanePoint(repeating: -.infinity), pointwiseMax) }
  /// Their means.
  public var mean: PlanePoint { points.reduce(PlanePoint.zero) { $0 + $1 / Double(points.count) } }
  /// Their standard deviations, as training divides by them.
  public var deviations: PlanePoint {
    let mean = mean
    return points.reduce(PlanePoint.zero) { $0 + ($1 - mean) * ($1 - mean) / Double(points.count) }
      .squareRoot()
  }
}
