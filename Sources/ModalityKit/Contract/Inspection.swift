import Corpora
import Failures
import Files
import Pictures

/// What a medium's readers make of the user's files, one by one, before they are divided: what `inspect` shows of them.
///
/// A medium fills in what only it knows: facts about all samples, a row for each, members of the JSON, a picture. Counts,
/// labels, what was left out, and how training would divide the data are shown for all media alike.
public struct Inspection: Sendable {
  /// What samples are called, in the plural, such as `shapes`.
  public var noun: String
  /// Files of the data, those that cannot be read included.
  public var files: Int
  /// Samples that were read.
  public var samples: Int
  /// How many of these have which label; empty without labels.
  public var labels: [String: Int] = [:]
  /// What was left out, by reason.
  public var leftOut: [Tally.Entry]
  /// Why files, or parts of files, cannot be used.
  public var faults: [UserError]
  /// In how many samples something was assumed, by what it was, in words.
  public var assumptions: [String: Int] = [:]
  /// Facts about all samples, in the order of the table.
  public var facts: [Fact] = []
  /// A table with a row for each file or sample, its headings first; empty for none.
  public var rows: [[String]] = []
  /// What the JSON holds beside what it has for every medium: numbers of each sample, exactly as they were read.
  public var members: [String: JSONValue] = [:]
  /// Draws samples; nil where the medium has no picture of its data.
  public var picture: (@Sendable () throws -> Picture)?

  /// Something that is true of all samples together.
  public struct Fact: Equatable, Sendable {
    /// What it is about, such as `durations`.
    public let name: String
    /// The fact in words.
    public let words: String

    /// States a fact.
    public init(_ name: String, _ words: String) { (self.name, self.words) = (name, words) }
  }

  /// Counts what a survey found.
  ///
  /// - Parameters:
  ///   - survey: the files.
  ///   - noun: what its items are called, in the plural.
  public init(_ survey: FileSurvey<some Sendable>, noun: String) {
    self.noun = noun
    files = survey.files.paths.count
    samples = survey.entries.count
    for case let label? in survey.entries.map(\.label) { labels[label, default: 0] += 1 }
    leftOut = survey.files.omissions.entries
    faults = survey.faults
  }

  /// Counts what was read otherwise than file by file.
  ///
  /// - Parameters:
  ///   - noun: what samples are called, in the plural.
  ///   - files: files that were read.
  ///   - samples: samples in them.
  ///   - labels: how many of these have which label; empty without labels.
  ///   - leftOut: what was left out, by reason.
  public init(
    noun: String, files: Int, samples: Int, labels: [String: Int] = [:], leftOut: [Tally.Entry] = []
  ) {
    (self.noun, self.files, self.samples) = (noun, files, samples)
    (self.labels, self.leftOut, faults) = (labels, leftOut, [])
  }

  /// Numbers in words: the least, the greatest and the median; the one where all are equal.
  ///
  /// - Parameters:
  ///   - numbers: at least one.
  ///   - text: writes a number.
  public static func range(_ numbers: [Double], text: (Double) -> String) -> String {
    let sorted = numbers.sorted()
    guard let least = sorted.first, let most = sorted.last else { return "none" }
    guard text(least) != text(most) else { return text(least) }
    return "\(text(least)) to \(text(most)), median \(text(sorted[sorted.count / 2]))"
  }

  /// Words with the number of samples that each is true of, the most frequent first: `44100 Hz (12), 48000 Hz (1)`; words that
  /// are true of all have no number.
  public static func counts(_ words: [String]) -> String {
    let counts = Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
    guard counts.count > 1 else { return counts.keys.first ?? "none" }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) (\($0.value))" }
      .joined(separator: ", ")
  }

  /// As many items as a picture has room for, from the whole of a list in even steps.
  public static func spread<Item>(_ items: [Item], atMost most: Int) -> [Item] {
    guard items.count > most else { return items }
    return (0..<most).map { items[$0 * items.count / most] }
  }
}
