import BenchmarkSupport
import Metrics

/// Scores of many draws of one kind of row, column by column.
struct Trial {
  /// The heading of the lines that `report` prints.
  static let heading = """
    | column | row | n | mean | deviation | reported | ratio | spread | within 15 % |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    """

  private let name: String
  private let count: Int
  private var names: [String] = []
  private var scores: [String: [Score]] = [:]

  /// A trial without draws.
  ///
  /// - Parameters:
  ///   - name: what rows hold, in words.
  ///   - count: how many samples each.
  init(_ name: String, count: Int) {
    (self.name, self.count) = (name, count)
  }

  /// Adds one draw's score.
  mutating func add(_ score: Score, as column: String) {
    if scores[column] == nil { names.append(column) }
    scores[column, default: []].append(score)
  }

  /// Adds one draw's cells of a table.
  ///
  /// - Parameters:
  ///   - cells: by column key.
  ///   - columns: those to add, in this order.
  mutating func add(_ cells: [String: EvaluationTable.Cell], columns: [EvaluationTable.Column]) {
    for column in columns {
      guard case .measured(let score)? = cells[column.key] else { continue }
      add(score, as: column.name)
    }
  }

  /// Prints a line for each column.
  func report() {
    for name in names { print(line(name, scores[name] ?? [])) }
  }

  private func line(_ column: String, _ scores: [Score]) -> String {
    let count = Double(scores.count)
    let mean = scores.reduce(0) { $0 + $1.value } / count
    let squares = scores.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    let deviation = (squares / (count - 1)).squareRoot()
    let errors = scores.compactMap(\.standardError)
    let start =
      "| \(column.replacing("|", with: "\\|")) | \(name) | \(self.count) | \(significant(mean)) | \(significant(deviation)) |"
    guard !errors.isEmpty else { return start + " none | | | |" }
    let reported = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    let ratio = deviation > 0 ? spelled(reported / deviation, digits: 2) : "–"
    let isRight = deviation > 0 ? abs(reported / deviation - 1) <= 0.15 : reported == 0
    let average = errors.reduce(0, +) / Double(errors.count)
    let spread = (max(0, reported * reported - average * average)).squareRoot() / max(reported, 1e-300)
    return start + " \(significant(reported)) | \(ratio) |"
      + " \(spelled(100 * spread, digits: 0)) % | \(isRight ? "yes" : "no") |"
  }

  /// A number to about three digits.
  private func significant(_ value: Double) -> String {
    let size = abs(value)
    return spelled(value, digits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6)
  }
}
