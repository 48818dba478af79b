import Foundation

/// What the adversarial phase changed against the warm start, column by column, for better or worse.
///
/// A difference within two standard errors of it is called noise, and no verdict is given where there are none. Rows that
/// share their draws differ by less than independent ones would: where the error of the difference itself is known, from
/// pairs, it decides; elsewhere the errors are added as if the rows were independent, which makes the verdict careful.
public struct DuelEffect: CustomStringConvertible {
  private let parts: [String]

  /// Compares two rows of one table.
  ///
  /// - Parameters:
  ///   - start: the row of the warm start.
  ///   - end: the row of the model.
  ///   - columns: the table's.
  ///   - pairedErrors: by column key, standard errors of differences that were measured pair by pair.
  public init(
    from start: EvaluationTable.Row, to end: EvaluationTable.Row, columns: [EvaluationTable.Column],
    pairedErrors: [String: Double] = [:]
  ) {
    parts = columns.compactMap { column in
      guard case .measured(let before) = start.values[column.key],
        case .measured(let after) = end.values[column.key]
      else { return nil }
      func text(_ value: Double, sign: String = "") -> String {
        String(format: "%\(sign).\(column.digits)f", value)
      }
      let change = after.value - before.value
      let error = pairedErrors[column.key] ?? Self.independentError(before, after)
      guard text(before.value) != text(after.value) else {
        return "\(column.name) \(text(after.value)) unchanged"
      }
      return "\(column.name) \(text(before.value)) to \(text(after.value)) "
        + "(\(text(change, sign: "+")), \(Self.verdict(change, error, column.direction)))"
    }
  }

  /// The comparison, a line for each column.
  public var description: String {
    (["What the duel changed against the warm start:"] + parts).joined(separator: "\n  ")
  }

  private static func independentError(_ before: Score, _ after: Score) -> Double? {
    guard let first = before.standardError, let second = after.standardError else { return nil }
    return (first * first + second * second).squareRoot()
  }

  private static func verdict(
    _ change: Double, _ error: Double?, _ direction: EvaluationTable.Direction
  ) -> String {
    guard let error else { return "of unknown error" }
    if abs(change) <= 2 * error { return "within noise" }
    switch direction {
    case .neutral: return change > 0 ? "more" : "less"
    case .lower: return change < 0 ? "better" : "worse"
    case .higher: return change > 0 ? "better" : "worse"
    }
  }
}
