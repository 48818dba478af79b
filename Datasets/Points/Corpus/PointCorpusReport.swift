import Corpora

/// What was read, what was left out and what remains: printed before training and stored with the run.
public struct PointCorpusReport: Codable, Equatable, Sendable {
  /// What the data is called: a path, or the name of a built-in corpus.
  public var source: String
  /// Shape files read, those of separate folders included.
  public var files = 0
  /// Files in the folders that are no shape files.
  public var otherFiles = 0
  /// Shape files left out because they are in no folder `train`, `val` or `test`, where there are such folders.
  public var outsideFiles = 0
  /// Shapes in the files; a file may hold several.
  public var shapes = 0
  /// Files and shapes left out because they cannot be used.
  public var bad = 0
  /// Names and faults of the first few of them.
  public var badExamples: [String] = []
  /// Shapes with fewer points than a sample, of which some are repeated.
  public var sparse = 0
  /// Shapes left out because they repeat another of the same part and label, point for point.
  public var duplicates = 0
  /// Shapes left out because a part that is not trained on has them too, point for point.
  public var overlap = 0
  /// Shapes to train on.
  public var trainingCount = 0
  /// Shapes to choose by while training; 0 where there are too few for a part of their own.
  public var validationCount = 0
  /// Whether these were named separately, or made for it.
  public var isValidationApart = false
  /// Shapes held out.
  public var heldOutCount = 0
  /// Points of the shape that has the fewest, and of the one that has the most.
  public var fewestPoints = 0
  /// Points of the shape that has the most.
  public var mostPoints = 0
  /// Points of a sample.
  public var points: Int
  /// Where shapes are moved to and how large they are made.
  public var normalisation: PointNormalisation
  /// Labels, 0 without labels.
  public var labelCount = 0
  /// The rule that chose the held-out shapes, in words.
  public var holdoutRule: String
  /// Whether shapes are read when they are wanted, because all of them would not fit in memory.
  public var isStreamed = false

  /// How many shapes that cannot be used are named.
  static let badExampleCount = 3

  /// What was left out, in words.
  var leftOut: [String] {
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    var words: [String] = []
    if bad > 0 { words.append("\(bad) unusable") }
    if duplicates > 0 { words.append(counted(duplicates, "duplicate")) }
    if overlap > 0 { words.append("\(overlap) also in another part") }
    if outsideFiles > 0 { words.append("\(outsideFiles) in neither train, val nor test") }
    return words
  }
}

extension PointCorpusReport: CustomStringConvertible {
  /// One paragraph for people, and a line for each unusable shape that is named. What did not happen is not mentioned.
  public var description: String {
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    var text = "\(source): \(counted(shapes, "shape"))"
    if files > 0, files != shapes { text += " in \(counted(files, "file"))" }
    var notes = leftOut
    if otherFiles > 0 { notes.append("\(otherFiles) not shape files") }
    if !notes.isEmpty { text += " (left out: \(notes.joined(separator: ", ")))" }
    text += " of \(fewestPoints == mostPoints ? "" : "\(fewestPoints) to ")\(mostPoints) points"
    text += "; \(trainingCount) to train on, "
    text += ValidationRule.words(count: validationCount, isApart: isValidationApart)
    text += ", \(heldOutCount) held out (\(holdoutRule))"
    text += "; \(points) points a sample, "
    switch normalisation {
    case .box: text += "each shape in its own box"
    case .sphere: text += "each shape in its own sphere"
    case .global: text += "all shapes at one scale"
    case .none: text += "not normalised"
    }
    if sparse > 0 { text += ", some repeated in \(counted(sparse, "shape"))" }
    if labelCount > 0 { text += "; " + counted(labelCount, "label") }
    if isStreamed { text += "; too large for memory, so read while training" }
    text += "."
    for example in badExamples { text += "\nLeft out: \(example)" }
    if bad > badExamples.count { text += "\nLeft out: \(bad - badExamples.count) more" }
    return text
  }
}
