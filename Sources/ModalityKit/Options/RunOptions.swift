import Adversarial
import ArgumentParser
import Foundation
import Torch

/// Where a run goes, and what is written on the way.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The run's folder: new or empty, or with --resume an existing run. (default: the next number in runs/)",
      valueName: "folder"),
    completion: .directory)
  var out: String?

  @Option(
    defaultAsFlag: ResumePoint.latest, parsing: .next,
    help: ArgumentHelp(
      """
      Go on with the run in --out where its last checkpoint left it or, with previous, from the newest undamaged one \
      before that. Where all its steps are done, --minutes, --steps or --samples add so many more.
      """, valueName: "checkpoint"))
  var resume: ResumePoint?

  @Option(
    help: ArgumentHelp(
      """
      Begin with the networks of a run that was trained, on other data if --data names some: symbols and labels are matched by \
      name, and what was taken and what not is said. The recipe is that run's, unless --preset or --config names another.
      """, valueName: "run"),
    completion: .directory)
  var from: String?

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

  @Flag(
    help: """
      Write scalars, previews and decisions into a file in the run's folder that TensorBoard shows; a run that has one goes \
      on with it.
      """)
  var tensorboard = false

  @Flag(
    help: """
      Print the recipe with the origin of each value, of --data what 'inspect' says of all samples together, and an estimate of \
      time and memory from a few steps; write nothing.
      """)
  var dryRun = false

  @Flag(help: "Print one JSON object as the result; no progress is shown.")
  var json = false

  @OptionGroup var log: LogOptions

  func validate() throws {
    let least = [
      ("--checkpoint-every", checkpointEvery, 1), ("--keep", keep, 1), ("--preview-every", previewEvery, 0),
      ("--report-every", reportEvery, 1),
    ]
    for case (let flag, let value?, let minimum) in least where value < minimum {
      throw ValidationError("\(flag) \(value): expected at least \(minimum)")
    }
    if resume != nil && dryRun {
      throw ValidationError("--resume and --dry-run exclude each other; info shows the recipe of a run")
    }
    if resume != nil && out == nil {
      throw ValidationError("--resume: expected --out with the run to go on with")
    }
  }

  /// The run's folder, nil for the next number.
  var folder: URL? { out.map { URL(fileURLWithPath: $0, isDirectory: true) } }
}

extension ResumePoint: ExpressibleByArgument {}

/// How long to train.
struct BudgetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Length: generator updates, the warm-up's included. (default: the preset's)", valueName: "count"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Length: minutes, turned into steps by timing some before the first one.", valueName: "minutes"))
  var minutes: Double?

  @Option(help: ArgumentHelp("Length: real samples seen.", valueName: "count"))
  var samples: Int?

  /// The largest permitted number: more is taken for a typing error.
  private static let longest = 1_000_000_000_000

  func validate() throws {
    let given = [("--steps", steps != nil), ("--minutes", minutes != nil), ("--samples", samples != nil)]
      .filter(\.1).map(\.0)
    guard given.count <= 1 else {
      throw ValidationError("\(given.joined(separator: " and ")) exclude each other: give one length")
    }
    try Self.requireRange(steps: steps, minutes: minutes, samples: samples)
  }

  /// Refuses lengths that are not positive, or beyond any possible run.
  ///
  /// - Throws: `ValidationError` that names the flag.
  static func requireRange(steps: Int?, minutes: Double?, samples: Int? = nil) throws {
    for (flag, count) in [("--steps", steps), ("--samples", samples)] {
      guard let count, !(1...longest).contains(count) else { continue }
      throw ValidationError("\(flag) \(count): expected 1 to \(longest)")
    }
    if let minutes, !(minutes > 0 && minutes <= Double(longest)) {
      throw ValidationError("--minutes \(minutes): expected more than 0, at most \(longest)")
    }
  }

  /// The length that was asked for, nil for the recipe's.
  var budget: Budget? {
    if let steps { return .steps(steps) }
    if let minutes { return .minutes(minutes) }
    return samples.map { .samples($0) }
  }
}

/// Flags of the engine for a training.
struct TrainingEngineOptions: ParsableArguments {
  @OptionGroup var engine: EngineOptions

  @Option(
    help: ArgumentHelp(
      """
      Parts of a batch that are computed at the same time, on a share of the threads each. Equal numbers give equal bytes. \
      (default: 2, or 1 where losses are no means over samples)
      """, valueName: "count"))
  var parts: Int?

  func validate() throws {
    if let parts, !(1...4096).contains(parts) {
      throw ValidationError("--parts \(parts): expected 1 to 4096")
    }
  }
}

/// Flags of the engine, the same for every verb.
public struct EngineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads that one operator may use. Equal numbers give equal bytes. (default: what the engine chooses)",
      valueName: "count"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("Where to compute: cpu, cuda, cuda:N or mps. (default: cpu)", valueName: "device"),
    completion: .list(["cpu", "cuda", "mps"]))
  var device: String?

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 4096")
    }
  }

  /// Sets the threads of the process and finds the device.
  ///
  /// - Throws: `UserError(.usage)` for a device that is not there.
  public func apply() throws -> Device { try Engine.choose(threads: threads, device: device) }
}
