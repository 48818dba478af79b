import Foundation
import Metrics

/// An evaluation as a page shows it: every score with its error as a point and as text.
public struct ScoredTable: Encodable, Hashable, Sendable {
  /// A metric.
  struct Column: Encodable, Hashable, Sendable {
    let key: String
    let name: String
    let unit: String?
    /// Towards the better side; nil where there is none.
    let arrow: String?
    /// The arrow in words.
    let meaning: String?
  }

  /// A score as a point.
  struct Point: Encodable, Hashable, Sendable {
    let value: Double
    let error: Double?
  }

  /// A row's points by column; nil where there is no finite number.
  struct PointRow: Encodable, Hashable, Sendable {
    let name: String
    let source: String
    let cells: [String: Point?]
  }

  /// A row as text.
  struct Row: Encodable, Hashable, Sendable {
    let name: String
    let source: String
    let count: Int
    let cells: [String]
  }

  /// Names the table in the page, unique on it.
  public let id: String
  /// The step of the model that was measured.
  public let step: Int
  let columns: [Column]
  let points: [PointRow]
  let rows: [Row]
  let notes: [String]

  /// Takes over a table.
  ///
  /// - Parameters:
  ///   - table: the scores.
  ///   - id: names the table in the page: letters, digits and dashes.
  ///   - step: the step of the model that was measured.
  public init(_ table: EvaluationTable, id: String, step: Int) {
    self.id = id
    self.step = step
    columns = table.columns.map { column in
      let meaning: String? =
        switch column.direction {
        case .lower: "smaller is better"
        case .higher: "larger is better"
        case .neutral: nil
        }
      return Column(
        key: column.key, name: column.name, unit: column.unit.isEmpty ? nil : column.unit,
        arrow: column.direction.arrow,
        meaning: meaning)
    }
    points = table.rows.map { row in
      PointRow(name: row.name, source: row.source.rawValue, cells: row.values.mapValues(Self.point))
    }
    rows = table.rows.map { row in
      Row(
        name: row.name, source: row.source.rawValue, count: row.sampleCount,
        cells: table.columns.map { Self.text(row.values[$0.key], $0) })
    }
    notes = table.notes
  }

  private static func point(_ cell: EvaluationTable.Cell) -> Point? {
    guard case .measured(let score) = cell, score.value.isFinite else { return nil }
    return Point(value: score.value, error: score.standardError.flatMap { $0.isFinite ? $0 : nil })
  }

  private static func text(_ cell: EvaluationTable.Cell?, _ column: EvaluationTable.Column) -> String {
    switch cell {
    case .measured(let score):
      column.spelled(score.value) + (score.standardError.map { " ± " + column.spelled($0) } ?? "")
    case .missing(let reason): "– (\(reason))"
    case nil: "–"
    }
  }
}
