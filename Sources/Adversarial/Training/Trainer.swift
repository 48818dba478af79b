import Failures
import Foundation
import Ranks
import Torch

/// Trains a game to the end of its plan, saving, reporting and showing samples on the way.
///
///     draws(seed, step) -> real batch, latents -> discriminator (x n) -> generator -> average -> events -> checkpoint
///
/// The loop is a function of recipe, data and seed. A training that is killed and resumed ends with the same tensors
/// and the same reports as one that is not.
public final class Trainer {
  /// How often something is written, in steps; none of this changes the training.
  public struct Intervals: Sendable, Hashable, Codable {
    /// Steps between two reports.
    public var report = 50
    /// Steps between two checkpoints.
    public var checkpoint = 500
    /// Steps between two previews, of which there are more before the first multiple; 0 for none at all, neither
    /// before the first step nor at the end.
    public var preview = 500

    /// The defaults, to be changed field by field.
    public init() {}

    /// Whether samples are shown after so many steps: at multiples of the interval and, before the first of them, at the
    /// powers of two from 64 on. Samples change fastest at the beginning, and a long run's interval is long.
    func isPreviewDue(at step: Int) -> Bool {
      guard preview > 0 else { return false }
      let isEarly = step >= 64 && step < preview && step.nonzeroBitCount == 1
      return isEarly || step.isMultiple(of: preview)
    }
  }

  /// How a training ended.
  public enum Outcome: Equatable, Sendable {
    /// The plan is done.
    case finished
    /// The caller asked to stop, for this cause; the last step is saved.
    case stopped(cause: String)
  }

  private let state: TrainingState
  private let identity: CheckpointIdentity
  private let intervals: Intervals
  private let store: CheckpointStore?
  private let observers: ObserverList
  private var order: DataOrder
  /// Nil before the first step of this process, and after a stop.
  private var session: Session?
  /// Whether steps were made before the present session, by this process or by one whose checkpoint was loaded.
  private var goesOn = false
  private var isFinished = false
  /// The step of the last checkpoint that this process wrote.
  private var savedStep: Int?

  /// Prepares a training from its first step.
  ///
  /// - Parameters:
  ///   - game: networks and data, fresh from the recipe and the seed.
  ///   - recipe: how to train them.
  ///   - plan: how long.
  ///   - seed: of every random draw.
  ///   - identity: what checkpoints say of the networks.
  ///   - intervals: how often to report, save and show.
  ///   - folder: where checkpoints go; nil writes none. What else a run's folder holds is written by observers:
  ///     `MetricsLog`, `PreviewFiles`.
  ///   - keep: checkpoints to keep beside those that pointers name.
  ///   - observers: who hears what happens.
  ///   - ranks: the processes that train it, all of which make the same calls. The first one's folder and observers are used.
  ///   - partCount: parts that a batch is computed in, over all ranks, at least: equal numbers give equal bits however many
  ///     ranks there are; nil for the recipe's `accumulation`. Of so many times more parts that many are computed at the same
  ///     time, as far as the engine has threads, and each with its share of them.
  ///   - reserves: whether training samples are reserved for a verdict, as the first segment of a run decides; nil where the plan
  ///     is that of the first.
  ///   - beginsTrained: whether the networks of the game have been taken over from another run, so that the game may harm them.
  public init(
    game: any Game, recipe: TrainingRecipe, plan: Plan, seed: UInt64, identity: CheckpointIdentity,
    intervals: Intervals = Intervals(), folder: RunFolder? = nil, keep: Int = 3,
    observers: [any TrainingObserver] = [], ranks: Ranks = .alone, partCount: Int? = nil,
    reserves: Bool? = nil, beginsTrained: Bool = false
  ) throws {
    if let fault = recipe.faults.first { throw UserError(.usage, "\(fault.key): \(fault.message)") }
    state = try TrainingState(
      game: game, recipe: recipe, plan: plan, seed: seed, ranks: ranks, partCount: partCount,
      reserves: reserves, beginsTrained: beginsTrained)
    order = state.dataOrder
    self.identity = identity
    self.intervals = intervals
    store = ranks.isFirst ? folder.map { CheckpointStore(folder: $0.checkpoints, keeping: keep) } : nil
    self.observers = ObserverList(ranks.isFirst ? observers : [])
  }

  /// Adds somebody who hears of what happens from now on, on the first rank.
  public func add(_ observer: any TrainingObserver) {
    if state.ranks.isFirst { observers.add(observer) }
  }

  /// Generator updates made so far.
  public var completedSteps: Int { state.step }

  /// Goes on from a checkpoint of the same recipe, plan and seed or, where the plan is that of a further segment, from the last
  /// one of the segment before.
  ///
  /// - Throws: `UserError` of category bad data when the checkpoint belongs to another training.
  public func resume(from checkpoint: Checkpoint) throws {
    let isPredecessor = isEnd(checkpoint, before: state.plan)
    guard isPredecessor || checkpoint.isOf(state.plan, seed: state.seed, recipe: identity.recipe) else {
      throw UserError(
        .badData, "the checkpoint of step \(checkpoint.step) belongs to another recipe, plan or seed")
    }
    do {
      try isPredecessor ? state.begin(after: checkpoint) : state.load(checkpoint)
      goesOn = true
    } catch let error as TorchError {
      throw UserError(.badData, "the checkpoint of step \(checkpoint.step) does not fit its recipe: \(error)")
    }
  }

  /// Whether a checkpoint is the last one of the segment before a plan's.
  private func isEnd(_ checkpoint: Checkpoint, before plan: Plan) -> Bool {
    checkpoint.isFinished && checkpoint.plan.segment + 1 == plan.segment && checkpoint.seed == state.seed
      && checkpoint.recipe == identity.recipe
  }

  /// Trains until the plan is done or the caller asks to stop.
  ///
  /// - Parameter stop: called after each step; the cause of the stop, such as a signal, or nil to go on. Of several ranks any
  ///   may stop all of them.
  /// - Throws: as `step()`.
  public func run(stop: () -> String? = { nil }) throws -> Outcome {
    while try step() {
      guard let cause = try state.ranks.agreed(stop()) else { continue }
      try save()
      session = nil
      try observers.receive(.stopped(step: state.step, cause: cause))
      return .stopped(cause: cause)
    }
    return .finished
  }

  /// Makes one step and everything that is due after it: validation, report, preview, checkpoint.
  ///
  /// `run` is a loop around it; a loop of one's own may look at the networks between two steps, and stop at any time:
  ///
  /// ```swift
  /// while try trainer.step() {
  ///   if bestIsGoodEnough { break }
  /// }
  /// try trainer.save()
  /// ```
  ///
  /// The first call begins: observers hear of it, and the state before the first step is shown and saved. The call that
  /// makes the plan's last step ends the run.
  ///
  /// - Returns: whether there are more steps to make.
  /// - Throws: `TrainingFailure` when a loss or a gradient is not finite, after saving the state that led there as
  ///   `failed-step-N.safetensors`; what observers and files throw.
  @discardableResult
  public func step() throws -> Bool {
    guard !isFinished else { return false }
    var session = try self.session ?? begin()
    if state.step < state.plan.totalSteps {
      do {
        try state.performStep(order: &order)
      } catch let failure as TrainingFailure {
        self.stop(after: failure)
        throw failure
      }
      try observers.receive(.stepped(step: state.step))
      let validated = try validate()
      let found = try state.judge()
      let isLast = state.step == state.plan.totalSteps
      try report(&session.clock)
      let finished = try finishDuelIfDue()
      var pointers = try validated.pointers.union(finishWarmUpIfDue()).union(finished.pointers)
      // The checkpoint with the verdict is the best there is: it has the same generator.
      if found != nil, state.best != nil { pointers.insert(.best) }
      for text in validated.decisions + finished.decisions + [found].compactMap(\.self) {
        try observers.receive(.decided(step: state.step, text: text))
      }
      let phase = state.plan.position(at: state.step).phase
      if phase != session.phase, !isLast {
        session.phase = phase
        try observers.receive(.phaseChanged(step: state.step, phase: phase.rawValue))
      }
      // Nothing changes in what is shown once the generator is finished.
      let isShown = state.step < state.plan.duelEnd && intervals.isPreviewDue(at: state.step)
      if isShown || state.step == state.plan.duelEnd || pointers.contains(.start) { try preview() }
      if isLast || state.step.isMultiple(of: intervals.checkpoint) || !pointers.isEmpty {
        try save(pointers: pointers)
      }
    }
    self.session = session
    guard state.step == state.plan.totalSteps else { return true }
    isFinished = true
    try observers.receive(.finished(step: state.step))
    return false
  }

  /// Samples `[count, ...]` of the averaged generator, as the discriminator takes them, without gradients.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: what determines latents and the network's own draws.
  ///   - labels: the class of each, `[count]`, for conditional generators.
  public func samples(count: Int, seed: UInt64, labels: Tensor? = nil) throws -> Tensor {
    let context = StepContext(seed: seed, scope: "samples")
    var stream = context.stream("latents")
    let latents = try state.recipe.prior.draw(
      count: count, dimension: state.recipe.latentDimension, using: &stream, device: state.game.device)
    return try withoutGradients {
      try state.game.averagedGenerator.generate(latents: latents, labels: labels, context: context)
    }
  }

  /// Saves the present step, unless it is saved already or there is no folder to save in.
  ///
  /// - Throws: `UserError` when the file cannot be created or the disk is full; what observers throw.
  public func save() throws {
    if savedStep != state.step { try save(pointers: []) }
  }

  /// What holds from the first step that this process makes to the last.
  private struct Session {
    var phase: Phase
    var clock: Clock
  }

  /// Tells observers where the run stands, and shows and saves the state before the first step.
  private func begin() throws -> Session {
    let total = state.plan.totalSteps
    try observers.receive(
      goesOn ? .resumed(step: state.step, totalSteps: total) : .started(totalSteps: total))
    goesOn = true
    _ = try state.unify()
    let phase = state.plan.position(at: state.step).phase
    try observers.receive(.phaseChanged(step: state.step, phase: phase.rawValue))
    if state.step == 0 {
      try preview()
      if state.canHarm, state.plan.warmUpSteps == 0, let score = try state.validationScore() {
        _ = try state.take(score: score)
      }
      try save(pointers: state.plan.warmUpSteps > 0 ? [] : state.best == nil ? [.start] : [.start, .best])
    }
    let session = Session(phase: phase, clock: Clock(step: state.step, waited: state.game.waitingSeconds))
    self.session = session
    return session
  }
}

// MARK: After a step

extension Trainer {
  /// Where it is due, scores the averaged generator on validation data and takes the discriminator's account.
  ///
  /// - Returns: what the checkpoint of this step is to be called, and what was decided, in sentences.
  private func validate() throws -> (pointers: Set<CheckpointStore.Pointer>, decisions: [String]) {
    guard state.plan.isValidationDue(at: state.step, recipe: state.recipe) else { return ([], []) }
    if try state.unify(), state.ranks.isFirst {
      try observers.receive(
        .warning(
          step: state.step,
          text: "ranks had drifted apart by rounding; all go on with the first one's networks"))
    }
    if !observers.isEmpty {
      for text in try state.game.warnings(seed: state.seed) {
        try observers.receive(.warning(step: state.step, text: text))
      }
    }
    var pointers: Set<CheckpointStore.Pointer> = []
    let isDuel = state.step > state.plan.warmUpEnd
    if let score = try state.validationScore() {
      state.statistics.add(ScalarName.validation, score)
      if isDuel, let best = state.best {
        state.referee.add(score: score, best: best.score, recipe: state.recipe.referee)
      }
      if try state.take(score: score), isDuel { pointers = [.best] }
    }
    guard isDuel else { return (pointers, []) }
    let span = (state.recipe.referee.patience - 1) * state.recipe.validationInterval
    if let account = try state.account() {
      state.referee.add(account, span: span, recipe: state.recipe.referee)
      for scalar in account.scalars { state.statistics.add(scalar.name, scalar.value) }
    }
    guard state.step < state.plan.duelEnd,
      let cause = state.referee.ruling(span: span, recipe: state.recipe.referee, canHarm: state.canHarm)
    else { return (pointers, []) }
    state.endDuel(because: cause)
    return (pointers, [cause])
  }

  /// Ends the warm-up after its last step, and says how the checkpoint of this step is to be called.
  private func finishWarmUpIfDue() throws -> Set<CheckpointStore.Pointer> {
    guard state.step == state.plan.warmUpEnd else { return [] }
    try state.finishWarmUp()
    return state.best == nil ? [.start] : [.start, .best]
  }

  /// After the duel's last step makes the best generator the one that the run ends with, and says so where it is another
  /// than the last.
  private func finishDuelIfDue() throws -> (pointers: Set<CheckpointStore.Pointer>, decisions: [String]) {
    guard state.step == state.plan.duelEnd, let best = state.best else { return ([], []) }
    try state.takeBest()
    guard best.step < state.step else { return ([.best], []) }
    let reason =
      if state.plan.segment > 0, best.step <= state.plan.firstStep {
        "this segment has not made it better, so the run ends with the generator of step \(best.step), from before it"
      } else if best.step <= state.plan.warmUpEnd, state.canHarm {
        "the duel has not made it better, so the run ends with the warm start, the generator of step \(best.step)"
      } else {
        "the run ends with its best generator, that of step \(best.step)"
      }
    return ([.best], ["\(reason), which scores \(shortened(best.score)) on validation data"])
  }

  private func report(_ clock: inout Clock) throws {
    let plan = state.plan
    guard
      state.step.isMultiple(of: intervals.report)
        || [plan.warmUpEnd, plan.duelEnd, plan.totalSteps].contains(state.step)
    else { return }
    let phase = plan.position(at: state.step - 1).phase
    let scalars = state.statistics.drain().map { name, value in
      Scalar(name, value, label: ScalarName.label(of: name))
    }
    let pace = clock.pace(at: state.step, waited: state.game.waitingSeconds)
    try observers.receive(
      .report(
        TrainingReport(
          step: state.step, phase: phase.rawValue, scalars: scalars, rate: pace.rate, seconds: clock.seconds,
          waiting: pace.waiting)))
  }

  private func preview() throws {
    guard intervals.preview > 0, !observers.isEmpty else { return }
    let preview = try state.game.preview(seed: state.seed)
    try observers.receive(.preview(step: state.step, preview))
  }

  private func save(pointers: Set<CheckpointStore.Pointer>) throws {
    guard let store else { return }
    let file = try store.save(step: state.step, pointers: pointers) {
      try Checkpoint.write(state, identity: identity, to: $0)
    }
    savedStep = state.step
    try observers.receive(.checkpoint(step: state.step, file: file))
  }

  /// Keeps what led to a failure for inspection, beside the good checkpoints and never in place of one.
  ///
  /// The generator and its optimiser are those before the failing step; the discriminator may have been updated in it.
  /// The failure is what the user must hear of, so trouble with the file or an observer does not take its place.
  private func stop(after failure: TrainingFailure) {
    if let store {
      let file = store.folder.appendingPathComponent("failed-step-\(state.step).safetensors")
      try? Checkpoint.write(state, identity: identity, to: file)
    }
    session = nil
    try? observers.receive(.stopped(step: state.step, cause: failure.cause))
  }
}

/// Measures the rate of steps; what it says is shown and never used.
private struct Clock {
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  private var lastStep: Int
  private var lastWaited: Double

  init(step: Int, waited: Double) {
    lastStep = step
    lastWaited = waited
  }

  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Steps per second since the last call, and the share of that time that was spent waiting for data.
  mutating func pace(at step: Int, waited: Double) -> (rate: Double, waiting: Double) {
    let now = ContinuousClock.now
    defer { (last, lastStep, lastWaited) = (now, step, waited) }
    let elapsed = max((now - last) / .seconds(1), 1e-9)
    return (Double(step - lastStep) / elapsed, min(max((waited - lastWaited) / elapsed, 0), 1))
  }
}
