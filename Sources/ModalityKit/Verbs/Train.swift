import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

/// Trains a generator against a discriminator, from flags to the last checkpoint.
struct Train<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "train", abstract: "Trains a generator of \(M.name) against a discriminator.",
      discussion: """
        Values come from the defaults, then --preset, then --config, then flags; the later one wins, and run.json \
        says where each came from. --dry-run shows the same, what is read of --data, and about how long it would take and \
        how much memory. Several processes train one \
        run where mpirun or srun starts them: each computes its share of every batch. A run that was stopped goes on \
        with --resume exactly as if it had not been: Ctrl-C finishes the step, saves and exits with 130; a second \
        Ctrl-C exits at once. A run that is done goes on with --resume and a length, and --from begins another one with its \
        networks.
        """)
  }

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Run") var runOptions: RunOptions
  @OptionGroup(title: "Length") var length: BudgetOptions
  @OptionGroup(title: "Recipe") var recipe: RecipeOptions
  @OptionGroup(title: "The modality's part of the recipe") var options: M.TrainOptions
  @OptionGroup(title: "Engine") var engine: TrainingEngineOptions

  func run() throws {
    try Console.$current.withValue(Console.current.limited(to: level)) { try start() }
  }

  private func start() throws {
    if runOptions.dryRun {
      try WorkLine.watching { try printRecipe() }
      return
    }
    let run: Run<M>
    if runOptions.resume != nil {
      guard let folder = runOptions.folder else {
        throw UserError(.usage, "--resume: expected --out with a run")
      }
      run = try Run<M>.open(folder)
      try run.goOn(as: request(settings: settings), from: runOptions.resume ?? .latest)
    } else {
      run = try Run<M>.create(request(settings: settings + stepsSetting))
    }
    try train(run)
  }

  /// What is said; with a result for programs nothing unless it is asked for.
  private var level: LogLevel { runOptions.log.level(unless: runOptions.json ? .error : .info) }

  /// Every flag that sets a value of the recipe, in order. What a medium's flag implies for the training comes first, so
  /// that the training's own flags change it.
  private var settings: [Setting] { options.settings + recipe.settings }

  private var stepsSetting: [Setting] {
    [length.steps.map { Setting("training.steps", to: .int($0), flag: "--steps") }].compactMap(\.self)
  }

  /// What the flags ask for.
  ///
  /// - Parameter settings: those of the recipe, in order.
  private func request(settings: [Setting]) -> RunRequest<M> {
    var request = RunRequest<M>(
      folder: runOptions.folder, preset: recipe.preset, length: length.budget, seed: runOptions.seed)
    request.data = data.source
    request.config = recipe.config
    request.from = runOptions.from
    request.settings = settings
    request.checkpointInterval = runOptions.checkpointEvery
    request.previewInterval = runOptions.previewEvery
    request.reportInterval = runOptions.reportEvery
    request.kept = runOptions.keep
    (request.threads, request.device) = (engine.engine.threads, engine.engine.device)
    request.parts = engine.parts
    request.arguments = CommandWords.current
    request.ranks = Job.ranks
    let console = Console.current
    // That a resumed run will not be the same bit for bit is said even to those who want no progress.
    let level = runOptions.resume != nil ? LogLevel.error : .info
    request.notice = { console.note($0, at: level) }
    return request
  }

  // MARK: Training

  private func train(_ run: Run<M>) throws {
    let summary = RunSummary()
    var observers: [any TrainingObserver] = [summary]
    let console = Console.current
    console.note("engine: \(Engine.threads) threads", at: .debug)
    observers.append(
      ProgressLine(
        folder: run.folder, level: console.level, width: { Terminal.width(of: STDERR_FILENO) },
        write: { console.remark($0) }))
    let events = run.folder.eventsFile
    // Opening makes the file, which is the first process's to do.
    let hasEvents = runOptions.tensorboard || FileManager.default.fileExists(atPath: events.path)
    if hasEvents, Job.ranks.isFirst {
      observers.append(try TensorBoardLog(file: events))
    }
    Interruption.install()
    defer { Interruption.restore() }
    let outcome = try run.train(from: runOptions.resume ?? .latest, observers: observers) {
      Interruption.requested.map { "signal \($0)" }
    }
    try printSummary(of: run, outcome, summary)
    if outcome != .finished, let signal = Interruption.requested {
      console.note(
        "go on with: duel \(M.name) train --out \(run.folder.url.relativePath) --resume", at: .error)
      throw ExitCode(signal.exitCode)
    }
  }

  private func printSummary(of run: Run<M>, _ outcome: Trainer.Outcome, _ summary: RunSummary) throws {
    let (steps, step, folder) = (run.description.totalSteps, run.step ?? 0, run.folder.url.relativePath)
    if runOptions.json {
      var members: [String: JSONValue] = [
        "modality": .string(M.name), "run": .string(folder),
        "outcome": .string(outcome == .finished ? "finished" : "interrupted"),
        "step": .int(step), "totalSteps": .int(steps),
      ]
      members["decisions"] = .array(summary.decisions.map { .string($0) })
      members["checkpoint"] = summary.checkpoint.map { .string($0.relativePath) }
      members["scalars"] = .object(summary.scalars.mapValues { JSONValue(number: $0) })
      try Console.current.result(ResultJSON.object(members).prettyText)
      return
    }
    let rows = [["run", folder], ["step", "\(step) of \(steps)"]]
    let decisions = summary.decisions.map { ["decided", $0] }
    try Console.current.print(columnText(rows + decisions + summary.lines.map { [$0.name, $0.value] }))
  }

  // MARK: Showing the recipe

  private func printRecipe() throws {
    let request = request(settings: settings + stepsSetting)
    let resolved = try request.resolvedRecipe()
    var (document, origins) = (resolved.document, resolved.origins)
    // A built-in set holds nothing that anybody could have wrong.
    let shown = try data.data.map { _ in try InspectedData<M>(data.source, recipe: resolved.recipe) }
    let device = try engine.engine.apply()
    let estimate = try shown?.opened.map {
      try RunEstimate(request, resolved, dataset: $0.dataset, recipe: $0.recipe, device: device)
    }
    if let steps = try stepsBeforeTraining(request, resolved, estimate, on: device) {
      document[dotted: Self.stepsKey] = steps.value
      origins[Self.stepsKey] = "flag \(steps.flag)"
    }
    if runOptions.json {
      var members: [String: JSONValue] = [
        "modality": .string(M.name), "recipe": document,
        "origins": .object(origins.mapValues { .string($0) }),
      ]
      members["data"] = (shown?.members).map { .object($0) }
      members["estimate"] = (estimate?.members).map { .object($0) }
      try Console.current.result(ResultJSON.object(members).prettyText)
    } else {
      let table = document.table { key in
        let remark = key == Self.stepsKey && length.minutes != nil ? ", measured at the start" : ""
        return "(\(origins[key] ?? "default")\(remark))"
      }
      try Console.current.result(table)
      if let shown { try Console.current.print("\n" + columnText(shown.rows)) }
      if let estimate { try Console.current.print("\n" + columnText(estimate.rows)) }
    }
    if let refusal = shown?.refusal { throw refusal }
  }

  private static var stepsKey: String { "training.steps" }

  /// The steps of a length that was given otherwise: null for minutes, which only timing turns into steps. Samples
  /// need the networks, which know whether there is a warm-up, and so the data.
  private func stepsBeforeTraining(
    _ request: RunRequest<M>, _ resolved: ResolvedRecipe<M.Recipe>, _ estimate: RunEstimate?,
    on device: Device
  ) throws -> (value: JSONValue, flag: String)? {
    switch length.budget {
    case .minutes: return (.null, "--minutes")
    case .samples:
      if let estimate { return (.int(estimate.plan.totalSteps), "--samples") }
      var recipe = resolved.recipe
      let dataset = try M.openDataset(data.source.absolute, recipe: &recipe)
      M.fit(&recipe, to: dataset, isGiven: resolved.isGiven)
      let plan = try request.plan(
        for: recipe.training, origins: resolved.origins,
        partCount: request.partCount(for: recipe.training, on: device)
      ) {
        try M.makeGame(recipe: recipe, dataset: dataset, seed: runOptions.seed ?? 0, device: device)
      }
      return (.int(plan.totalSteps), "--samples")
    case .steps, nil: return nil
    }
  }
}

/// Remembers the last numbers of a run for its summary.
private final class RunSummary: TrainingObserver {
  private(set) var checkpoint: URL?
  private(set) var decisions: [String] = []
  private var report: TrainingReport?

  func receive(_ event: TrainingEvent) {
    switch event {
    case .report(let report): self.report = report
    case .checkpoint(_, let file): checkpoint = file
    case .decided(_, let text): decisions.append(text)
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
