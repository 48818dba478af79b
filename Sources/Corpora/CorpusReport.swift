import Failures

/// Why something is left out, in the words of a report.
public struct Omission: Hashable, Sendable {
  /// The words after a count of one.
  public let one: String
  /// The words after another count.
  public let many: String

  /// Names a reason; `many` is `one` unless given.
  public init(_ one: String, many: String? = nil) {
    self.one = one
    self.many = many ?? one
  }

  /// It repeats another of the same part and label.
  public static let duplicate = Omission("duplicate", many: "duplicates")
  /// A part that is not trained on has it too.
  public static let overlap = Omission("also in another part")
  /// It lies in none of the folders of a published split.
  public static let outside = Omission("in neither train, val nor test")
}

/// What was read, what was left out and what remains: printed before training.
public struct CorpusReport: Equatable, Sendable {
  /// What the data is called: a path, or the name of a built-in corpus.
  public var source: String
  /// Files read, those of separate folders included; 0 for a built-in corpus.
  public var files = 0
  /// Items (sounds, shapes) in the files.
  public var items = 0
  /// What was found, in words: `12 sound files`.
  public var found = ""
  /// How much was left out for each reason, in the order that a report lists them.
  public private(set) var omissions: [Omission] = []
  private var counts: [Omission: Int] = [:]
  /// What introduces that list.
  public var omissionsTitle = "left out: "
  /// Files in the folders that are of another kind.
  public var otherFiles = 0
  /// What they are not: `sound files`.
  public var otherFilesNoun = "files"
  /// What the data is, in words between what was found and how it is divided.
  public var content = "; "
  /// What the samples are, after their number.
  public var unit = ""
  /// Samples to train on.
  public var trainingCount = 0
  /// Samples to choose by while training; 0 where there are too few for a part of their own.
  public var validationCount = 0
  /// Whether these were named separately, or made for it.
  public var isValidationApart = false
  /// Samples held out.
  public var heldOutCount = 0
  /// The rule that chose the held-out samples, in words; nil where it is not known.
  public var holdoutRule: String?
  /// More about the samples, each with the punctuation before it.
  public var details: [String] = []
  /// Labels, 0 without labels.
  public var labelCount = 0
  /// What precedes their number.
  public var labelSeparator = ", "
  /// Whether samples are read when they are wanted, because all of them would not fit in memory.
  public var isStreamed = false
  /// What reading is called: `decoded`.
  public var reading = "read"
  /// The reason that counts what cannot be used.
  public var badReason: Omission?
  /// Names and faults of the first few that cannot be used.
  public private(set) var badExamples: [String] = []

  /// How many that cannot be used are named.
  static let badExampleCount = 3

  /// Begins a report.
  ///
  /// - Parameters:
  ///   - source: what the data is called.
  ///   - omissions: the reasons for leaving something out, in the order of the report.
  public init(source: String, omissions: [Omission] = []) {
    self.source = source
    self.omissions = omissions
  }

  /// How many were left out for a reason.
  public subscript(_ omission: Omission) -> Int {
    get { counts[omission, default: 0] }
    set {
      if !omissions.contains(omission) { omissions.append(omission) }
      counts[omission] = newValue
    }
  }

  /// Counts something that cannot be used, and keeps its fault if it is among the first.
  public mutating func leaveOut(_ failure: UserError) {
    if let badReason { self[badReason] += 1 }
    if badExamples.count < Self.badExampleCount { badExamples.append(failure.message) }
  }

  /// What was left out, each with its count: `3 silent`.
  public var leftOut: [String] {
    omissions.compactMap { omission in
      let count = self[omission]
      return count > 0 ? "\(count) \(count == 1 ? omission.one : omission.many)" : nil
    }
  }

  /// A count with its noun: `1 file`, `2 files`.
  public static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}

extension CorpusReport: CustomStringConvertible {
  /// One paragraph for people, and a line for each unusable item that is named. What did not happen is not mentioned.
  public var description: String {
    var notes = leftOut
    if otherFiles > 0 { notes.append("\(otherFiles) not \(otherFilesNoun)") }
    var text = "\(source): \(found)"
    if !notes.isEmpty { text += " (\(omissionsTitle)\(notes.joined(separator: ", ")))" }
    text += "\(content)\(trainingCount)\(unit) to train on, "
    text += ValidationRule.words(count: validationCount, isApart: isValidationApart)
    text += ", \(heldOutCount) held out"
    if let holdoutRule { text += " (\(holdoutRule))" }
    text += details.joined()
    if labelCount > 0 { text += labelSeparator + Self.counted(labelCount, "label") }
    if isStreamed { text += "; too large for memory, so \(reading) while training" }
    text += "."
    for example in badExamples { text += "\nLeft out: \(example)" }
    if let badReason, self[badReason] > badExamples.count {
      text += "\nLeft out: \(self[badReason] - badExamples.count) more \(badReason.many)"
    }
    return text
  }
}
