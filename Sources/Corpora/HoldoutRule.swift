import Failures

/// What a sample of a data set is for.
public enum CorpusPart: Hashable, Sendable, CaseIterable {
  /// To train on.
  case training
  /// To choose by, while training: the start of the game, the best checkpoint. Never trained on.
  case validation
  /// To evaluate on. No training looks at it.
  case heldOut

  /// What is done with its samples, in words: `found no file to hold out`.
  public var use: String {
    switch self {
    case .training: "train on"
    case .validation: "validate on"
    case .heldOut: "hold out"
    }
  }
}

/// A value for each part.
public struct PerPart<Value> {
  /// The value for the training part.
  public var training: Value
  /// The value for the validation part.
  public var validation: Value
  /// The value for the held-out part.
  public var heldOut: Value

  /// Makes the values, in the order training, validation, held out.
  public init(_ make: (CorpusPart) throws -> Value) rethrows {
    (training, validation, heldOut) = (try make(.training), try make(.validation), try make(.heldOut))
  }

  /// The value for a part.
  public subscript(part: CorpusPart) -> Value {
    get {
      switch part {
      case .training: training
      case .validation: validation
      case .heldOut: heldOut
      }
    }
    set {
      switch part {
      case .training: training = newValue
      case .validation: validation = newValue
      case .heldOut: heldOut = newValue
      }
    }
  }

  /// All values, in the order training, validation, held out.
  public var all: [Value] { [training, validation, heldOut] }
}

extension PerPart: Sendable where Value: Sendable {}

/// Which of the samples that are not held out are for validation, where none were named.
///
/// Of each label's in their order, numbered from 0, those divisible by 10; never a label's only one. Where this gives
/// fewer than `fewest`, there is no validation part and held-out samples serve for both: a handful decides nothing, and
/// small sets need what they have.
public enum ValidationRule {
  /// Every how many samples that are not held out one is for validation.
  public static let every = 10
  /// The fewest samples that make a part.
  public static let fewest = 10

  /// Which of some samples are for validation.
  ///
  /// - Parameter labels: theirs, in order.
  public static func chooses(labels: [String?]) -> [Bool] {
    let chosen = everyNth(every, of: labels)
    return chosen.count { $0 } < fewest ? labels.map { _ in false } : chosen
  }

  /// How a report counts the part.
  ///
  /// - Parameters:
  ///   - count: samples in it.
  ///   - isApart: whether they were named separately, or made for it.
  public static func words(count: Int, isApart: Bool) -> String {
    guard count > 0 else { return "none for validation (too few)" }
    return "\(count) for validation (\(isApart ? "apart" : "every tenth of the others"))"
  }
}

/// Of each label's samples in their order, numbered from 0, those divisible by `step`; never a label's only one.
private func everyNth(_ step: Int, of labels: [String?]) -> [Bool] {
  var sizes: [String?: Int] = [:]
  for label in labels { sizes[label, default: 0] += 1 }
  var seen: [String?: Int] = [:]
  return labels.map { label in
    let number = seen[label, default: 0]
    seen[label] = number + 1
    return number.isMultiple(of: step) && sizes[label] != 1
  }
}

/// Which files are held out. Files are held out whole, so that no two parts of one file are on both sides.
public enum HoldoutRule: Sendable {
  /// Of each label's files in their order, numbered from 0, those divisible by 10; never a label's only file.
  case everyTenth
  /// Files in whose path below the folder a regular expression is found.
  case matching(String)
  /// Those that were named separately.
  case separate
  /// Those in the folder `test` of a published split (`SplitFolders`); files in none of its folders are left out.
  case published

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
    _ = try regularExpression(pattern, option: "--holdout-pattern")
    self = .matching(pattern)
  }

  /// Whether each file is held out.
  ///
  /// - Parameters:
  ///   - names: paths below the folder, in order.
  ///   - labels: their labels.
  public func holdsOut(names: [String], labels: [String?]) -> [Bool] {
    switch self {
    case .separate, .published: return names.map { _ in false }
    case .matching(let pattern):
      // Compiled here, since an expression cannot be shared between threads.
      guard let expression = try? Regex(pattern) else { return names.map { _ in false } }
      return names.map { $0.firstMatch(of: expression) != nil }
    case .everyTenth: return everyNth(Self.heldOutEvery, of: labels)
    }
  }

  /// The part of each file: the one that it was named for, or else held out by this rule, or nil for the others.
  ///
  /// - Parameters:
  ///   - names: paths below the folder, in order.
  ///   - labels: their labels.
  ///   - named: the part that each was named for, nil for those of the data.
  public func parts(names: [String], labels: [String?], named: [CorpusPart?]) -> [CorpusPart?] {
    var parts = named
    let data = named.indices.filter { named[$0] == nil }
    let isHeldOut = holdsOut(names: data.map { names[$0] }, labels: data.map { labels[$0] })
    for (index, isHeldOut) in zip(data, isHeldOut) where isHeldOut { parts[index] = .heldOut }
    return parts
  }

  /// The rule in words, for a report.
  ///
  /// - Parameters:
  ///   - noun: what is held out, as in `file`.
  ///   - holdout: what was named separately.
  ///   - isLabelled: whether files have labels.
  public func words(noun: String, holdout: String? = nil, isLabelled: Bool) -> String {
    switch self {
    case .everyTenth: isLabelled ? "every tenth \(noun) of each label" : "every tenth \(noun)"
    case .matching(let pattern): "\(noun)s that match '\(pattern)'"
    case .separate: "the \(noun)s of \(holdout ?? "")"
    case .published: "those in test"
    }
  }
}
