import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

/// Measures a trained generator beside held-out data and classical baselines.
struct Evaluate<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "evaluate", abstract: "Measures a trained generator of \(M.name).",
      discussion: """
        Every number stands beside that of held-out real data, of classical baselines and of the generator as the \
        warm-up left it, with sample count, seed and standard error. The data is the run's own unless --data names \
        another.
        """)
  }

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Samples to draw of each source. (default: the modality's)", valueName: "count"))
  var count: Int?

  @Option(help: ArgumentHelp("Seed of all draws.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(help: "Print one JSON object instead of the table.")
  var json = false

  @OptionGroup(title: "The modality's options") var options: M.EvaluateOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count \(count): expected at least 1") }
  }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<M>(contentsOf: model.url, pointer: model.pointer, device: device)
    let run = try storedRun()
    let source = try source(of: run)
    var recipe = trained.recipe
    let dataset = try M.openDataset(source, recipe: &recipe)
    var notes: [String] = []
    if let run, M.fingerprint(dataset) == run.settings.fingerprint {
      notes.append(try validationNote(count: M.validationCount(dataset)))
    } else if run != nil {
      let path = source.path ?? "the built-in set"
      guard data.isGiven else {
        throw UserError(
          .badData,
          "\(path): found other data than the run was trained on; name it with --data to measure on it")
      }
      notes.append("Data: \(path), not what the run was trained on.")
    }
    if data.isGiven { notes += M.describe(dataset) }
    let request = EvaluationRequest(
      model: trained, warmStart: try trained.warmStart(), dataset: dataset, count: count, seed: seed)
    var table = try M.evaluate(request, options: options)
    table.notes += notes
    if json {
      try Console.current.result(String(decoding: try table.json(), as: UTF8.self))
    } else {
      try Console.current.print(table.text(width: Terminal.width(of: STDOUT_FILENO) ?? 110))
    }
  }

  /// What run.json says, where the checkpoint lies in a run.
  private func storedRun() throws -> (settings: RunSettings, description: RunDescription)? {
    guard let file = model.run?.descriptionFile else { return nil }
    let description = try RunDescription(contentsOf: file)
    return (try RunSettings.read(from: description, file: file), description)
  }

  private func source(of run: (settings: RunSettings, description: RunDescription)?) throws -> DataSource {
    let given = data.source.absolute
    // Separate parts of the run's data belong to that data alone.
    guard given.path == nil else { return given }
    // A held-out file may be named alone, beside the run's own data.
    if let run { return given.completed(by: run.settings.source) }
    guard data.isGiven else {
      throw UserError(.usage, "\(model.model): found no run around the checkpoint, expected --data")
    }
    return given
  }

  /// What chose the checkpoints of the run, so that nobody has to guess whether the held-out samples are fresh.
  private func validationNote(count: Int) throws -> String {
    let checkpoints = model.run.map { CheckpointStore(folder: $0.checkpoints, keeping: 1) }
    let isChosen = try [CheckpointStore.Pointer.best, .warmStart].contains {
      try checkpoints?.target(of: $0) != nil
    }
    switch (count > 0, isChosen) {
    case (true, true):
      return
        "Validation: \(count) samples of their own chose among checkpoints; held-out samples are looked at here "
        + "alone."
    case (false, true):
      return
        "No validation part, as the data is too small for one: the held-out samples also chose among checkpoints."
    case (true, false): return "Validation: \(count) samples of their own; nothing was chosen by them."
    case (false, false): return "No validation part, as the data is too small for one; nothing was chosen."
    }
  }
}
