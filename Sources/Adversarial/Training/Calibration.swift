import Torch

/// Turns minutes into steps: times some steps of each phase on networks that are thrown away.
///
/// A training in minutes is thereby one in steps before its first step, and resumes like any other.
public enum Calibration {
  /// Seconds that a step takes in each phase, its share of validation included.
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
    let start = clock.now
    if try game.validationScore(of: game.averagedGenerator) != nil {
      let share = (clock.now - start) / .seconds(1) / Double(recipe.validationInterval)
      rates.warmUp += share
      rates.duel += share
    }
    return rates
  }
}
