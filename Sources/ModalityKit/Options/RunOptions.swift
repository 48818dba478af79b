import ArgumentParser
import Foundation

/// Where a run goes, and what is written on the way.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The run's folder: new or empty, or with --resume an existing run. (default: the next number in runs/)",
      valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Go on with the run in --out where its last checkpoint left it.")
  var resume = false

  @Option(help: ArgumentHelp("Seed of every random draw. (default: 0)", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Steps between checkpoints. (default: a tenth of the run, 2000 at most)", valueName: "steps"))
  var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Checkpoints that stay, beside the best and the start. (default: 3)", valueName: "count"))
  var keep: Int?

  @Option(
    help: ArgumentHelp(
      "Steps between previews, 0 for none. (default: as checkpoints, but at least 50)", valueName: "steps"))
  var previewEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Steps between reports in metrics.jsonl. (default: a hundredth of the run, 100 at most)",
      valueName: "steps"))
  var reportEvery: Int?

  @Flag(help: "Print the recipe with the origin of each value, and train nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON object as the result; no progress is shown.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  func validate() throws {
    let least = [
      ("--checkpoint-every", checkpointEvery, 1), ("--keep", keep, 1), ("--preview-every", previewEvery, 0),
      ("--report-every", reportEvery, 1),
    ]
    for case (let flag, let value?, let minimum) in least where value < minimum {
      throw ValidationError("\(flag) \(value): expected at least \(minimum)")
    }
    if resume && dryRun {
      throw ValidationError("--resume and --dry-run exclude each other; info shows the recipe of a run")
    }
    if resume && out == nil { throw ValidationError("--resume: expected --out with the run to go on with") }
  }

  /// The run's folder, nil for the next number.
  var folder: URL? { out.map { URL(fileURLWithPath: $0, isDirectory: true) } }
}
