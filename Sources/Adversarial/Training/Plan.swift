/// A part of a training with one objective.
public enum Phase: String, Codable, Sendable, CaseIterable {
  /// The modality's own objective, such as the likelihood.
  case warmUp = "warm-up"
  /// Generator against discriminator.
  case duel
  /// A discriminator of its own against the finished generator.
  case verdict
}

/// How long a training takes, fixed before its first step: every schedule depends on the total.
///
/// A run that is done may be given another segment, which has a plan of its own: it begins with the networks that the one
/// before has ended with, its schedules begin anew, and steps are counted on.
public struct Plan: Codable, Hashable, Sendable {
  /// Where a segment begins that is not a run's first.
  public struct Beginning: Codable, Hashable, Sendable {
    /// Its number: 1 for the second segment.
    public let segment: Int
    /// Steps that were made before it.
    public let step: Int
    /// Real samples that were seen before it.
    public let samples: Int
  }

  /// Steps of the modality's own objective, before the duel.
  public let warmUpSteps: Int
  /// Steps of the duel: updates of the generator.
  public let duelSteps: Int
  /// Steps of the verdict, after the duel; 0 without one.
  public let verdictSteps: Int
  /// Where it begins; nil for the first segment of a run.
  public private(set) var beginning: Beginning?

  /// Plans a run; no number may be negative.
  public init(warmUpSteps: Int, duelSteps: Int, verdictSteps: Int = 0) {
    precondition(warmUpSteps >= 0 && duelSteps >= 0 && verdictSteps >= 0, "steps cannot be negative")
    self.warmUpSteps = warmUpSteps
    self.duelSteps = duelSteps
    self.verdictSteps = verdictSteps
  }

  /// The largest number of steps of a phase that is read from a file: more than any run will do, and far from where
  /// sums overflow.
  private static let longest = 1_000_000_000_000_000

  /// Reads a plan.
  ///
  /// - Throws: `DecodingError` for counts that are no plan, such as negative ones.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func require(_ steps: Int, _ range: ClosedRange<Int>, _ key: CodingKeys) throws {
      guard range.contains(steps) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "found \(steps), expected \(range.lowerBound) to \(range.upperBound)")
      }
    }
    func count(_ key: CodingKeys) throws -> Int {
      // Earlier versions had no verdict.
      let steps =
        key == .verdictSteps
        ? try container.decodeIfPresent(Int.self, forKey: key) ?? 0
        : try container.decode(Int.self, forKey: key)
      try require(steps, 0...Self.longest, key)
      return steps
    }
    self.init(
      warmUpSteps: try count(.warmUpSteps), duelSteps: try count(.duelSteps),
      verdictSteps: try count(.verdictSteps))
    beginning = try container.decodeIfPresent(Beginning.self, forKey: .beginning)
    if let beginning {
      try require(beginning.segment, 1...Self.longest, .beginning)
      try require(beginning.step, 0...Self.longest, .beginning)
      try require(beginning.samples, 0...Self.longest * 1000, .beginning)
    }
  }

  /// Writes a plan: that of a first segment as versions without others wrote it, so that equal trainings have equal checkpoints.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(warmUpSteps, forKey: .warmUpSteps)
    try container.encode(duelSteps, forKey: .duelSteps)
    try container.encode(verdictSteps, forKey: .verdictSteps)
    if let beginning { try container.encode(beginning, forKey: .beginning) }
  }

  private enum CodingKeys: String, CodingKey {
    case warmUpSteps, duelSteps, verdictSteps, beginning
  }
}

extension Plan {
  /// The number of the segment: 0 for the first one of a run.
  public var segment: Int { beginning?.segment ?? 0 }
  /// The steps that were made before this segment.
  public var firstStep: Int { beginning?.step ?? 0 }
  /// The steps after which the warm-up is over.
  public var warmUpEnd: Int { firstStep + warmUpSteps }
  /// The steps after which the generator is finished.
  public var duelEnd: Int { warmUpEnd + duelSteps }
  /// The steps after which all is done: those of the whole run up to here.
  public var totalSteps: Int { duelEnd + verdictSteps }
  /// Steps of this segment alone.
  public var ownSteps: Int { warmUpSteps + duelSteps + verdictSteps }

  /// In words: "100 warm-up, 300 duel".
  public var summary: String {
    "\(warmUpSteps) warm-up, \(duelSteps) duel" + (verdictSteps > 0 ? ", \(verdictSteps) verdict" : "")
  }

  /// The phase that the update after `step` updates belongs to, how many of the phase's were before it, and how many
  /// there are.
  public func position(at step: Int) -> (phase: Phase, step: Int, steps: Int) {
    if step < warmUpEnd { return (.warmUp, step - firstStep, warmUpSteps) }
    // A run without a verdict ends in the duel.
    if step < duelEnd || verdictSteps == 0 { return (.duel, step - warmUpEnd, duelSteps) }
    return (.verdict, step - duelEnd, verdictSteps)
  }

  /// Whether the generator after `step` updates is validated: at multiples of the interval, in a short duel more often, and at
  /// the end of a phase.
  func isValidationDue(at step: Int, recipe: TrainingRecipe) -> Bool {
    if step == warmUpEnd || step == duelEnd { return true }
    guard step < duelEnd else { return false }
    guard step > warmUpEnd else { return step.isMultiple(of: recipe.validationInterval) }
    return (step - warmUpEnd).isMultiple(of: duelValidationInterval(recipe))
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
  func ending(at step: Int) -> Plan {
    var plan = Plan(
      warmUpSteps: warmUpSteps, duelSteps: max(step - warmUpEnd, 0), verdictSteps: verdictSteps)
    plan.beginning = beginning
    return plan
  }

  /// The plan of a segment that begins where another one has ended.
  ///
  /// - Parameters:
  ///   - other: the plan of the segment before, as it was carried out.
  ///   - recipe: the run's.
  public func following(_ other: Plan, recipe: TrainingRecipe) -> Plan {
    var plan = self
    plan.beginning = Beginning(
      segment: other.segment + 1, step: other.totalSteps,
      samples: other.samplesSeen(at: other.totalSteps, recipe: recipe))
    return plan
  }

  /// Whether this is the same segment as was planned, or one whose duel has ended before its time.
  func isOf(_ planned: Plan, endedEarly: Bool) -> Bool {
    segment == planned.segment && warmUpSteps == planned.warmUpSteps && verdictSteps == planned.verdictSteps
      && (duelSteps == planned.duelSteps || endedEarly && duelSteps < planned.duelSteps)
  }

  /// The real samples seen before the update after `step` updates.
  public func samplesSeen(at step: Int, recipe: TrainingRecipe) -> Int {
    (beginning?.samples ?? 0)
      + min(step - firstStep, warmUpSteps) * recipe.samplesPerStep(in: .warmUp)
      + min(max(step - warmUpEnd, 0), duelSteps) * recipe.samplesPerStep(in: .duel)
      + max(step - duelEnd, 0) * recipe.samplesPerStep(in: .verdict)
  }
}
