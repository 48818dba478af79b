import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

/// A training that is ready to run: a run's folder, its description, fresh networks.
struct Training<M: Modality> {
  let folder: RunFolder
  let lock: RunLock
  let description: RunDescription
  let settings: RunSettings
  let game: any Game
  let recipe: TrainingRecipe

  /// Trains to the end of the plan, from the last checkpoint where there is one, and prints what came out.
  ///
  /// - Throws: `ExitCode` 130 or 143 after an interruption that was saved; `TrainingFailure` for losses that are not
  ///   finite; `UserError` for files.
  func run(_ command: Train<M>) throws {
    let store = CheckpointStore(folder: folder.checkpoints, keeping: settings.kept)
    let checkpoint =
      try store.target(of: .latest) == nil
      ? nil : CheckpointStore.load(folder.url) { try Checkpoint(contentsOf: $0, modality: M.name) }
    if checkpoint == nil, let step = store.steps.last, step > 0 {
      throw UserError(
        .badData,
        "\(store.folder.relativePath): found checkpoints but none named latest; write the name of one into it"
      )
    }
    let summary = RunSummary()
    var observers: [any TrainingObserver] = [summary]
    if !command.runOptions.quiet && !command.runOptions.json {
      let remark = Console.current.remark
      observers.append(ProgressLine(write: { remark($0) }))
    }
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: description.plan, seed: description.seed,
      identity: CheckpointIdentity(modality: M.name, recipe: description.recipe.text),
      intervals: settings.intervals, folder: folder, keep: settings.kept, observers: observers)
    if let checkpoint { try trainer.resume(from: checkpoint) }
    // Last, since it cuts off the reports of steps that will be done again.
    trainer.add(try MetricsLog(file: folder.metricsFile, afterStep: checkpoint?.step ?? 0))

    Interruption.install()
    defer { Interruption.restore() }
    let outcome = try trainer.run { Interruption.requested.map { "signal \($0)" } }
    try printSummary(of: trainer, outcome, summary, json: command.runOptions.json)
    if case .stopped = outcome, let signal = Interruption.requested {
      Console.current.note("go on with: duel \(M.name) train --out \(folder.url.relativePath) --resume")
      throw ExitCode(signal.exitCode)
    }
  }

  private func printSummary(
    of trainer: Trainer, _ outcome: Trainer.Outcome, _ summary: RunSummary, json: Bool
  )
    throws
  {
    let steps = description.plan.totalSteps
    if json {
      var members: [String: JSONValue] = [
        "modality": .string(M.name), "run": .string(folder.url.relativePath),
        "outcome": .string(outcome == .finished ? "finished" : "interrupted"),
        "step": .int(trainer.step), "totalSteps": .int(steps),
      ]
      members["checkpoint"] = summary.checkpoint.map { .string($0.relativePath) }
      members["scalars"] = .object(summary.scalars.mapValues { JSONValue(number: $0) })
      try Console.current.result(ResultJSON.object(members).prettyText)
      return
    }
    var rows = [["run", folder.url.relativePath], ["step", "\(trainer.step) of \(steps)"]]
    rows += summary.lines.map { [$0.name, $0.value] }
    try Console.current.print(columnText(rows))
  }
}

/// Remembers the last numbers of a run for its summary.
private final class RunSummary: TrainingObserver {
  private(set) var checkpoint: URL?
  private var report: TrainingReport?

  func receive(_ event: TrainingEvent) {
    switch event {
    case .report(let report): self.report = report
    case .checkpoint(_, let file): checkpoint = file
    default: break
    }
  }

  /// Every number of the last report by name.
  var scalars: [String: Double] {
    Dictionary((report?.scalars ?? []).map { ($0.name, $0.value) }) { $1 }
  }

  /// The numbers that the status line shows, with their full names.
  var lines: [(name: String, value: String)] {
    (report?.scalars ?? []).filter { $0.label != nil }.map { ($0.name, String(format: "%.4g", $0.value)) }
  }
}
