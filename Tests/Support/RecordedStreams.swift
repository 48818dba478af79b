import Adversarial
import Synchronization
import Torch

/// The random streams that something makes, in order: what a test looks through for two uses of one name.
public struct RecordedStreams: Sendable {
  /// What a stream's numbers are a function of.
  public struct Name: Hashable, Sendable {
    /// The seed.
    public let seed: UInt64
    /// The step.
    public let step: Int
    /// The name.
    public let name: String

    /// The name with `#` for its numbers: `discriminator.#.latents`.
    var pattern: String {
      name.split(separator: ".").map { Int($0) == nil ? String($0) : "#" }.joined(separator: ".")
    }
  }

  private final class Recorder: Sendable {
    let names = Mutex<[Name]>([])
  }

  /// The streams.
  public let names: [Name]

  /// Those that a body makes.
  public init(of body: () throws -> Void) rethrows {
    let recorder = Recorder()
    let observer: @Sendable (UInt64, Int, String) -> Void = { seed, step, name in
      recorder.names.withLock { $0.append(Name(seed: seed, step: step, name: name)) }
    }
    try RandomStream.$observer.withValue(observer) { try body() }
    names = recorder.names.withLock { $0 }
  }

  /// Those of a training of two steps in each phase, with all in it that draws: discriminator updates and penalties of every
  /// kind, two of each, and a loss for which both networks' samples are judged in both updates.
  ///
  /// - Parameters:
  ///   - game: whose own draws are to be turned on by its recipe.
  ///   - recipe: the rest.
  ///   - parts: of a batch, each of which makes the streams of the whole.
  public init(ofTraining game: any Game, recipe: TrainingRecipe, parts: Int = 1) throws {
    var recipe = recipe
    (recipe.discriminatorSteps, recipe.accumulation) = (2, parts)
    recipe.penalties = (Penalty.Kind.allCases + Penalty.Kind.allCases).map { Penalty($0, weight: 0.1) }
    recipe.loss = .relativisticPaired
    (recipe.adversarialWeight, recipe.anchorWeight) = (1, 1)
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: game.hasWarmUp ? 2 : 0, duelSteps: 2), seed: 1,
      identity: CheckpointIdentity(modality: "test", recipe: "{}"))
    try self.init { _ = try trainer.run() }
  }

  /// Every kind of name, with `#` for numbers.
  public var patterns: Set<String> { Set(names.map(\.pattern)) }

  /// The kinds of names that were made more than once, so that the same numbers were drawn again.
  public var repeated: Set<String> {
    let counts = Dictionary(grouping: names) { $0 }
    return Set(counts.filter { $0.value.count > 1 }.map(\.key.pattern))
  }
}

// MARK: Kinds of names to compare with

extension RecordedStreams {
  /// What the core itself draws in a duel, the mixing of penalties included.
  public static let core: Set<String> = [
    "data order", "discriminator.#.latents", "generator.latents", "discriminator.#.penalty.#.mixing",
  ]

  /// A stream that a game makes for each batch of the duel.
  public static func ofBatch(_ use: String) -> Set<String> {
    ["discriminator.#.\(use)", "generator.\(use)"]
  }

  /// A stream that a generator makes, in each pass of the duel.
  public static func ofGenerator(_ use: String) -> Set<String> {
    ["discriminator.#.generator.\(use)", "generator.generator.\(use)"]
  }

  /// A stream that a discriminator makes, in each of its passes.
  public static func ofDiscriminator(_ use: String) -> Set<String> {
    [
      "discriminator.#.discriminator.\(use)", "discriminator.#.penalty.#.discriminator.\(use)",
      "generator.generated.\(use)", "generator.real.\(use)",
    ]
  }

  /// Streams of the discriminator's account: of the game's two batches, and of networks as they are outside of training.
  public static func ofAccount(
    heldOut: [String], training: [String] = [], generator: [String] = [], discriminator: [String] = []
  ) -> Set<String> {
    let passes = discriminator.flatMap { use in
      ["generated", "held-out logits", "training logits"].map { "account.\($0).#.discriminator.\(use)" }
    }
    return Set(
      ["account.latents", "account.training"] + heldOut.map { "account.held-out.\($0)" }
        + training.map { "account.training.\($0)" } + generator.map { "account.generated.#.samples.\($0)" }
        + passes)
  }
}
