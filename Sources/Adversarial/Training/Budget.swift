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
      let steps = wanted == 0 ? 0 : min(wanted, whole(seconds * warmUp.share / rates.warmUp))
      return Plan(
        warmUpSteps: steps, duelSteps: max(whole((seconds - Double(steps) * rates.warmUp) / rates.duel), 1))
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

/// Seconds that a step takes in each phase, validation included.
public struct StepSeconds: Equatable, Sendable {
  /// In the warm-up.
  public var warmUp: Double
  /// In the duel.
  public var duel: Double

  /// Makes a pair of durations.
  public init(warmUp: Double, duel: Double) {
    self.warmUp = warmUp
    self.duel = duel
  }
}
