import Torch

/// A part of a training with one objective.
public enum Phase: String, Codable, Sendable, CaseIterable {
  /// The modality's own objective, such as the likelihood.
  case warmUp = "warm-up"
  /// Generator against discriminator.
  case duel
}

extension Plan {
  /// The phase that the update after `step` updates belongs to, how many of the phase's were before it, and how many
  /// there are.
  public func position(at step: Int) -> (phase: Phase, step: Int, steps: Int) {
    step < warmUpSteps ? (.warmUp, step, warmUpSteps) : (.duel, step - warmUpSteps, duelSteps)
  }

  /// Whether the state after `step` updates is validated: at multiples of the interval, in a short duel more often, and at
  /// the end of a phase.
  func isValidationDue(at step: Int, recipe: TrainingRecipe) -> Bool {
    if step == warmUpSteps || step == totalSteps { return true }
    guard step > warmUpSteps else { return step.isMultiple(of: recipe.validationInterval) }
    return (step - warmUpSteps).isMultiple(of: duelValidationInterval(recipe))
  }

  /// Steps between two validations in the duel.
  func duelValidationInterval(_ recipe: TrainingRecipe) -> Int {
    min(recipe.validationInterval, max(duelSteps / Self.fewestValidations, Self.shortestInterval))
  }

  /// Steps between two validations at least, unless the recipe wants them nearer to each other.
  private static let shortestInterval = 20
  /// Validations that a duel has at least, if it is long enough: ones far apart would notice harm when it is done.
  static let fewestValidations = 16

  /// The plan with a duel that ends after `step` steps over all phases.
  func ending(at step: Int) -> Plan { Plan(warmUpSteps: warmUpSteps, duelSteps: max(step - warmUpSteps, 0)) }

  /// The real samples seen before the update after `step` updates.
  public func samplesSeen(at step: Int, recipe: TrainingRecipe) -> Int {
    min(step, warmUpSteps) * recipe.samplesPerStep(in: .warmUp)
      + max(step - warmUpSteps, 0) * recipe.samplesPerStep(in: .duel)
  }
}

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
  ///   - rates: seconds a step takes in each phase; asked for a budget in minutes only.
  public func plan(for recipe: TrainingRecipe, hasWarmUp: Bool, rates: () throws -> StepSeconds) rethrows
    -> Plan
  {
    let warmUp = recipe.warmUp
    let wanted = hasWarmUp ? warmUp.steps : 0
    switch self {
    case .steps(let total):
      let steps = min(wanted, whole(Double(total) * warmUp.share))
      return Plan(warmUpSteps: steps, duelSteps: total - steps)
    case .samples(let samples):
      let perStep = (recipe.samplesPerStep(in: .warmUp), recipe.samplesPerStep(in: .duel))
      let steps = min(wanted, whole(Double(samples) * warmUp.share) / perStep.0)
      return Plan(warmUpSteps: steps, duelSteps: max((samples - steps * perStep.0) / perStep.1, 1))
    case .minutes(let minutes):
      let seconds = minutes * 60
      let rates = try rates()
      let perWarmUp = rates.warmUp + rates.validation / Double(recipe.validationInterval)
      let steps = wanted == 0 ? 0 : min(wanted, whole(seconds * warmUp.share / perWarmUp))
      let rest = seconds - Double(steps) * perWarmUp
      let usual = whole(rest / (rates.duel + rates.validation / Double(recipe.validationInterval)))
      let short = whole((rest - Double(Plan.fewestValidations) * rates.validation) / rates.duel)
      return Plan(warmUpSteps: steps, duelSteps: max(min(usual, short), 1))
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
public struct StepSeconds: Equatable, Sendable {
  /// A step of the warm-up.
  public var warmUp: Double
  /// A step of the duel.
  public var duel: Double
  /// A validation, the discriminator's account included.
  public var validation: Double

  /// Gathers durations.
  public init(warmUp: Double, duel: Double, validation: Double = 0) {
    (self.warmUp, self.duel, self.validation) = (warmUp, duel, validation)
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
  public static func measure(_ game: any Game, recipe: TrainingRecipe, seed: UInt64, seconds: Double) throws
    -> StepSeconds
  {
    var order = DataOrder(count: game.trainingCount, seed: seed)
    let clock = ContinuousClock()
    func perStep(warmUp: Bool) throws -> Double {
      // Long enough that neither phase ends while it is measured.
      let plan = Plan(warmUpSteps: warmUp ? .max / 4 : 0, duelSteps: .max / 4)
      let state = try TrainingState(game: game, recipe: recipe, plan: plan, seed: seed)
      // The first steps fill caches and allocate.
      for _ in 0..<2 { try state.performStep(order: &order) }
      let start = clock.now
      var steps = 0
      repeat {
        try state.performStep(order: &order)
        steps += 1
      } while (clock.now - start) / .seconds(1) < seconds
      return (clock.now - start) / .seconds(1) / Double(steps)
    }
    var rates = StepSeconds(
      warmUp: game.hasWarmUp ? try perStep(warmUp: true) : 0, duel: try perStep(warmUp: false))
    let state = try TrainingState(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: .max / 4), seed: seed)
    let start = clock.now
    _ = try game.validationScore()
    _ = try state.account()
    rates.validation = (clock.now - start) / .seconds(1)
    return rates
  }
}

/// How long a run takes, fixed before its first step: every schedule depends on the total.
public struct Plan: Codable, Hashable, Sendable {
  /// Steps of the modality's own objective, before the duel.
  public let warmUpSteps: Int
  /// Steps of the duel: updates of the generator.
  public let duelSteps: Int

  /// Steps of the whole run.
  public var totalSteps: Int { warmUpSteps + duelSteps }

  /// Plans a run; neither number may be negative.
  public init(warmUpSteps: Int, duelSteps: Int) {
    precondition(warmUpSteps >= 0 && duelSteps >= 0, "steps cannot be negative")
    self.warmUpSteps = warmUpSteps
    self.duelSteps = duelSteps
  }

  /// The largest number of steps of a phase that is read from a file: more than any run will do, and far from where
  /// sums overflow.
  private static let longest = 1_000_000_000_000_000

  /// Reads a plan.
  ///
  /// - Throws: `DecodingError` for counts that are no plan, such as negative ones.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func count(_ key: CodingKeys) throws -> Int {
      let steps = try container.decode(Int.self, forKey: key)
      guard (0...Self.longest).contains(steps) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "found \(steps), expected 0 to \(Self.longest)")
      }
      return steps
    }
    self.init(warmUpSteps: try count(.warmUpSteps), duelSteps: try count(.duelSteps))
  }

  private enum CodingKeys: String, CodingKey {
    case warmUpSteps, duelSteps
  }
}
