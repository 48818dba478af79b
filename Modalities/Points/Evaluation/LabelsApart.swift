import Metrics
import ModalityKit
import PointDatasets
import Torch

/// The rows of a table once more for each label, from the distances that the table has measured.
///
/// A model of several labels can be good at all of them together and poor at one. Of each label as many clouds of every row
/// are compared as the row with the fewest has, with as many held-out ones.
struct LabelsApart {
  /// The fewest clouds of a label whose neighbours are compared.
  static let minimum = PointEvaluation.minimum

  /// What is known of a row.
  struct Row {
    var name: String
    var source: EvaluationTable.Source
    var seed: UInt64?
    /// The label of each cloud.
    var labels: [Int]
    var neighbourhood: PointScores.Neighbourhood
    /// As of `CloudTwoSampleTest`.
    var features: Tensor
  }

  /// Clouds of one label, as many of each row.
  private struct Group {
    let label: Int
    let heldOut: [Int]
    /// For each row.
    let rows: [[Int]]
  }

  private let names: [String]
  private let heldOut: [Int]
  private var rows: [Row] = []

  /// Prepares tables.
  ///
  /// - Parameters:
  ///   - names: of the labels, by index.
  ///   - heldOut: the label of each held-out cloud.
  init(names: [String], heldOut: [Int]) { (self.names, self.heldOut) = (names, heldOut) }

  /// Adds a row after the others.
  mutating func add(_ row: Row) { rows.append(row) }

  /// The columns: those that tell most, and cost nothing more.
  static func columns(points: Int) -> [EvaluationTable.Column] {
    let told = EvaluationTable.Column.toldByFeatures(count: 0)
    return PointScores.columns(points: points).filter {
      ["accuracyCD", "accuracyEMD", "trainRatio"].contains($0.key)
    } + [
      .init(
        key: told.key, name: told.name, unit: told.unit, direction: told.direction, digits: told.digits,
        errorNote: told.errorNote)
    ]
  }

  /// A table for each label that has enough clouds.
  ///
  /// - Parameters:
  ///   - points: of each cloud.
  ///   - scores: what measured the rows.
  ///   - tests: what tested them.
  ///   - seed: of the halves behind errors, and of the deals of tests.
  /// - Returns: the tables, and what is to be said of them.
  func tables(points: Int, scores: inout PointScores, tests: CloudTwoSampleTest, seed: UInt64) throws
    -> (parts: [EvaluationTable.Part], notes: [String])
  {
    guard !rows.isEmpty else { return ([], []) }
    let groups = names.indices.map { group(of: $0) }
    let shown = groups.filter { $0.heldOut.count >= Self.minimum }
    let columns = Self.columns(points: points)
    var tables = shown.map { _ in EvaluationTable(columns: columns) }
    let references = shown.map(\.heldOut)
    for (index, row) in rows.enumerated() {
      let parts = zip(shown, references).map { PointScores.Part(clouds: $0.rows[index], heldOut: $1) }
      let cells = try scores.measure(parts, of: row.neighbourhood, seed: seed)
      for (place, part) in parts.enumerated() {
        let told = try tests.toldByFeatures(row.features, at: part.clouds, heldOut: part.heldOut, seed: seed)
        tables[place].add(
          .init(
            name: row.name, source: row.source, sampleCount: part.clouds.count, seed: row.seed,
            values: cells[place].merging(["toldByFeatures": told]) { $1 }))
      }
    }
    let parts = zip(shown, tables).map { EvaluationTable.Part(title: names[$0.label], table: $1) }
    return (
      parts, notes(leftOut: groups.filter { $0.heldOut.count < Self.minimum }, areShown: !shown.isEmpty)
    )
  }

  /// Clouds of a label, evenly spread over those of each row.
  private func group(of label: Int) -> Group {
    func members(_ labels: [Int]) -> [Int] { labels.indices.filter { labels[$0] == label } }
    let (real, own) = (members(heldOut), rows.map { members($0.labels) })
    let count = (own + [real]).map(\.count).min() ?? 0
    func chosen(_ members: [Int]) -> [Int] {
      EvenSpread.indices(count, outOf: members.count).map { members[$0] }
    }
    return Group(label: label, heldOut: chosen(real), rows: own.map(chosen))
  }

  private func notes(leftOut: [Group], areShown: Bool) -> [String] {
    var notes: [String] = []
    if areShown {
      notes.append(
        "Each label apart: as many clouds of every row as the row with the fewest has, against as many held-out ones of the "
          + "label, by the table's own distances; those to training clouds are to clouds of all labels."
      )
    }
    if !leftOut.isEmpty {
      let counts = leftOut.map { "\(names[$0.label]) (\($0.heldOut.count))" }.joined(separator: ", ")
      notes.append("Not shown apart, as some row has fewer than \(Self.minimum) clouds of them: \(counts).")
    }
    return notes
  }
}
