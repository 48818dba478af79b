import Corpora

/// What was read, what was left out and what remains: printed before training and stored with the run.
public struct TextCorpusReport: Codable, Equatable, Sendable {
  /// What the data is called: a path, or the name of a built-in corpus.
  public var source: String
  /// Files read, separate ones included.
  public var files: Int
  /// Lines read in all files, empty ones included.
  public var lines: Int
  /// Lines without a symbol, which are no samples (in windows they are line ends like others).
  public var emptyLines: Int
  /// Lines cut to the maximal length.
  public var cutLines: Int
  /// Lines left out because they are too long.
  public var droppedLines: Int
  /// Symbols at the ends of files that fill no window and are left out.
  public var windowRemainder: Int
  /// Samples left out because they repeat another of the same part and label.
  public var duplicates: Int
  /// Distinct samples left out because a separate file that is not trained on has them too.
  public var overlap: Int
  /// Distinct samples to train on.
  public var trainingCount: Int
  /// Distinct samples to choose by while training; 0 where there are too few for a part of their own.
  public var validationCount: Int
  /// Whether these were named separately.
  public var isValidationApart: Bool
  /// Distinct samples held out.
  public var heldOutCount: Int
  /// Symbols of the longest sample of all parts, the end symbol not counted.
  public var longest: Int
  /// Symbols in the training part, end symbols not counted.
  public var trainingSymbols: Int
  /// Symbols in the validation part, end symbols not counted.
  public var validationSymbols: Int
  /// Symbols in the held-out part, end symbols not counted.
  public var heldOutSymbols: Int
  /// Training symbols that the vocabulary does not list.
  public var trainingUnknowns: Int
  /// Validation symbols that the vocabulary does not list.
  public var validationUnknowns: Int
  /// Held-out symbols that the vocabulary does not list.
  public var heldOutUnknowns: Int
  /// Ids of the vocabulary, the end symbol and the unknown symbol included.
  public var vocabularyCount: Int
  /// Labels, 0 without labels.
  public var labelCount: Int

  /// The share of all symbols that the vocabulary does not list, 0 to 1.
  public var unknownShare: Double {
    Double(unknowns) / Double(max(1, symbols))
  }

  private var symbols: Int { trainingSymbols + validationSymbols + heldOutSymbols }
  private var unknowns: Int { trainingUnknowns + validationUnknowns + heldOutUnknowns }
}

extension TextCorpusReport: CustomStringConvertible {
  /// One paragraph for people. What did not happen is not mentioned.
  public var description: String {
    func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
      "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
    var leftOut: [String] = []
    if emptyLines > 0 { leftOut.append("\(emptyLines) empty") }
    if cutLines > 0 { leftOut.append("\(cutLines) cut") }
    if droppedLines > 0 { leftOut.append("\(droppedLines) too long") }
    if duplicates > 0 { leftOut.append(counted(duplicates, "duplicate")) }
    if overlap > 0 { leftOut.append("\(overlap) also in another part") }
    if windowRemainder > 0 { leftOut.append(counted(windowRemainder, "symbol") + " beyond the last windows") }
    let details = leftOut.isEmpty ? "" : " (\(leftOut.joined(separator: ", ")))"
    var text = "\(source): \(counted(lines, "line")) in \(counted(files, "file"))\(details); "
    text += "\(trainingCount) samples to train on, "
    text += ValidationRule.words(count: validationCount, isApart: isValidationApart)
    text += ", \(heldOutCount) held out, the longest of "
    text += counted(longest, "symbol") + "; \(symbols) symbols in all, "
    text += "a vocabulary of \(vocabularyCount)"
    if unknowns > 0 {
      text += ", \(unknowns) unknown symbols (\(trainingUnknowns) in training, "
      if validationUnknowns > 0 { text += "\(validationUnknowns) in validation, " }
      text += "\(heldOutUnknowns) held out)"
    }
    if labelCount > 0 { text += ", " + counted(labelCount, "label") }
    return text + "."
  }
}
