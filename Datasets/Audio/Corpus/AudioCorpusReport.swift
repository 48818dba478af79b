import Corpora

/// What was read, what was left out and what remains: printed before training and stored with the run.
public struct AudioCorpusReport: Codable, Equatable, Sendable {
  /// What the data is called: a path, or the name of a built-in corpus.
  public var source: String
  /// Sound files read, those of separate folders included; sounds of a built-in corpus.
  public var files = 0
  /// Files in the folders whose names are not those of sound files.
  public var otherFiles = 0
  /// Sound files left out because they cannot be decoded.
  public var badFiles = 0
  /// Names and faults of the first few of them.
  public var badExamples: [String] = []
  /// Files left out because all of them is silence.
  public var silentFiles = 0
  /// Samples left out because they are silent parts of files.
  public var silentSlices = 0
  /// Files left out because they are shorter than a sample.
  public var shortFiles = 0
  /// Files shorter than a sample to which zeros are appended.
  public var paddedFiles = 0
  /// Files left out because they repeat another of the same part and label, sample for sample.
  public var duplicates = 0
  /// Files left out because a part that is not trained on has them too, sample for sample.
  public var overlap = 0
  /// Files that samples to train on come from.
  public var trainingFiles = 0
  /// Files that held-out samples come from.
  public var heldOutFiles = 0
  /// Samples to train on.
  public var trainingCount = 0
  /// Samples to choose by while training; 0 where there are too few for a part of their own.
  public var validationCount = 0
  /// Whether these were named separately, or made for it.
  public var isValidationApart = false
  /// Samples held out.
  public var heldOutCount = 0
  /// Seconds of sound in the files of all parts.
  public var seconds = 0.0
  /// Frames per second of the samples.
  public var sampleRate: Int
  /// Frames in a sample.
  public var length: Int
  /// Channels of a sample.
  public var channels: Int
  /// Labels, 0 without labels.
  public var labelCount = 0
  /// The rule that chose the held-out files, in words.
  public var holdoutRule: String
  /// Whether samples are decoded when they are wanted, because all of them would not fit in memory.
  public var isStreamed = false

  /// How many files that cannot be decoded are named.
  static let badExampleCount = 3
}

extension AudioCorpusReport: CustomStringConvertible {
  /// One paragraph for people, and a line for each damaged file that is named. What did not happen is not mentioned.
  public var description: String {
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    let seconds = Int(seconds.rounded())
    let duration = seconds < 120 ? counted(seconds, "second") : counted((seconds + 30) / 60, "minute")
    var leftOut: [String] = []
    if badFiles > 0 { leftOut.append("\(badFiles) damaged") }
    if silentFiles > 0 { leftOut.append("\(silentFiles) silent") }
    if shortFiles > 0 { leftOut.append("\(shortFiles) too short") }
    if duplicates > 0 { leftOut.append(counted(duplicates, "duplicate")) }
    if overlap > 0 { leftOut.append("\(overlap) also in another part") }
    if silentSlices > 0 { leftOut.append(counted(silentSlices, "silent part")) }
    if otherFiles > 0 { leftOut.append("\(otherFiles) not sound files") }
    var text = "\(source): \(counted(files, "sound file"))"
    if !leftOut.isEmpty { text += " (left out: \(leftOut.joined(separator: ", ")))" }
    text += "; \(duration) of sound at \(sampleRate) Hz, "
    text += channels == 1 ? "mono" : channels == 2 ? "stereo" : "\(channels) channels"
    text +=
      "; \(trainingCount) samples of \(length) frames to train on, "
      + ValidationRule.words(count: validationCount, isApart: isValidationApart)
      + ", \(heldOutCount) held out (\(holdoutRule))"
    if paddedFiles > 0 { text += ", \(counted(paddedFiles, "file")) filled up with zeros" }
    if labelCount > 0 { text += ", " + counted(labelCount, "label") }
    if isStreamed { text += "; too large for memory, so decoded while training" }
    text += "."
    for example in badExamples { text += "\nLeft out: \(example)" }
    if badFiles > badExamples.count {
      text += "\nLeft out: \(badFiles - badExamples.count) more damaged files"
    }
    return text
  }
}
