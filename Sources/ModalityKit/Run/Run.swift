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
  public internal(set) var description: RunDescription
  /// What rebuilds its networks, completed by its data.
  public let recipe: M.Recipe
  /// How it was asked for and how it is written down.
  var settings: RunSettings
  /// The parts of its training: the first one, and those that were added.
  var segments: [RunSegment]

  /// Generator updates that `train` has brought it to; nil before.
  public private(set) var step: Int?

  /// Threads and device of the present process, where they are not to be those that the run began with.
  private var engine: (threads: Int?, device: String?) = (nil, nil)
  /// The device of a replay.
  var replayDevice: String { engine.device ?? segments[segments.count - 1].device }
  var notice: (String) -> Void = { _ in }
  /// The processes that train it together.
  var ranks = Ranks.alone
  /// Where to find the data, if it has moved.
  private var source: DataSource
  /// What `create` has made and taken already.
  var prepared: (game: any Game, lock: RunLock?)?

  private init(
    folder: RunFolder, description: RunDescription, recipe: M.Recipe, settings: RunSettings,
    ranks: Ranks = .alone
  ) {
    (self.folder, self.description, self.recipe, self.settings) = (folder, description, recipe, settings)
    self.ranks = ranks
    segments = [RunSegment(first: description, settings)] + (description.addedSegments ?? [])
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
    let start = try request.from.map { try TrainedStart<M>($0) }
    var source = request.data.absolute
    if source.path == nil, let start { source = source.completed(by: start.settings.source) }
    var recipe = resolved.recipe
    RunRequest<M>.suit(&recipe, to: device, resolved)
    let dataset = try M.openDataset(source, recipe: &recipe)
    try ranks.require(same: dataset.fingerprint, "the data")
    let opened = try JSONValue(encoding: recipe)
    M.fit(&recipe, to: dataset, isGiven: resolved.isGiven)
    let lines = dataset.descriptionLines
    lines.forEach(request.notice)
    if let notice = M.shortage(of: dataset)?.notice { request.notice(notice) }

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
    // Before the folder, in which nothing is to be left if there is no memory for them.
    let networks = try game()
    var own = RunDescription(
      modality: M.name, softwareVersion: duelVersion, created: Date.now.ISO8601Format(), seed: seed,
      recipe: document, origins: origins(of: document, opened: opened, resolved, length: request.length),
      plan: plan,
      data: try JSONValue(encoding: settings), arguments: request.arguments)
    if let repeated = request.repeatedRun(origins: resolved.origins) {
      own.addedSegments = repeated.addedSegments?.map {
        $0.repeated(request.intervals(for: $0.plan), arguments: request.arguments, device: device)
      }
      if let from = repeated.from, request.from == nil {
        request.notice(
          "note: that run began with the networks of \(from.run), as this one does not without --from")
      }
    }
    own.from = try start?.take(into: networks, of: recipe, fingerprint: dataset.fingerprint)
    own.from?.taken.forEach(request.notice)
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

  /// Trains to the end of the plan, and of every segment that was added to it, from the last checkpoint where there is one.
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
    let isReopened = prepared == nil
    let (game, lock) = try prepared ?? reopened()
    // Held until here, whatever happens on the way.
    defer { withExtendedLifetime(lock) {} }
    prepared = nil
    let store = CheckpointStore(folder: folder.checkpoints, keeping: settings.kept)
    var checkpoint = try sharedCheckpoint(from: point, in: store)
    if isReopened, checkpoint == nil, let origin = description.from {
      _ = try TrainedStart<M>(origin).take(into: game, of: recipe, fingerprint: settings.fingerprint)
    }
    let observers =
      try ranks.isFirst
      ? [PreviewFiles(folder: folder), MetricsLog(file: folder.metricsFile)] + observers : []
    var outcome = Trainer.Outcome.finished
    for segment in segmentIndex(after: checkpoint)..<segments.count {
      let trainer = try trainer(
        game, of: segment, in: folder, intervals: segments[segment].intervals, keep: settings.kept,
        observers: observers)
      if let checkpoint { try trainer.resume(from: checkpoint) }
      defer { step = trainer.completedSteps }
      outcome = try trainer.run(stop: stop)
      guard outcome == .finished, segment + 1 < segments.count else { break }
      checkpoint = try sharedCheckpoint(from: .latest, in: store)
    }
    return outcome
  }

  /// What the run goes on from, for all ranks: what the first one has found, since a folder that hosts share may show others an
  /// older pointer for a while.
  func sharedCheckpoint(from point: ResumePoint, in store: CheckpointStore) throws -> Checkpoint? {
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

  /// Says where the data lies, if it has moved, and with which threads and on which device this process computes, where they
  /// are not to be the run's own.
  func use(_ data: DataSource, threads: Int?, device: String?) {
    source = data.absolute.completed(by: settings.source)
    engine = (threads, device)
  }

  /// Sets the engine's threads and finds the device, for a segment.
  func chooseEngine(of segment: RunSegment) throws -> Device {
    try Engine.choose(
      threads: engine.threads ?? segment.threads, device: engine.device ?? segment.device)
  }

  /// Fresh networks over the run's own data, on the device that it goes on with.
  func openedGame() throws -> any Game {
    let segment = segments[segments.count - 1]
    let device = try chooseEngine(of: segment)
    let parts = settings.parts ?? recipe.training.accumulation
    func words(_ threads: Int, _ device: String, parts: Int) -> String {
      "\(threads) threads on \(device)" + (parts > 1 ? ", batches in \(parts) parts" : "")
    }
    let began = words(segment.threads, segment.device, parts: parts)
    let goesOn = words(Engine.threads, device.description, parts: ranks.parts(atLeast: parts))
    if began != goesOn {
      notice(
        "note: the run began with \(began); with \(goesOn) it goes on, but not bit for bit as it would have")
    }
    return try game(over: unchangedDataset(), on: device)
  }

  /// Fresh networks over data of the run's own.
  func game(over dataset: M.Dataset, on device: Device) throws -> any Game {
    try M.blaming(folder.descriptionFile, "no networks can be made of its recipe") {
      try M.makeGame(recipe: recipe, dataset: dataset, seed: description.seed, device: device)
    }
  }

  /// The run's own data, to go on with.
  ///
  /// - Throws: `UserError(.badData)` where it has changed.
  func unchangedDataset() throws -> M.Dataset {
    guard let dataset = try ownDataset() else {
      throw UserError(
        .badData,
        "\(sourceName): found other data than the run in \(folder.url.relativePath) began with; a run goes on "
          + "with its own, and another one begins with its networks: train --from \(folder.url.relativePath)")
    }
    return dataset
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
