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
