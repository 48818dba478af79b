import Failures
import Foundation
import Torch

/// Trains a game to the end of its plan, saving, reporting and showing samples on the way.
///
///     draws(seed, step) -> real batch, latents -> discriminator (x n) -> generator -> average -> events -> checkpoint
///
/// The loop is a function of recipe, data and seed. A training that is killed and resumed ends with the same tensors
/// and the same reports as one that is not.
public final class Trainer {
  /// How often something is written, in steps; none of this changes the training.
  public struct Intervals: Sendable, Equatable, Codable {
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
  public init(
    game: any Game, recipe: TrainingRecipe, plan: Plan, seed: UInt64, identity: CheckpointIdentity,
    intervals: Intervals = Intervals(), folder: RunFolder? = nil, keep: Int = 3,
    observers: [any TrainingObserver] = []
  ) throws {
    if let fault = recipe.faults.first { throw UserError(.usage, "\(fault.key): \(fault.message)") }
    state = try TrainingState(game: game, recipe: recipe, plan: plan, seed: seed)
    order = DataOrder(count: game.trainingCount, seed: seed)
    self.identity = identity
    self.intervals = intervals
    store = folder.map { CheckpointStore(folder: $0.checkpoints, keeping: keep) }
    self.observers = ObserverList(observers)
  }

  /// Adds somebody who hears of what happens from now on.
  public func add(_ observer: any TrainingObserver) { observers.add(observer) }

  /// Generator updates made so far.
  public var step: Int { state.step }

  /// Goes on from a checkpoint of the same recipe, plan and seed.
  ///
  /// - Throws: `UserError` of category bad data when the checkpoint belongs to another training.
  public func resume(from checkpoint: Checkpoint) throws {
    guard checkpoint.seed == state.seed, checkpoint.plan == state.plan, checkpoint.recipe == identity.recipe
    else {
      throw UserError(
        .badData, "the checkpoint of step \(checkpoint.step) belongs to another recipe, plan or seed")
    }
    do {
      try state.load(checkpoint)
    } catch let error as TorchError {
      throw UserError(.badData, "the checkpoint of step \(checkpoint.step) does not fit its recipe: \(error)")
    }
  }

  /// Trains until the plan is done or the caller asks to stop.
  ///
  /// - Parameter stop: called after each step; the cause of the stop, such as a signal, or nil to go on.
  /// - Throws: `TrainingFailure` when a loss or a gradient is not finite, after saving the state that led there as
  ///   `failed-step-N.safetensors`; what observers and files throw.
  public func run(stop: () -> String? = { nil }) throws -> Outcome {
    try observers.receive(.started(step: state.step, totalSteps: state.plan.totalSteps))
    var phase = state.plan.position(at: state.step).phase
    try observers.receive(.phaseChanged(step: state.step, phase: phase.rawValue))
    if state.step == 0 {
      try preview()
      try save(pointers: state.plan.warmUpSteps == 0 ? [.start] : [])
    }
    var clock = Clock(step: state.step, waited: state.game.waitingSeconds)
    while state.step < state.plan.totalSteps {
      do {
        try state.performStep(order: &order)
      } catch let failure as TrainingFailure {
        self.stop(after: failure)
        throw failure
      }
      try observers.receive(.stepped(step: state.step))
      let pointers = try validate().union(finishWarmUpIfDue())
      try report(&clock)
      let next = state.plan.position(at: state.step).phase
      if next != phase, state.step < state.plan.totalSteps {
        phase = next
        try observers.receive(.phaseChanged(step: state.step, phase: phase.rawValue))
      }
      let isLast = state.step == state.plan.totalSteps
      if isLast || intervals.isPreviewDue(at: state.step) || pointers.contains(.start) {
        try preview()
      }
      let cause = stop()
      if isLast || cause != nil || state.step.isMultiple(of: intervals.checkpoint) || !pointers.isEmpty {
        try save(pointers: pointers)
      }
      if let cause, !isLast {
        try observers.receive(.stopped(step: state.step, cause: cause))
        return .stopped(cause: cause)
      }
    }
    try observers.receive(.finished(step: state.step))
    return .finished
  }
}

// MARK: After a step

extension Trainer {
  /// Scores the averaged generator on validation data where it is due, at multiples of the interval and at the end of a
  /// phase, and says whether the checkpoint of this step is the duel's best so far.
  private func validate() throws -> Set<CheckpointStore.Pointer> {
    let plan = state.plan
    let due =
      state.step.isMultiple(of: state.recipe.validationInterval) || state.step == plan.warmUpSteps
      || state.step == plan.totalSteps
    guard due, let score = try state.game.validationScore(of: state.game.averagedGenerator) else { return [] }
    state.statistics.add(ScalarName.validation, score)
    if state.step <= plan.warmUpSteps {
      if score < state.best?.score ?? .infinity { state.best = try state.snapshot(score: score) }
      return []
    }
    guard score < state.bestDuelScore ?? .infinity else { return [] }
    state.bestDuelScore = score
    return [.best]
  }

  /// Ends the warm-up after its last step, and says how the checkpoint of this step is to be called.
  private func finishWarmUpIfDue() throws -> Set<CheckpointStore.Pointer> {
    guard state.step == state.plan.warmUpSteps else { return [] }
    try state.finishWarmUp()
    return [.start]
  }

  private func report(_ clock: inout Clock) throws {
    let plan = state.plan
    guard
      state.step.isMultiple(of: intervals.report) || state.step == plan.totalSteps
        || state.step == plan.warmUpSteps
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
    let preview = try state.game.preview(of: state.game.averagedGenerator, seed: state.seed)
    try observers.receive(.preview(step: state.step, preview))
  }

  private func save(pointers: Set<CheckpointStore.Pointer> = []) throws {
    guard let store else { return }
    let file = try store.save(step: state.step, pointers: pointers) {
      try Checkpoint.write(state, identity: identity, to: $0)
    }
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
