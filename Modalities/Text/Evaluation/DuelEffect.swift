import Adversarial
import Foundation

/// What the adversarial phase changed against the warm start, column by column, for better or worse.
///
/// A difference within two standard errors of it is called noise, and no verdict is given where there are none. The errors are added as if the two rows were
/// independent; that they share their draws makes the verdict careful.
struct DuelEffect: CustomStringConvertible {
  private let parts: [String]

  /// Compares two rows of one table.
  init(from start: EvaluationTable.Row, to end: EvaluationTable.Row, columns: [EvaluationTable.Column]) {
    parts = columns.compactMap { column in
      guard case .measured(let before) = start.values[column.key],
        case .measured(let after) = end.values[column.key]
      else { return nil }
      func text(_ value: Double, sign: String = "") -> String {
        String(format: "%\(sign).\(column.digits)f", value)
      }
      let change = after.value - before.value
      guard text(before.value) != text(after.value) else {
        return "\(column.name) \(text(after.value)) unchanged"
      }
      return "\(column.name) \(text(before.value)) to \(text(after.value)) "
        + "(\(text(change, sign: "+")), \(Self.verdict(before, after, column.direction)))"
    }
  }

  /// The comparison, a line for each column.
  var description: String {
    (["What the duel changed against the warm start:"] + parts).joined(separator: "\n  ")
  }

  private static func verdict(_ before: Score, _ after: Score, _ direction: EvaluationTable.Direction)
    -> String
  {
    let change = after.value - before.value
    guard let first = before.standardError, let second = after.standardError else {
      return "of unknown error"
    }
    if abs(change) <= 2 * (first * first + second * second).squareRoot() { return "within noise" }
    switch direction {
    case .neutral: return change > 0 ? "more" : "less"
    case .lower: return change < 0 ? "better" : "worse"
    case .higher: return change > 0 ? "better" : "worse"
    }
  }
}
