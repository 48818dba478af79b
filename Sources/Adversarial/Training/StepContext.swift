import Torch

/// Where in a run a network is being called: what its schedules and random draws depend on.
///
/// Nothing else may influence either, so a run that stops and goes on repeats exactly what it would have done.
public struct StepContext: Sendable {
  /// The run's seed.
  public let seed: UInt64
  /// Generator updates made before this one, over all phases.
  public let step: Int
  /// Steps made before this one in its phase.
  public let phaseStep: Int
  /// Steps that the phase will have in the end, at least 1.
  public let phaseSteps: Int
  /// What the call is for, such as `discriminator.0.0.penalty.1`; part of the name of each stream. The trainer gives each
  /// call a scope of its own, so that no two parts of a game draw the same numbers by choosing the same word.
  public let scope: String
  /// Whether networks drop out units and relax discrete choices, as they do in training only.
  public let isTraining: Bool

  /// Makes a context; outside training the defaults stand for the end of a run.
  public init(
    seed: UInt64, step: Int = 0, phaseStep: Int = 1, phaseSteps: Int = 1, scope: String,
    isTraining: Bool = false
  ) {
    self.seed = seed
    self.step = step
    self.phaseStep = phaseStep
    self.phaseSteps = max(phaseSteps, 1)
    self.scope = scope
    self.isTraining = isTraining
  }

  /// The share of the phase that is done, from 0 to 1.
  public var progress: Double { min(Double(phaseStep) / Double(phaseSteps), 1) }

  /// The random stream of a use, such as `latents` or `dropout`, at this step.
  public func stream(_ use: String) -> RandomStream {
    RandomStream(seed: seed, step: step, name: "\(scope).\(use)")
  }

  /// The same place under a narrower scope.
  public func scoped(_ inner: String) -> StepContext {
    StepContext(
      seed: seed, step: step, phaseStep: phaseStep, phaseSteps: phaseSteps, scope: "\(scope).\(inner)",
      isTraining: isTraining)
  }
}
