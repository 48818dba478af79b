import ArgumentParser
import Foundation

/// Where real samples come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Real samples: a file or a folder. (default: the built-in procedural set; to evaluate, the run's own data)",
      valueName: "path"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Samples that choose the start of the game and the best checkpoint, instead of a share of those to train on.",
      valueName: "path"),
    completion: .file())
  var validation: String?

  @Option(
    help: ArgumentHelp(
      "Samples that only 'evaluate' looks at, instead of a share of the data.", valueName: "path"),
    completion: .file())
  var holdout: String?

  /// The source that the flags name.
  var source: DataSource { DataSource(path: data, validation: validation, holdout: holdout) }
  /// Whether any of the flags was given.
  var isGiven: Bool { data != nil || validation != nil || holdout != nil }
}

/// The flags of `train` that say how files are labelled, held out and left out: alike in all media whose recipes hold
/// `CorpusOptions` under `data`.
public struct CorpusFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Condition the model on a label: 'folder' for the subfolder's name, 'file' for the file's, or a regular \
      expression whose first group in the file's name is the label, such as '^(\\d)_'. (default: none)
      """, valueName: "rule"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Hold out the files in whose path below the folder this regular expression is found, such as '_[0-4]\\.'.",
      valueName: "pattern"))
  var holdoutPattern: String?

  @Flag(inversion: .prefixedNo, help: "Leave out files that cannot be read, and count them.")
  var skipBad: Bool?

  /// No flags given.
  public init() {}

  /// The settings that the flags make, in the order of the help; nil for flags not given.
  public var settings: [Setting?] {
    [
      Setting("data.labels", labels, flag: "--labels"),
      Setting("data.holdoutPattern", holdoutPattern, flag: "--holdout-pattern"),
      Setting("data.skipBad", skipBad, flag: skipBad == false ? "--no-skip-bad" : "--skip-bad"),
    ]
  }
}
