import Failures
import Foundation
import Ranks
import Torch

/// All that a training changes from step to step: networks, optimisers, the moving average, the best of the warm-up,
/// sums for the next report. What this writes and reads is what makes a resumed run equal an uninterrupted one.
final class TrainingState {
  /// The networks and their data.
  let game: any Game
  /// How they are trained.
  let recipe: TrainingRecipe
  /// How long; shorter than it was planned where the referee has ended the duel.
  private(set) var plan: Plan
  /// The seed of every random draw.
  let seed: UInt64
  /// How batches are computed, and by whom.
  let split: BatchSplit
  /// The processes that train it.
  var ranks: Ranks { split.ranks }

  /// Generator updates made.
  var step = 0
  /// The optimiser of the warm-up; nil without one and once the duel has begun.
  private(set) var warmUpOptimiser: (any Optimiser)?
  /// The generator's optimiser in the duel.
  let generatorOptimiser: any Optimiser
  /// The discriminator's optimiser.
  let discriminatorOptimiser: any Optimiser
  /// Keeps the averaged generator.
  let averaging: ExponentialMovingAverage
  /// The best generator so far by its score on validation data.
  var best: Snapshot?
  /// Watches the duel.
  var referee = Referee()
  /// Why the duel ended before its time; nil where it has not.
  private(set) var ending: String?
  /// Judges the finished generator; nil before its first step.
  private(set) var verdict: VerdictTraining?
  /// Whether the networks have been taken over from another run.
  let beginsTrained: Bool
  /// Which training samples the generator does not see.
  let reserve: TrainingReserve
  /// Means since the last report.
  var statistics = Statistics()

  /// A generator's tensors, the step that they are of and their score on validation data.
  struct Snapshot {
    var step: Int
    var score: Double
    var tensors: [(name: String, tensor: Tensor)]
  }

  /// The state before the first step.
  ///
  /// - Parameters:
  ///   - partCount: parts that a batch is computed in, over all ranks, at least; nil for the recipe's.
  ///   - reserves: whether samples are reserved for a verdict, if not by this plan; nil where that decides.
  ///   - beginsTrained: whether the networks have been taken over from another run.
  /// - Throws: `UserError` (usage) where a batch has fewer samples than there are ranks.
  init(
    game: any Game, recipe: TrainingRecipe, plan: Plan, seed: UInt64, ranks: Ranks = .alone,
    partCount: Int? = nil, reserves: Bool? = nil, beginsTrained: Bool = false
  ) throws {
    let smallest = min(recipe.batchSize, recipe.verdict.batchSize ?? recipe.batchSize)
    guard smallest >= ranks.count else {
      throw UserError(
        .usage,
        "\(ranks.count) ranks share a batch of \(smallest) samples: expected at most one rank a sample; "
          + "start fewer, or raise --batch")
    }
    self.game = game
    self.recipe = recipe
    self.plan = plan
    self.seed = seed
    split = BatchSplit(
      ranks: ranks, parts: partCount ?? recipe.accumulation, accumulation: recipe.accumulation)
    self.beginsTrained = beginsTrained
    reserve = TrainingReserve(game, hasVerdict: reserves ?? (plan.verdictSteps > 0), seed: seed)
    let generator = game.generator.namedParameters
    warmUpOptimiser = plan.warmUpSteps > 0 ? try recipe.warmUp.optimiser.make(generator) : nil
    generatorOptimiser = try recipe.generatorOptimiser.make(generator)
    discriminatorOptimiser = try recipe.discriminatorOptimiser.make(game.discriminator.namedParameters)
    averaging = try ExponentialMovingAverage(of: game.generator, in: game.averagedGenerator)
    try averaging.start()
  }

  /// The context of a call at the present step, for rows of its batch.
  func context(_ scope: String, rows: BatchRows? = nil) -> StepContext {
    let position = plan.position(at: step)
    return StepContext(
      seed: seed, step: step, phaseStep: position.step, phaseSteps: position.steps, scope: scope,
      rows: rows, isTraining: true)
  }

  /// The end of the warm-up: the best generator on validation data, where one was scored, takes the place of the last.
  func finishWarmUp() throws {
    if best != nil { try takeBest() } else { try averaging.start() }
    warmUpOptimiser = nil
  }

  /// Makes the best generator on validation data the present one.
  func takeBest() throws {
    guard let best else { return }
    let tensors = Dictionary(uniqueKeysWithValues: best.tensors.map { ($0.name, $0.tensor) })
    try game.generator.load(tensors)
    try game.averagedGenerator.load(tensors)
  }

  /// Takes note of a score of the averaged generator on validation data, the lower the better.
  ///
  /// To take a warm start's place a generator of the duel has to be better by more than half the referee's tolerance, since
  /// scores vary by chance; after that, better than the best.
  ///
  /// - Returns: whether it is the best so far.
  func take(score: Double) throws -> Bool {
    let isWarmStart = step > plan.warmUpEnd && best.map { $0.step <= plan.warmUpEnd } ?? false
    let margin = isWarmStart ? recipe.referee.tolerance / 2 * abs(best?.score ?? 0) : 0
    guard score < best.map({ $0.score - margin }) ?? .infinity else { return false }
    best = Snapshot(
      step: step, score: score,
      tensors: try game.averagedGenerator.state.map { ($0.name, try $0.tensor.cloned()) })
    return true
  }

  /// Makes the tensors of all ranks those of the first, where processors that round differently have let them drift apart.
  ///
  /// - Returns: whether they had.
  /// - Throws: `UserError` where ranks are at different steps.
  func unify() throws -> Bool {
    guard ranks.areSeveral else { return false }
    try ranks.require(same: "step \(step)", "the run's checkpoints")
    return try ranks.unify(tensors.map(\.tensor))
  }

  /// Whether the duel begins with a generator that knows something.
  var canHarm: Bool {
    plan.warmUpSteps > 0 || game.beginsWithSamples || beginsTrained || plan.segment > 0
  }

  /// The order in which the generator sees training samples.
  var dataOrder: DataOrder { DataOrder(count: game.trainingCount, chosen: reserve.seen, seed: seed) }

  /// Makes the present step the duel's last.
  func endDuel(because cause: String) {
    plan = plan.ending(at: step)
    ending = cause
  }
}

// MARK: Tensors and numbers of a checkpoint

extension TrainingState {
  /// What a checkpoint holds beside tensors.
  struct Numbers: Codable, Equatable {
    var step: Int
    var seed: UInt64
    var plan: Plan
    var statistics: Statistics
    var bestWarmUpScore: Double?
    var bestDuelScore: Double?
    var bestStep: Int?
    var referee: Referee?
    var ending: String?
    var verdict: VerdictTraining.Numbers?

    /// The lowest score on validation data, of either phase.
    var bestScore: Double? { bestDuelScore ?? bestWarmUpScore }
  }

  /// Every number that goes into a checkpoint.
  var numbers: Numbers {
    let isWarmingUp = step < plan.warmUpEnd
    return Numbers(
      step: step, seed: seed, plan: plan, statistics: statistics,
      bestWarmUpScore: isWarmingUp ? best?.score : nil, bestDuelScore: isWarmingUp ? nil : best?.score,
      bestStep: best?.step, referee: isWarmingUp ? nil : referee, ending: ending,
      verdict: verdict?.numbers)
  }

  /// The networks and optimisers under the prefixes of their places in a checkpoint.
  private var places: [(prefix: String, state: [(name: String, tensor: Tensor)])] {
    get throws {
      var places = [
        ("generator", try game.generator.state),
        ("averaged", try game.averagedGenerator.state),
        ("discriminator", try game.discriminator.state),
      ]
      // Optimisers of phases that are over or have not begun hold nothing worth keeping.
      if let warmUpOptimiser, step < plan.warmUpEnd {
        places.append(("optimiser.warm-up", try warmUpOptimiser.state))
      } else {
        places.append(("optimiser.generator", try generatorOptimiser.state))
        places.append(("optimiser.discriminator", try discriminatorOptimiser.state))
      }
      return places
    }
  }

  /// Every tensor that goes into a checkpoint, by name.
  var tensors: [(name: String, tensor: Tensor)] {
    get throws {
      var all = try places.flatMap { place in place.state.map { ("\(place.prefix).\($0.name)", $0.tensor) } }
      if let best { all += best.tensors.map { ("best.\($0.name)", $0.tensor) } }
      if let verdict { all += try verdict.tensors }
      return all
    }
  }

  /// Takes what a checkpoint holds.
  ///
  /// - Throws: `TorchError` that names the tensors that are missing, left over or of another shape.
  func load(_ checkpoint: Checkpoint) throws {
    let numbers = checkpoint.numbers
    step = numbers.step
    statistics = numbers.statistics
    plan = numbers.plan
    referee = numbers.referee ?? Referee()
    ending = numbers.ending
    try loadNetworks(of: checkpoint)
    if let warmUpOptimiser, step < plan.warmUpEnd {
      try warmUpOptimiser.load(checkpoint.tensors(of: "optimiser.warm-up"))
    } else {
      warmUpOptimiser = nil
      try loadOptimisers(of: checkpoint)
    }
    if let judged = numbers.verdict { try begunVerdict().load(judged, from: checkpoint) }
  }

  /// Begins a segment with what the one before has ended with: its networks, its best generator, and, where the duel goes on at
  /// once, its optimisers.
  ///
  /// - Throws: as `load`.
  func begin(after checkpoint: Checkpoint) throws {
    step = checkpoint.step
    plan = plan.following(checkpoint.plan, recipe: recipe)
    referee = checkpoint.numbers.referee ?? Referee()
    referee.forget()
    try loadNetworks(of: checkpoint)
    // What a checkpoint in the warm-up does not hold would be lost where that is resumed.
    if plan.warmUpSteps == 0 { try loadOptimisers(of: checkpoint) }
  }

  private func loadNetworks(of checkpoint: Checkpoint) throws {
    best = try snapshot(in: checkpoint)
    try game.generator.load(checkpoint.tensors(of: "generator"))
    try game.averagedGenerator.load(checkpoint.tensors(of: "averaged"))
    try game.discriminator.load(checkpoint.tensors(of: "discriminator"))
  }

  private func loadOptimisers(of checkpoint: Checkpoint) throws {
    try generatorOptimiser.load(checkpoint.tensors(of: "optimiser.generator"))
    try discriminatorOptimiser.load(checkpoint.tensors(of: "optimiser.discriminator"))
  }

  /// The best generator that a checkpoint holds; nil where none was scored.
  private func snapshot(in checkpoint: Checkpoint) throws -> Snapshot? {
    let kept = checkpoint.tensors(of: "best")
    guard let score = checkpoint.numbers.bestScore, !kept.isEmpty else { return nil }
    let tensors = try game.averagedGenerator.state.map { name, _ in
      guard let tensor = kept[name] else { throw TorchError("best.\(name) is missing") }
      return (name: name, tensor: tensor)
    }
    return Snapshot(step: checkpoint.numbers.bestStep ?? checkpoint.step, score: score, tensors: tensors)
  }
}

// MARK: The verdict

extension TrainingState {
  /// The verdict, begun where it was not.
  ///
  /// - Throws: `TorchError` where the game has too few samples for one.
  private func begunVerdict() throws -> VerdictTraining {
    if let verdict { return verdict }
    let known = referee.discriminatorGeneralises ? game.discriminator : nil
    guard
      let begun = try VerdictTraining(
        game: game, recipe: recipe, reserve: reserve, seed: seed, split: split, beginning: known)
    else {
      throw TorchError("found too few samples that the generator has not seen for a verdict")
    }
    verdict = begun
    return begun
  }

  /// One step of the verdict.
  func updateVerdict() throws {
    for scalar in try begunVerdict().update(context("verdict")) { statistics.add(scalar.name, scalar.value) }
  }

  /// Validates the verdict after a step where that is due, and ends it after its last one; on the first rank, since nothing
  /// in the verdict's training depends on it.
  ///
  /// - Returns: what was found in the end, in a sentence; nil before.
  func judge() throws -> String? {
    guard ranks.isFirst, step > plan.duelEnd, let verdict else { return nil }
    let done = step - plan.duelEnd
    let isLast = done == plan.verdictSteps
    let context = StepContext(seed: seed, step: step, scope: "verdict validation")
    if isLast || done.isMultiple(of: recipe.verdict.validationInterval(steps: plan.verdictSteps)) {
      statistics.add(ScalarName.verdictHeldOutLoss, try verdict.validate(context))
    }
    guard isLast else { return nil }
    let record = try verdict.finish(context)
    statistics.add(ScalarName.verdictGain, record.gain.value)
    statistics.add(ScalarName.verdictGainError, record.gain.standardError)
    return "the verdict on the generator: \(record.summary)"
  }

  /// Makes a validation of the verdict to see how long it takes.
  ///
  /// - Returns: the generated samples that it looked at.
  func timeVerdictValidation() throws -> Int {
    let verdict = try begunVerdict()
    _ = try verdict.validate(StepContext(seed: seed, step: step, scope: "verdict validation"))
    return verdict.validatedCounts.fake
  }
}
