import Adversarial
import Ranks
import Torch

/// How far the update of a batch that is computed in parts lies from that of the whole batch.
public enum SplitUpdate {
  /// Parts that tests go through, beside the whole.
  public static let parts = [2, 4]
  /// Sizes of batches, of which no number of parts divides the second and the third.
  public static let batchSizes = [8, 7, 13]

  /// Trains in parts and at once, for two discriminator updates and a generator update behind the warm-up's steps where
  /// there are any, by an optimiser whose steps are proportional to gradients.
  ///
  /// - Parameters:
  ///   - parts: of a batch.
  ///   - batchSize: samples of a batch.
  ///   - recipe: the rest, penalties and losses among it.
  ///   - warmUp: steps of the warm-up.
  ///   - game: the game at its start, anew at each call.
  /// - Returns: the distance between the changes of a network's tensors in the two, as a share of the change's length: the
  ///   larger one of the two networks.
  public static func distance(
    parts: Int, batchSize: Int, recipe: TrainingRecipe, warmUp: Int = 0, game: () throws -> any Game
  ) throws -> Double {
    let whole = try changes(parts: 1, batchSize, recipe, (warmUp, 1), game())
    let split = try changes(parts: parts, batchSize, recipe, (warmUp, 1), game())
    return try zip(whole, split).map { whole, split in
      let length = try whole.squared().sum().item().squareRoot()
      return length == 0 ? 0 : try (split - whole).squared().sum().item().squareRoot() / length
    }.max() ?? .infinity
  }

  /// How far ranks, which compute some parts of a batch each, come from a process by itself that computes as many parts.
  ///
  /// - Parameters:
  ///   - ranks: how many, as threads; 1 for a process by itself that computes all parts at the same time.
  ///   - parts: of a batch, over all ranks.
  ///   - recipe: the rest; with the optimisers of `distance`.
  ///   - duel: steps of the duel.
  ///   - game: the game at its start, anew at each call.
  /// - Returns: whether all ranks have changed all tensors by the same bits as the process by itself, and the first one has
  ///   reported the same at every step.
  public static func isSame(
    ranks count: Int, parts: Int, batchSize: Int, recipe: TrainingRecipe, warmUp: Int = 0, duel: Int = 1,
    game: @escaping @Sendable () throws -> any Game
  ) throws -> Bool {
    let alone = Losses()
    func ownChanges() throws -> [[Float]] {
      try changes(parts: parts, batchSize, recipe, (warmUp, duel), game(), told: alone).map {
        try $0.array(of: Float.self)
      }
    }
    // Bits are those of a number of threads: one for each part, which is half of two where they are computed at the same time.
    let own = try Engine.withOwnThreads(1) { try ownChanges() }
    let found = ThreadRanks.run(count) { ranks in
      try Engine.withOwnThreads(count == 1 ? 2 : 1) {
        let losses = Losses()
        let changes = try changes(
          parts: parts, batchSize, recipe, (warmUp, duel), game(), ranks, atOnce: count == 1, told: losses)
        return (tensors: try changes.map { try $0.array(of: Float.self) }, losses: losses.found)
      }
    }
    precondition(alone.found.count == warmUp + duel && own.contains { $0.contains { $0 != 0 } }, "it trains")
    return try found.enumerated().allSatisfy { rank, result in
      try result.get().tensors == own && (rank > 0 || result.get().losses == alone.found)
    }
  }

  /// What every step reports, but for times.
  private final class Losses: TrainingObserver {
    private(set) var found: [[Scalar]] = []

    func receive(_ event: TrainingEvent) {
      if case .report(let report) = event { found.append(report.scalars) }
    }
  }

  /// What the training adds to all of the generator's tensors, and of the discriminator's, each laid end to end.
  private static func changes(
    parts: Int, _ batchSize: Int, _ recipe: TrainingRecipe, _ steps: (warmUp: Int, duel: Int),
    _ game: any Game, _ ranks: Ranks = .alone, atOnce: Bool = false, told: (any TrainingObserver)? = nil
  ) throws -> [Tensor] {
    var recipe = recipe
    (recipe.batchSize, recipe.accumulation, recipe.discriminatorSteps) = (batchSize, atOnce ? 1 : parts, 2)
    recipe.generatorOptimiser = OptimiserConfiguration(.sgd)
    recipe.discriminatorOptimiser = OptimiserConfiguration(.sgd)
    recipe.warmUp.optimiser = OptimiserConfiguration(.sgd)
    (recipe.generatorRate, recipe.discriminatorRate, recipe.warmUp.rate) = (0.1, 0.1, 0.1)
    // In half precision rounding alone is several per cent.
    (recipe.precision, recipe.penaltyPrecision) = (.float32, .float32)
    (recipe.adversarialWeight, recipe.anchorWeight, recipe.clipNorm) = (1, 1, 1)
    // A generator that waits for its discriminator would change by nothing.
    recipe.referee.followAbove = 0
    let before = try tensors(of: game)
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.preview) = (1, 0)
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: steps.warmUp, duelSteps: steps.duel), seed: 3,
      identity: CheckpointIdentity(modality: "test", recipe: "{}"), intervals: intervals,
      observers: told.map { [$0] } ?? [], ranks: ranks,
      partCount: parts)
    _ = try trainer.run()
    return try zip(tensors(of: game), before).map { try $0 - $1 }
  }

  private static func tensors(of game: any Game) throws -> [Tensor] {
    try [game.generator.parameters, game.discriminator.parameters].map { parameters in
      try Tensor.concatenated(parameters.map { try $0.value.detached().cloned().reshaped([-1]) })
    }
  }
}
