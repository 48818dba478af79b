import Foundation

/// What the adversarial phase changed against what it began with, column by column, for better or worse, in one run or in the
/// mean of several.
///
/// A difference within two standard errors of it is called noise, and no verdict is given where there are none. Rows that
/// share their draws differ by less than independent ones would: where the error of the difference itself is known, from
/// pairs, it decides; elsewhere the errors are added as if the rows were independent, which makes the verdict careful.
///
/// Runs of several seeds are pooled: what is within the noise of each run may be plain in their mean.
public struct DuelEffect: CustomStringConvertible {
  /// One run before and after its adversarial phase.
  public struct Run {
    /// The row of what the game began with.
    public var start: EvaluationTable.Row
    /// The row of the model.
    public var end: EvaluationTable.Row
    /// By column key, standard errors of differences that were measured pair by pair.
    public var pairedErrors: [String: Double]

    /// Gathers the rows of a run.
    public init(
      start: EvaluationTable.Row, end: EvaluationTable.Row, pairedErrors: [String: Double] = [:]
    ) {
      (self.start, self.end, self.pairedErrors) = (start, end, pairedErrors)
    }
  }

  /// A column's change, in the mean over runs.
  private struct Change {
    var before = 0.0
    var after = 0.0
    var error: Double?
  }

  private let title: String
  private let parts: [String]

  /// Compares rows of one table.
  ///
  /// - Parameters:
  ///   - runs: at least one.
  ///   - columns: the table's.
  ///   - pooledErrors: by column key, standard errors of the mean difference of all runs, where they are known from what
  ///     the runs share, such as the held-out samples. Elsewhere runs count as independent.
  public init(
    _ runs: [Run], columns: [EvaluationTable.Column], pooledErrors: [String: Double] = [:]
  ) {
    precondition(!runs.isEmpty, "an effect is that of a run")
    title =
      "What the game changed"
      + (runs.count > 1 ? ", mean of \(runs.count) runs:" : ":")
    parts = columns.compactMap { column in
      guard let change = Self.change(column.key, in: runs, pooledError: pooledErrors[column.key]) else {
        return nil
      }
      func text(_ value: Double, sign: String = "") -> String {
        String(format: "%\(sign).\(column.digits)f", value)
      }
      let (before, after) = (text(change.before), text(change.after))
      let difference = change.after - change.before
      guard before != after || runs.count > 1 && text(difference, sign: "+").contains(/[1-9]/) else {
        return "\(column.name) \(after) unchanged"
      }
      let error = change.error.map { " ± " + text($0) } ?? ""
      return "\(column.name) \(before) to \(after) "
        + "(\(text(difference, sign: "+"))\(error), \(Self.verdict(difference, change.error, column.direction)))"
    }
  }

  /// The comparison, a line for each column.
  public var description: String { ([title] + parts).joined(separator: "\n  ") }

  /// The means over runs; nil unless all runs have both numbers.
  private static func change(_ key: String, in runs: [Run], pooledError: Double?) -> Change? {
    var change = Change()
    var differences: [Double] = []
    var squares: Double? = 0
    let count = Double(runs.count)
    for run in runs {
      guard case .measured(let before)? = run.start.values[key],
        case .measured(let after)? = run.end.values[key]
      else { return nil }
      change.before += before.value / count
      change.after += after.value / count
      differences.append(after.value - before.value)
      let error = run.pairedErrors[key] ?? independentError(before, after)
      squares = squares.flatMap { sum in error.map { sum + $0 * $0 } }
    }
    let sampling = pooledError ?? squares.map { $0.squareRoot() / count }
    // Two runs are too few to estimate how runs differ, and seeds may differ by more than their samples do.
    let scatter = runs.count > 2 ? Score(meanOf: differences).standardError : nil
    change.error = [sampling, scatter].compactMap(\.self).max()
    return change
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
