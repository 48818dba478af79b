import Ranks
import Torch

/// What the user gave a training: steps, time or samples.
public enum Budget: Equatable, Sendable {
  /// Generator updates over all phases.
  case steps(Int)
  /// Minutes of wall time, which a measured rate turns into steps before the first one.
  case minutes(Double)
  /// Real samples seen over all phases.
  case samples(Int)

  /// The plan that the budget affords.
  ///
  /// - Parameters:
  ///   - recipe: gives the length of the warm-up and its largest share.
  ///   - hasWarmUp: whether the medium has a warm-up at all.
  ///   - hasVerdict: whether the data and the recipe allow a verdict.
  ///   - rates: seconds a step takes in each phase; asked for a budget in minutes only.
  public func plan(
    for recipe: TrainingRecipe, hasWarmUp: Bool, hasVerdict: Bool = false, rates: () throws -> StepSeconds
  ) rethrows -> Plan {
    let warmUp = recipe.warmUp
    let wanted = hasWarmUp ? warmUp.steps : 0
    let share = hasVerdict ? recipe.verdict.share : 0
    func verdict(_ steps: Double) -> Int { recipe.verdict.steps(affordable: whole(steps)) }
    switch self {
    case .steps(let total):
      let judging = verdict(Double(total) * share)
      let steps = min(wanted, whole(Double(total) * warmUp.share), total - judging)
      return Plan(warmUpSteps: steps, duelSteps: total - steps - judging, verdictSteps: judging)
    case .samples(let samples):
      let perStep = (recipe.samplesPerStep(in: .warmUp), recipe.samplesPerStep(in: .duel))
      let judged = recipe.samplesPerStep(in: .verdict)
      let judging = verdict(Double(samples) * share / Double(judged))
      let rest = samples - judging * judged
      let steps = min(wanted, whole(Double(samples) * warmUp.share) / perStep.0, rest / perStep.0)
      return Plan(
        warmUpSteps: steps, duelSteps: max((rest - steps * perStep.0) / perStep.1, 1), verdictSteps: judging)
    case .minutes(let minutes):
      let seconds = minutes * 60
      let rates = try rates()
      let judging =
        rates.verdict > 0 ? verdict((seconds * share - rates.verdictEnd) / rates.verdict) : 0
      let judgingSeconds = judging > 0 ? Double(judging) * rates.verdict + rates.verdictEnd : 0
      let perWarmUp = rates.warmUp + rates.validation / Double(recipe.validationInterval)
      let steps = wanted == 0 ? 0 : min(wanted, whole(seconds * warmUp.share / perWarmUp))
      let rest = seconds - Double(steps) * perWarmUp - judgingSeconds
      let usual = whole(rest / (rates.duel + rates.validation / Double(recipe.validationInterval)))
      let short = whole((rest - Double(Plan.fewestValidations) * rates.validation) / rates.duel)
      return Plan(warmUpSteps: steps, duelSteps: max(min(usual, short), 1), verdictSteps: judging)
    }
  }
}

extension Budget {
  /// What is left of minutes of which some seconds have gone by, a tenth at least; steps and samples stay as they are.
  public func shortened(bySeconds seconds: Double) -> Budget {
    guard case .minutes(let minutes) = self else { return self }
    return .minutes(max(minutes - seconds / 60, minutes / 10))
  }
}

/// A count of steps; a budget beyond any run's life is cut short rather than overflowing.
private func whole(_ steps: Double) -> Int { Int(min(max(steps, 0), 1e15)) }

/// Seconds that a step takes in each phase, and a validation.
public struct StepSeconds: Codable, Equatable, Sendable {
  /// A step of the warm-up.
  public var warmUp: Double
  /// A step of the duel.
  public var duel: Double
  /// A validation, the discriminator's account included.
  public var validation: Double
  /// A step of the verdict, its share of the verdict's validations included.
  public var verdict: Double
  /// What the verdict does after its last step.
  public var verdictEnd: Double

  /// Gathers durations.
  public init(
    warmUp: Double, duel: Double, validation: Double = 0, verdict: Double = 0, verdictEnd: Double = 0
  ) {
    (self.warmUp, self.duel, self.validation) = (warmUp, duel, validation)
    (self.verdict, self.verdictEnd) = (verdict, verdictEnd)
  }
}

extension StepSeconds {
  /// Seconds that a plan takes at these rates, validations included.
  ///
  /// - Parameters:
  ///   - plan: how many steps of each phase.
  ///   - recipe: says how often is validated.
  public func seconds(of plan: Plan, recipe: TrainingRecipe) -> Double {
    let validations =
      plan.warmUpSteps / recipe.validationInterval + plan.duelSteps / plan.duelValidationInterval(recipe)
    return warmUp * Double(plan.warmUpSteps) + duel * Double(plan.duelSteps)
      + validation * Double(validations) + verdict * Double(plan.verdictSteps)
      + (plan.verdictSteps > 0 ? verdictEnd : 0)
  }
}

/// Turns minutes into steps: times some steps of each phase on networks that are thrown away.
///
/// A training in minutes is thereby one in steps before its first step, and resumes like any other.
public enum Calibration {
  /// Seconds that a step takes in each phase, and a validation.
  ///
  /// - Parameters:
  ///   - game: fresh networks and data; they are used up.
  ///   - recipe: how they will be trained.
  ///   - seed: of the draws.
  ///   - seconds: how long to measure each phase, at least; a step is measured in any case.
  ///   - ranks: the processes that will train them, all of which measure; what the first one finds is taken.
  ///   - partCount: parts that a batch will be computed in, as `Trainer` takes them.
  public static func measure(
    _ game: any Game, recipe: TrainingRecipe, seed: UInt64, seconds: Double, ranks: Ranks = .alone,
    partCount: Int? = nil
  ) throws -> StepSeconds {
    var order = DataOrder(count: game.trainingCount, seed: seed)
    let clock = ContinuousClock()
    // Long enough that no phase ends while it is measured.
    let endless = Int.max / 4
    func state(_ plan: Plan) throws -> TrainingState {
      try TrainingState(
        game: game, recipe: recipe, plan: plan, seed: seed, ranks: ranks, partCount: partCount)
    }
    func perStep(_ plan: Plan) throws -> Double {
      let state = try state(plan)
      // The first steps fill caches and allocate.
      for _ in 0..<2 { try state.performStep(order: &order) }
      let start = clock.now
      var steps = 0
      repeat {
        try state.performStep(order: &order)
        steps += 1
      } while try ranks.first { (clock.now - start) / .seconds(1) < seconds }
      return (clock.now - start) / .seconds(1) / Double(steps)
    }
    var rates = StepSeconds(
      warmUp: game.hasWarmUp ? try perStep(Plan(warmUpSteps: endless, duelSteps: 0)) : 0,
      duel: try perStep(Plan(warmUpSteps: 0, duelSteps: endless)))
    let validated = try state(Plan(warmUpSteps: 0, duelSteps: endless))
    // The first time it may measure real samples, once for all.
    _ = try game.warnings(seed: seed)
    let start = clock.now
    _ = try game.warnings(seed: seed)
    _ = try validated.validationScore()
    _ = try validated.account()
    rates.validation = (clock.now - start) / .seconds(1)
    guard try game.canHaveVerdict(recipe.verdict) else { return try ranks.first { rates } }
    rates.verdict = try perStep(Plan(warmUpSteps: 0, duelSteps: 0, verdictSteps: endless))
    // A validation's cost is spread over the fewest steps between two of them; the end judges the pilot samples.
    let judging = try state(Plan(warmUpSteps: 0, duelSteps: 0, verdictSteps: endless))
    let begin = clock.now
    let judged = try judging.timeVerdictValidation()
    let seconds = (clock.now - begin) / .seconds(1)
    rates.verdict += seconds / Double(recipe.verdict.validationInterval(steps: 0))
    rates.verdictEnd = seconds * Double(recipe.verdict.pilot) / Double(max(judged, 1))
    return try ranks.first { rates }
  }
}
