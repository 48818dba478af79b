import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Metrics
import Ranks
import Torch

/// A training in its folder: what the command line does, for programs of one's own.
///
/// A run that a program began goes on by `duel MEDIUM train --out FOLDER --resume`, and one that the command line began
/// goes on by `open` and `train`: either way to the same bytes.
///
/// ```swift
/// let run = try Run<Audio>.create(RunRequest(folder: folder, data: "drums", preset: .tiny, length: .minutes(5)))
/// try run.train()
/// for clip in try run.sampler().samples(count: 10, seed: 1) { ... }
/// print(try run.evaluate().text(width: 100))
/// ```
public final class Run<M: Modality> {
  /// Where everything lies.
  public let folder: RunFolder
  /// All that is needed to repeat it, as run.json holds it.
  public let description: RunDescription
  /// What rebuilds its networks, completed by its data.
  public let recipe: M.Recipe
  /// How it was asked for and how it is written down.
  private(set) var settings: RunSettings

  /// Generator updates that `train` has brought it to; nil before.
  public private(set) var step: Int?

  /// Threads and device of the present process, where they are not to be those that the run began with.
  private var engine: (threads: Int?, device: String?) = (nil, nil)
  /// The device of a replay.
  var replayDevice: String { engine.device ?? settings.device }
  private(set) var notice: (String) -> Void = { _ in }
  /// The processes that train it together.
  private var ranks = Ranks.alone
  /// Where to find the data, if it has moved.
  private var source: DataSource
  /// What `create` has made and taken already.
  private var prepared: (game: any Game, lock: RunLock?)?

  private init(
    folder: RunFolder, description: RunDescription, recipe: M.Recipe, settings: RunSettings,
    ranks: Ranks = .alone
  ) {
    (self.folder, self.description, self.recipe, self.settings) = (folder, description, recipe, settings)
    self.ranks = ranks
    source = settings.source
  }

  // MARK: Beginning

  /// Makes a new run: opens the data, fixes the length, writes run.json. The run belongs to this process until it has
  /// been trained or released.
  ///
  /// - Throws: `UserError` for wrong values, data or places; nothing is left behind then.
  public static func create(_ request: RunRequest<M>) throws -> Run {
    let resolved = try request.resolvedRecipe()
    let ranks = request.ranks
    let device = try Engine.choose(threads: request.threads, device: request.device)
    if let folder = request.folder {
      _ = try ranks.first {
        try RunFolder.requireVacant(folder)
        return true
      }
    }
    let source = request.data.absolute
    var recipe = resolved.recipe
    // Presets for processors that gain by it; on others it would only cost time.
    if device == .cpu, !Engine.gainsByBFloat16, !resolved.isGiven(RunDescription.precisionKey) {
      recipe.training.precision = .float32
    }
    let dataset = try M.openDataset(source, recipe: &recipe)
    try ranks.require(same: dataset.fingerprint, "the data")
    let opened = try JSONValue(encoding: recipe)
    M.fit(&recipe, to: dataset, isGiven: resolved.isGiven)
    let lines = dataset.descriptionLines
    lines.forEach(request.notice)

    let seed = request.seed ?? 0
    func game() throws -> any Game {
      try M.makeGame(recipe: recipe, dataset: dataset, seed: seed, device: device)
    }
    let partCount = request.partCount(for: recipe.training, on: device)
    let plan = try request.plan(
      for: recipe.training, origins: resolved.origins, partCount: partCount, make: game)
    recipe.training.steps = plan.totalSteps
    let document = try JSONValue(encoding: recipe)
    let settings = RunSettings(
      preset: request.preset ?? RunRequest<M>.defaultPreset, config: request.config,
      length: request.length?.text ?? "", source: source, fingerprint: dataset.fingerprint, dataset: lines,
      intervals: request.intervals(for: plan), kept: request.kept ?? 3, threads: Engine.threads,
      parts: partCount, device: device.description, libtorch: Engine.release)
    let own = RunDescription(
      modality: M.name, softwareVersion: duelVersion, created: Date.now.ISO8601Format(), seed: seed,
      recipe: document, origins: origins(of: document, opened: opened, resolved, length: request.length),
      plan: plan,
      data: try JSONValue(encoding: settings), arguments: request.arguments)
    // Before the folder, in which nothing is to be left if there is no memory for them.
    let networks = try game()
    // Times and numbers of one rank are those of all.
    let description = try ranks.first { own }
    guard ranks.isFirst else {
      let url = URL(fileURLWithPath: try ranks.first { "" }, isDirectory: true)
      let run = Run(
        folder: RunFolder(url: url), description: description, recipe: recipe,
        settings: try description.data.decoded(), ranks: ranks)
      run.prepared = (networks, nil)
      return run
    }
    let folder = try makeFolder(request, source)
    var lock: RunLock?
    do {
      let held = try folder.lock()
      lock = held
      // Another process may have begun a run there, and ended it, since the folder was found vacant.
      if let place = request.folder { try RunFolder.requireVacant(place) }
      try description.write(to: folder.descriptionFile)
      let run = Run(
        folder: folder, description: description, recipe: recipe, settings: settings, ranks: ranks)
      run.prepared = (networks, held)
      _ = try ranks.first { folder.url.path }
      return run
    } catch {
      folder.discard(holding: lock)
      throw error
    }
  }

  /// The origin of each value of a completed recipe: what the data and the length have changed is theirs. A value that was
  /// fitted to the data is, unlike what the data decides, taken over to another run.
  private static func origins(
    of document: JSONValue, opened: JSONValue, _ resolved: ResolvedRecipe<M.Recipe>, length: Budget?
  ) -> [String: String] {
    var origins = resolved.origins
    for leaf in document.leaves where resolved.document[dotted: leaf.key] != leaf.value {
      let isFitted = opened[dotted: leaf.key] != leaf.value
      if leaf.key == RunDescription.precisionKey {
        origins[leaf.key] = RunDescription.processorOrigin
      } else if leaf.key != "training.steps" {
        origins[leaf.key] = isFitted ? RunDescription.fittedOrigin : RunDescription.dataOrigin
      }
    }
    if let length { origins["training.steps"] = "flag \(length.flag)" }
    return origins.filter { document[dotted: $0.key] != nil }
  }

  private static func makeFolder(_ request: RunRequest<M>, _ source: DataSource) throws -> RunFolder {
    if let folder = request.folder { return try RunFolder.create(at: folder) }
    let name = source.path.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    return try RunFolder.createNumbered(
      in: URL(fileURLWithPath: "runs", isDirectory: true),
      label: [M.name, name].compactMap(\.self).joined(separator: "-"))
  }

  /// Opens a run that exists, whoever began it.
  ///
  /// - Throws: `UserError`: no input where there is none; bad data where run.json is damaged or of another modality.
  public static func open(_ url: URL) throws -> Run {
    let folder = try RunFolder.open(url)
    let file = folder.descriptionFile
    let description = try RunDescription(contentsOf: file)
    guard description.modality == M.name else {
      throw UserError(
        .badData, "\(file.relativePath): found a run of modality \(description.modality), expected \(M.name)")
    }
    let settings = try RunSettings.read(from: description, file: file)
    do {
      let recipe = try M.validated(M.recipe(from: description.recipe), file)
      return Run(folder: folder, description: description, recipe: recipe, settings: settings)
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): recipe.\(error)")
    }
  }

  /// Opens the run in a folder, by its path.
  public static func open(_ path: String) throws -> Run {
    try open(URL(fileURLWithPath: path, isDirectory: true))
  }

  // MARK: Training

  /// Trains to the end of the plan, from the last checkpoint where there is one.
  ///
  /// Reports go to metrics.jsonl, previews to their folders, checkpoints to theirs. A run that was opened is trained with
  /// the threads and on the device that it began with.
  /// - Parameters:
  ///   - point: where a run that was opened goes on from.
  ///   - observers: who hears what happens beside these.
  ///   - stop: asked after each step: why to stop, or nil to go on. A run that is stopped is saved and can go on.
  /// - Returns: how it ended.
  /// - Throws: `TrainingFailure` for losses that are not finite; `UserError` for files, for data that is no longer what
  ///   the run began with, and where another process trains it.
  @discardableResult
  public func train(
    from point: ResumePoint = .latest, observers: [any TrainingObserver] = [],
    stop: () -> String? = { nil }
  ) throws -> Trainer.Outcome {
    let (game, lock) = try prepared ?? reopened()
    // Held until here, whatever happens on the way.
    defer { withExtendedLifetime(lock) {} }
    prepared = nil
    let store = CheckpointStore(folder: folder.checkpoints, keeping: settings.kept)
    let checkpoint = try sharedCheckpoint(from: point, in: store)
    let trainer = try trainer(
      game, in: folder, intervals: settings.intervals, keep: settings.kept,
      observers: ranks.isFirst
        ? [PreviewFiles(folder: folder), MetricsLog(file: folder.metricsFile)] + observers : [])
    if let checkpoint { try trainer.resume(from: checkpoint) }
    defer { step = trainer.completedSteps }
    return try trainer.run(stop: stop)
  }

  /// A trainer of the run's recipe, plan and seed, before the first step.
  func trainer(
    _ game: any Game, in folder: RunFolder, intervals: Trainer.Intervals, keep kept: Int,
    observers: [any TrainingObserver] = []
  ) throws -> Trainer {
    try Trainer(
      game: game, recipe: recipe.training, plan: description.plan, seed: description.seed,
      identity: CheckpointIdentity(modality: M.name, recipe: description.recipe.text),
      intervals: intervals, folder: folder, keep: kept, observers: observers, ranks: ranks,
      partCount: settings.parts)
  }

  /// What the run goes on from, for all ranks: what the first one has found, since a folder that hosts share may show others an
  /// older pointer for a while.
  private func sharedCheckpoint(from point: ResumePoint, in store: CheckpointStore) throws -> Checkpoint? {
    var own: Checkpoint?
    let step = try ranks.first {
      own = try checkpoint(from: point, in: store)
      return own?.step
    }
    guard let step, !ranks.isFirst else { return own }
    return try checkpoint(in: store.url(step: step))
  }

  /// Fresh networks over the run's own data, and the run taken for this process.
  private func reopened() throws -> (game: any Game, lock: RunLock?) {
    let lock = try ranks.isFirst ? folder.lock() : nil
    return (try openedGame(), lock)
  }

  /// Fresh networks over the run's own data, on the device that it goes on with.
  func openedGame() throws -> any Game {
    let device = try Engine.choose(
      threads: engine.threads ?? settings.threads, device: engine.device ?? settings.device)
    let parts = settings.parts ?? recipe.training.accumulation
    func words(_ threads: Int, _ device: String, parts: Int) -> String {
      "\(threads) threads on \(device)" + (parts > 1 ? ", batches in \(parts) parts" : "")
    }
    let began = words(settings.threads, settings.device, parts: parts)
    let goesOn = words(Engine.threads, device.description, parts: ranks.parts(atLeast: parts))
    if began != goesOn {
      notice(
        "note: the run began with \(began); with \(goesOn) it goes on, but not bit for bit as it would have")
    }
    guard let dataset = try ownDataset() else {
      throw UserError(
        .badData,
        "\(sourceName): found other data than the run in \(folder.url.relativePath) began with; a run goes on "
          + "with its own")
    }
    return try M.blaming(folder.descriptionFile, "no networks can be made of its recipe") {
      try M.makeGame(recipe: recipe, dataset: dataset, seed: description.seed, device: device)
    }
  }

  // MARK: Using

  /// The generator of one of its checkpoints; by default the best by validation data or, where nothing was scored, the latest.
  ///
  /// - Throws: `UserError` where there is no such checkpoint or it is damaged.
  public func model(_ pointer: CheckpointStore.Pointer? = nil, device: Device = .cpu) throws
    -> TrainedModel<M>
  {
    try TrainedModel(contentsOf: folder.url, pointer: pointer, device: device)
  }

  /// Draws samples of one of its checkpoints.
  ///
  /// - Parameters:
  ///   - options: how; nil for the defaults.
  ///   - count: of how many samples one is kept, by the run's verdict; 1 keeps all.
  ///   - pointer: which of its checkpoints.
  ///   - device: where to compute.
  /// - Throws: `UserError` where there is no such checkpoint, it is damaged, or options are none that it can follow.
  public func sampler(
    _ options: M.Sampling? = nil, oneOf count: Int = 1, pointer: CheckpointStore.Pointer? = nil,
    device: Device = .cpu
  ) throws -> Sampler<M> {
    try model(pointer, device: device).sampler(options ?? M.GenerateOptions.parse([]).sampling, oneOf: count)
  }

  /// The run's own data, all parts.
  ///
  /// - Throws: `UserError` where it is no longer there or has changed.
  public func dataset() throws -> M.Dataset {
    guard let dataset = try ownDataset() else {
      throw UserError(.badData, "\(sourceName): found other data than the run was trained on")
    }
    return dataset
  }

  /// What lies where the run's data was; nil where that is other data.
  private func ownDataset() throws -> M.Dataset? {
    var recipe = recipe
    let dataset = try M.openDataset(source, recipe: &recipe)
    return dataset.fingerprint == settings.fingerprint && recipe == self.recipe ? dataset : nil
  }

  private var sourceName: String { source.path ?? "the built-in set" }

  /// Measures one of its checkpoints beside what its game began with, other runs, held-out data and baselines.
  ///
  /// - Parameters:
  ///   - beside: runs that are measured like it.
  ///   - count: samples of each row; nil for the medium's default.
  ///   - seed: of all draws.
  ///   - options: the medium's own; nil for the defaults.
  ///   - kept: more than 1 for a row of which one of so many samples is kept, by the run's verdict.
  ///   - pointer: which of its checkpoints.
  ///   - device: where to compute.
  public func evaluate(
    beside: [String] = [], count: Int? = nil, seed: UInt64 = 0, options: M.EvaluateOptions? = nil,
    oneOf kept: Int = 1, pointer: CheckpointStore.Pointer? = nil, device: Device = .cpu
  ) throws -> EvaluationTable {
    try EvaluationRequest(
      model(pointer, device: device), beside: beside, dataset: dataset(), count: count, seed: seed,
      oneOf: kept
    ).table(options: options ?? M.EvaluateOptions.parse([]))
  }
}

// MARK: - Going on as the command line does

extension Run {
  /// Takes over what a request for the run that exists may change: where the data lies, intervals, threads, device. What
  /// would change the training is refused unless it says what the run says already, so that the command line that began
  /// a run goes on with it when --resume is added.
  ///
  /// - Throws: `UserError` (usage) that names the flag.
  func goOn(as request: RunRequest<M>) throws {
    try refuseChanges(in: request)
    use(request.data, threads: request.threads, device: request.device)
    ranks = request.ranks
    settings.intervals = request.intervals(for: description.plan, stored: settings.intervals)
    settings.kept = request.kept ?? settings.kept
    notice = request.notice
  }

  /// Says where the data lies, if it has moved, and with which threads and on which device this process computes, where they
  /// are not to be the run's own.
  func use(_ data: DataSource, threads: Int?, device: String?) {
    source = data.absolute.completed(by: settings.source)
    engine = (threads, device)
  }

  private func refuseChanges(in request: RunRequest<M>) throws {
    func refuse(_ flag: String, _ given: String, _ stored: String) throws {
      guard given != stored else { return }
      throw UserError(
        .usage,
        "\(flag): found \(given), but the run has \(stored); --resume goes on with what a run began with")
    }
    let parts = settings.parts ?? recipe.training.accumulation
    if let given = request.parts {
      try refuse("--parts", String(given), String(parts / recipe.training.accumulation))
    }
    switch request.length {
    case .steps(let steps): try refuse("--steps", String(steps), String(description.plan.totalSteps))
    case let length?:
      try refuse(length.flag, length.text, settings.length.isEmpty ? "a length of its own" : settings.length)
    case nil: break
    }
    if let seed = request.seed { try refuse("--seed", String(seed), String(description.seed)) }
    if let preset = request.preset { try refuse("--preset", preset.rawValue, settings.preset.rawValue) }
    if let config = request.config { try refuse("--config", config, settings.config ?? "none") }
    // Compared when all have been set: what one flag implies may be what another has changed.
    let known = try JSONValue(encoding: recipe)
    var resolver = RecipeResolver<M.Recipe>(document: known, origins: description.origins)
    for setting in request.settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    let given = try resolver.resolved().document
    let flags = Dictionary(request.settings.map { ($0.key, $0.flag) }) { $1 }
    for (key, flag) in flags.sorted(by: { precedes($0.key, $1.key) }) {
      let stored = known[dotted: key]
      try refuse(flag, given[dotted: key]?.text ?? "nothing", stored?.text ?? "nothing")
    }
  }
}
