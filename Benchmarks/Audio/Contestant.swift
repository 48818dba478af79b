import Adversarial
import AudioModality
import Torch

/// Duel's own networks and trainer at one width and precision.
final class Contestant {
  private let game: NoiseGame
  private let iteration: Trainer
  private let shortIteration: Trainer
  private let precision: Precision

  init(width: Int, length: Int, batch: Int, precision: Precision) throws {
    game = try NoiseGame(width: width, length: length)
    iteration = try game.trainer(batch: batch, discriminatorSteps: 5, precision: precision)
    shortIteration = try game.trainer(batch: batch, discriminatorSteps: 1, precision: precision)
    self.precision = precision
  }

  /// Of generator and discriminator.
  var parameterCounts: [Int] { [game.generator.parameterCount, game.discriminator.parameterCount] }

  func seconds(of task: Task) throws -> Double {
    let duration = try ContinuousClock().measure {
      switch task {
      case .iteration: try oneStep(of: iteration)
      case .shortIteration: try oneStep(of: shortIteration)
      case .generateOne: for _ in 0..<10 { try generate(1) }
      case .generateMany: try generate(64)
      }
    }
    return duration / .seconds(task == .generateOne ? 10 : 1)
  }

  /// A signal after each step makes the trainer answer, and the next call goes on from there.
  private func oneStep(of trainer: Trainer) throws {
    _ = try trainer.run { "one step" }
  }

  private func generate(_ count: Int) throws {
    try withoutGradients {
      let context = StepContext(seed: 1, scope: "benchmark")
      var stream = context.stream("latents")
      let latents = try Prior.uniform.draw(
        count: count, dimension: NoiseGame.latentDimension, using: &stream)
      let samples = try withAutocast(precision.autocast, on: .cpu) {
        try game.generator.generate(latents: latents, labels: nil, context: context)
      }
      _ = try samples.absolute().max().item()
    }
  }
}

/// The classic networks, to be trained on noise: what the sounds are like changes nothing in how long it takes.
private final class NoiseGame: Game {
  static let latentDimension = 100

  let generator: any Generator
  let averagedGenerator: any Generator
  let discriminator: any Discriminator
  let device = Device.cpu
  let trainingCount = 256
  private let samples: Tensor

  init(width: Int, length: Int) throws {
    var recipe = ClassicRecipe()
    recipe.width = width
    let spec = ClassicSpec(length: length)
    var stream = RandomStream(seed: 0, name: "networks")
    generator = try ClassicGenerator(
      recipe: recipe, spec: spec, latentDimension: Self.latentDimension, using: &stream)
    averagedGenerator = try ClassicGenerator(
      recipe: recipe, spec: spec, latentDimension: Self.latentDimension, using: &stream)
    discriminator = try ClassicDiscriminator(recipe: recipe, spec: spec, using: &stream)
    samples = try stream.uniform([trainingCount, length, 1]) * 2 - 1
  }

  func batch(at indices: [Int], context: StepContext) throws -> Batch {
    Batch(samples: try samples.gathered(at: Tensor(indices)))
  }

  /// The published training: WGAN-GP with Adam.
  func trainer(batch: Int, discriminatorSteps: Int, precision: Precision) throws -> Trainer {
    var recipe = TrainingRecipe()
    recipe.batchSize = batch
    recipe.discriminatorSteps = discriminatorSteps
    recipe.loss = .wasserstein
    recipe.penalties = [Penalty(.gradientPenalty, weight: .constant(10))]
    recipe.prior = .uniform
    recipe.latentDimension = Self.latentDimension
    recipe.generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0.5, beta2: 0.9)
    recipe.discriminatorOptimiser = recipe.generatorOptimiser
    recipe.generatorRate = .constant(1e-4)
    recipe.discriminatorRate = .constant(1e-4)
    recipe.precision = precision
    recipe.penaltyPrecision = precision
    return try Trainer(
      game: self, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 1_000_000), seed: 0,
      identity: CheckpointIdentity(modality: "benchmark", recipe: "{}"), partCount: Audio.usualParts)
  }
}
