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
