import Failures

/// Which files are held out. Files are held out whole, so that no two parts of one file are on both sides.
public enum HoldoutRule {
  /// Of each label's files in their order, numbered from 0, those divisible by 10; never a label's only file.
  case everyTenth
  /// Files whose path below the folder matches.
  case matching(Regex<AnyRegexOutput>)
  /// Those that were named separately.
  case separate

  /// Every how many files one is held out.
  public static let heldOutEvery = 10

  /// The rule that an options value asks for.
  ///
  /// - Throws: `UserError` (usage): for a malformed regular expression.
  public init(pattern: String?) throws {
    guard let pattern else {
      self = .everyTenth
      return
    }
    self = .matching(try regularExpression(pattern, option: "--holdout-pattern"))
  }

  /// Whether each file is held out.
  ///
  /// - Parameters:
  ///   - names: paths below the folder, in order.
  ///   - labels: their labels.
  ///   - separate: the place from which on files were named separately.
  public func holdsOut(names: [String], labels: [String?], separate: Int) -> [Bool] {
    switch self {
    case .separate: return names.indices.map { $0 >= separate }
    case .matching(let expression): return names.map { $0.firstMatch(of: expression) != nil }
    case .everyTenth:
      var sizes: [String?: Int] = [:]
      for label in labels { sizes[label, default: 0] += 1 }
      var seen: [String?: Int] = [:]
      return labels.map { label in
        let number = seen[label, default: 0]
        seen[label] = number + 1
        return number.isMultiple(of: Self.heldOutEvery) && sizes[label] != 1
      }
    }
  }

  /// The rule in words, for a report.
  ///
  /// - Parameters:
  ///   - noun: what is held out, as in `file`.
  ///   - pattern: the expression that was asked for.
  ///   - holdout: what was named separately.
  ///   - isLabelled: whether files have labels.
  public func words(noun: String, pattern: String?, holdout: String?, isLabelled: Bool) -> String {
    switch self {
    case .everyTenth: isLabelled ? "every tenth \(noun) of each label" : "every tenth \(noun)"
    case .matching: "\(noun)s that match '\(pattern ?? "")'"
    case .separate: "the \(noun)s of \(holdout ?? "")"
    }
  }
}
