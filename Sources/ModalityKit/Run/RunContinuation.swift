import Adversarial
import Failures
import Files
import Foundation
import Ranks
import Torch

extension Run {
  /// Takes over what a request for the run that exists may change: where the data lies, intervals, threads, device. What
  /// would change the training is refused unless it says what the run says already, so that the command line that began
  /// a run goes on with it when --resume is added. A length is added to a run whose steps are all done.
  ///
  /// - Throws: `UserError` (usage) that names the flag.
  func goOn(as request: RunRequest<M>, from point: ResumePoint) throws {
    try refuseChanges(in: request)
    use(request.data, threads: request.threads, device: request.device)
    ranks = request.ranks
    notice = request.notice
    settings.kept = request.kept ?? settings.kept
    for index in segments.indices {
      segments[index].intervals = request.intervals(
        for: segments[index].plan, stored: segments[index].intervals)
    }
    guard let length = request.length else { return }
    if try point == .latest && add(length, as: request) { return }
    try refuseOther(length)
  }

  // MARK: Segments

  /// Adds a length to a run whose steps are all done, as a segment with schedules of its own, for `train` to make. It becomes part of
  /// run.json, so that a run that is stopped in it goes on as any other.
  ///
  /// - Throws: `UserError`: usage where steps of the run are left to make; as `train` otherwise.
  public func extend(by length: Budget) throws {
    guard try !add(length, as: RunRequest(length: length)) else { return }
    throw UserError(
      .usage,
      "\(folder.url.relativePath): found steps that are not done, expected none before \(length.text) more")
  }

  /// The segment that the run goes on with from a checkpoint: the one after it, where it is the last of its own.
  func segmentIndex(after checkpoint: Checkpoint?) -> Int {
    guard let checkpoint else { return 0 }
    return min(checkpoint.plan.segment + (checkpoint.isFinished ? 1 : 0), segments.count - 1)
  }

  /// Whether training samples are reserved for a verdict, in every segment: those that the generator has seen are of no use.
  private var reservesForVerdict: Bool { description.plan.verdictSteps > 0 }

  /// A trainer of a segment of the run, before the first step.
  func trainer(
    _ game: any Game, of segment: Int, in folder: RunFolder, intervals: Trainer.Intervals, keep kept: Int,
    observers: [any TrainingObserver] = []
  ) throws -> Trainer {
    try Trainer(
      game: game, recipe: recipe.training, plan: segments[segment].plan, seed: description.seed,
      identity: CheckpointIdentity(modality: M.name, recipe: description.recipe.text),
      intervals: intervals, folder: folder, keep: kept, observers: observers, ranks: ranks,
      partCount: settings.parts, reserves: reservesForVerdict, beginsTrained: description.from != nil)
  }

  /// Adds a segment of a length, where all steps are done.
  ///
  /// - Returns: whether they are.
  private func add(_ length: Budget, as request: RunRequest<M>) throws -> Bool {
    let lock = try ranks.isFirst ? folder.lock() : nil
    let store = CheckpointStore(folder: folder.checkpoints, keeping: settings.kept)
    guard let end = try sharedCheckpoint(from: .latest, in: store), end.isFinished,
      end.plan.segment == segments.count - 1
    else { return false }
    let dataset = try unchangedDataset()
    let segment = try planned(request, after: end, on: dataset)
    let game = try game(over: dataset, on: chooseEngine(of: segment))
    description.addedSegments = (description.addedSegments ?? []) + [segment]
    segments.append(segment)
    if ranks.isFirst { try description.write(to: folder.descriptionFile) }
    prepared = (game, lock)
    notice(
      "the run has done its \(end.step) steps; segment \(segments.count) adds \(segment.plan.ownSteps): "
        + segment.plan.summary)
    if reservesForVerdict, segment.plan.verdictSteps == 0 {
      notice("\(length.text) are too few for a verdict: generate --select will have none")
    }
    return true
  }

  /// The segment that a request asks for: the networks go on from where they are, with schedules of their own that begin anew.
  /// What the recipe still wants of a warm-up comes first, at most its share.
  ///
  /// - Parameters:
  ///   - request: with a length.
  ///   - end: the run's last checkpoint.
  ///   - dataset: the run's own data.
  private func planned(_ request: RunRequest<M>, after end: Checkpoint, on dataset: M.Dataset) throws
    -> RunSegment
  {
    let device = try chooseEngine(of: segments[0])
    var training = recipe.training
    training.warmUp.steps = max(training.warmUp.steps - segments.reduce(0) { $0 + $1.plan.warmUpSteps }, 0)
    // A verdict needs samples that the generator has never seen, which the first segment has reserved or not.
    training.verdict.isOn = training.verdict.isOn && reservesForVerdict
    let plan = try request.plan(for: training, origins: [:], partCount: settings.parts) {
      try game(over: dataset, on: device)
    }
    let following = plan.following(end.plan, recipe: recipe.training)
    let own = RunSegment(
      plan: following, length: request.length?.text ?? "", created: Date.now.ISO8601Format(),
      softwareVersion: duelVersion, arguments: request.arguments, intervals: request.intervals(for: plan),
      threads: Engine.threads, device: device.description, libtorch: Engine.release)
    return try ranks.first { own }
  }

  /// Refuses a length that is not that of the segment which is being trained.
  private func refuseOther(_ length: Budget) throws {
    let segment = segments[segments.count - 1]
    let isSame =
      if case .steps(let steps) = length { steps == segment.plan.ownSteps } else {
        length.text == segment.length
      }
    guard !isSame else { return }
    let stored = segment.length.isEmpty ? "\(segment.plan.ownSteps) steps" : segment.length
    throw UserError(
      .usage,
      "\(length.flag): found \(length.text), but the run has \(stored), which are not all done; go on with --resume "
        + "alone first: a length adds to a run that is done")
  }

  // MARK: What stays

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
    if let from = request.from {
      let path = URL(fileURLWithPath: from, isDirectory: true).standardizedFileURL.path
      try refuse("--from", path, description.from?.run ?? "fresh networks")
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
