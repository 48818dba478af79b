import Failures

/// How files become samples, as a recipe stores it: what the options of every data set have in common.
///
/// A recipe calls these keys `data.labels`, `data.holdoutPattern` and `data.skipBad`.
public protocol CorpusOptions: Codable, Equatable, Sendable {
  /// Where labels (conditions) come from, as `LabelRule` reads it; nil for none.
  var labels: String? { get set }
  /// A regular expression that is searched in the path below the folder: files where it is found are held out.
  var holdoutPattern: String? { get set }
  /// Whether files and items that cannot be used are left out and counted, instead of being an error.
  var skipBad: Bool { get set }
}

extension CorpusOptions {
  /// The rule that files are held out by.
  ///
  /// - Parameter isSeparate: whether data to hold out was named.
  /// - Throws: `UserError` (usage) for a malformed regular expression, and for one beside separate data.
  public func holdoutRule(isSeparate: Bool) throws -> HoldoutRule {
    let rule = try HoldoutRule(pattern: holdoutPattern)
    guard isSeparate else { return rule }
    guard holdoutPattern == nil else {
      throw UserError(.usage, "--holdout-pattern: found beside --holdout, expected one of the two")
    }
    return .separate
  }

  /// Checks that labels and held-out files can be read from names.
  ///
  /// - Throws: `UserError` (usage) for malformed regular expressions.
  public func validateRules() throws {
    _ = try LabelRule(labels)
    _ = try HoldoutRule(pattern: holdoutPattern)
  }

  /// Checks that an option's value is in a range.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and the range.
  public func expect<Value: Comparable>(_ name: String, _ value: Value?, in range: ClosedRange<Value>) throws
  {
    guard let value, !range.contains(value) else { return }
    throw UserError(.usage, "\(name): found \(value), expected \(range.lowerBound) to \(range.upperBound)")
  }
}
