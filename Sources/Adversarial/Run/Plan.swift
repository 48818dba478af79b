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
}
