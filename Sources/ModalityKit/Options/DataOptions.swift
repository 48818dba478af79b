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
      "Samples that are kept out of training, instead of a share of the data.", valueName: "path"),
    completion: .file())
  var holdout: String?

  /// The source that the flags name.
  var source: DataSource { DataSource(path: data, holdout: holdout) }
  /// Whether either flag was given.
  var isGiven: Bool { data != nil || holdout != nil }
}
