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
        Every number stands beside that of held-out real data, of classical baselines and of the generator that the \
        game began with, with sample count, seed and standard error. The data is the run's own unless --data names \
        another; scores on the run's own data are kept in its folder for report and compare.
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

  @Option(
    help: ArgumentHelp(
      """
      Measure this run beside the model, such as one of other networks or of another seed; repeat for several. What the \
      game changed is then also pooled over all of them.
      """, valueName: "run"),
    completion: .file())
  var beside: [String] = []

  @OptionGroup var labels: EvaluationLabels
  @OptionGroup var latents: LatentOptions

  @Flag(help: "Print one JSON object instead of the table.")
  var json = false

  @OptionGroup(title: "The modality's options") var options: M.EvaluateOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var log: LogOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count \(count): expected at least 1") }
  }

  func run() throws { try log.watching { try work() } }

  private func work() throws {
    WorkLine.begin("reading the model")
    let device = try engine.apply()
    let trained = try TrainedModel<M>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    Console.current.note(
      "\(trained.file.relativePath): step \(trained.step), on \(device) with \(Engine.threads) threads",
      at: .debug)
    let run = try model.run.map { try Run<M>.open($0.url) }
    WorkLine.begin("reading the data")
    let opened = try data.open(for: trained, named: model.model, run: run, settings: options.dataSettings)
    let dataset = opened.dataset
    var notes: [String] = []
    if let run, opened.isOwn {
      notes.append(try validationNote(run, count: dataset.validationCount))
    } else if let note = opened.note {
      notes.append(note)
    }
    if data.isGiven { notes += dataset.descriptionLines }
    let request = try EvaluationRequest(
      trained, beside: beside, dataset: dataset, count: count, seed: seed, hasEqualLabels: labels.areEqual,
      truncation: latents.truncation, oneOf: latents.select)
    var table = try request.table(options: options)
    table.notes += notes
    if let run, opened.isOwn {
      keep(
        KeptEvaluation(
          step: trained.step, fingerprint: dataset.fingerprint, arguments: CommandWords.current, table: table),
        in: run.folder)
    }
    if json {
      try Console.current.result(String(decoding: try table.json(), as: UTF8.self))
    } else {
      try Console.current.print(table.text(width: Terminal.width(of: STDOUT_FILENO) ?? 110))
    }
  }

  /// Leaves the scores in the run's folder, where it takes files: a run of somebody else can be measured all the same.
  private func keep(_ evaluation: KeptEvaluation, in folder: RunFolder) {
    do {
      try evaluation.keep(in: folder)
    } catch {
      Console.current.note(
        "note: the scores are not kept for reports: \((error as? UserError)?.message ?? "\(error)")")
    }
  }

  /// What chose the checkpoints of the run, so that nobody has to guess whether the held-out samples are fresh.
  private func validationNote(_ run: Run<M>, count: Int) throws -> String {
    let checkpoints = CheckpointStore(folder: run.folder.checkpoints, keeping: 1)
    let hasWarmUp = run.segments.contains { $0.plan.warmUpSteps > 0 }
    let isChosen = try hasWarmUp || checkpoints.target(of: .best) != nil
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
