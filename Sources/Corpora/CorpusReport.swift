import Failures

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
  /// What was left out, by reason, in the order that a report lists them.
  public private(set) var omissions: Tally
  /// What was read but is worth a word, by reason, which begins with what it counts.
  public var remarks = Tally()
  /// What introduces that list.
  public var omissionsTitle = "left out: "
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
  /// The names of the labels by index; none without labels.
  public var labelNames: [String] = []
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
  /// How many labels are named.
  static let mostLabelNames = 12

  /// Begins a report.
  ///
  /// - Parameters:
  ///   - source: what the data is called.
  ///   - omissions: the reasons for leaving something out, in the order of the report.
  public init(source: String, omissions: [Omission] = []) {
    self.source = source
    self.omissions = Tally(omissions)
  }

  /// How many labels there are, 0 without labels.
  public var labelCount: Int { labelNames.count }

  /// How many were left out for a reason.
  public subscript(_ omission: Omission) -> Int {
    get { omissions[omission] }
    set { omissions[omission] = newValue }
  }

  /// Counts something that is left out, and keeps its name if it is among the first of its reason.
  ///
  /// - Parameter count: how much of it is left out.
  public mutating func leaveOut(_ omission: Omission, named name: String, count: Int = 1) {
    omissions.add(omission, named: name, count: count)
  }

  /// Counts what was left out before there was a report.
  public mutating func leaveOut(_ others: Tally) { omissions.add(others) }

  /// Counts something that cannot be used, and keeps its fault if it is among the first.
  public mutating func leaveOut(_ failure: UserError) {
    if let badReason { self[badReason] += 1 }
    if badExamples.count < Self.badExampleCount { badExamples.append(failure.message) }
  }

  /// What was left out for each reason, without reasons for which nothing was.
  public var leftOut: [Tally.Entry] { omissions.entries }

  /// A count with its noun: `1 file`, `2 files`.
  public static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}

extension CorpusReport: CustomStringConvertible {
  /// One paragraph for people, then a line for each reason that has names, and one for each unusable item that is named. What
  /// did not happen is not mentioned.
  public var description: String {
    let leftOut = leftOut
    var text = "\(source): \(found)"
    if !leftOut.isEmpty { text += " (\(omissionsTitle)\(leftOut.map(\.words).joined(separator: ", ")))" }
    text += "\(content)\(trainingCount)\(unit) to train on, "
    text += ValidationRule.words(count: validationCount, isApart: isValidationApart)
    text += ", \(heldOutCount) held out"
    if let holdoutRule { text += " (\(holdoutRule))" }
    text += details.joined()
    if labelCount > 0 { text += labelSeparator + "\(Self.counted(labelCount, "label")) (\(labelList))" }
    if isStreamed { text += "; too large for memory, so \(reading) while training" }
    text += "."
    for entry in leftOut {
      guard let list = entry.list else { continue }
      text += "\nLeft out, \(entry.reasonWords): \(list)"
    }
    for entry in remarks.entries { text += "\n\(entry.words)" + (entry.list.map { ": \($0)" } ?? "") }
    for example in badExamples { text += "\nLeft out: \(example)" }
    if let badReason, self[badReason] > badExamples.count {
      text += "\nLeft out: \(self[badReason] - badExamples.count) more \(badReason.many)"
    }
    return text
  }

  /// The names of the labels, of many the first ones.
  private var labelList: String {
    let rest = labelCount - Self.mostLabelNames
    return labelNames.prefix(Self.mostLabelNames).joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }
}
