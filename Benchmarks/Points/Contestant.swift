import Adversarial
import ModalityKit
import PointDatasets
import PointsModality
import Torch

/// Duel's own networks, data and trainer at one precision.
final class Contestant {
  private let game: any Game
  private let iteration: Trainer
  private let shortIteration: Trainer
  private let sampled: (generator: any PointGenerator, recipe: PointRecipe)?
  private let points: Int
  private let precision: Precision

  init(points: Int, batch: Int, sampled network: String, precision: Precision) throws {
    self.points = points
    self.precision = precision
    var recipe = try Self.recipe("mlp", points: points)
    let dataset = try Points.openDataset(DataSource(), recipe: &recipe)
    // r-GAN knows no labels.
    recipe.spec?.labels = []
    recipe.training.batchSize = batch
    recipe.training.precision = precision
    recipe.training.penaltyPrecision = precision
    game = try Points.makeGame(recipe: recipe, dataset: dataset, seed: 0, device: .cpu)
    iteration = try Self.trainer(game, recipe.training, discriminatorSteps: 5)
    shortIteration = try Self.trainer(game, recipe.training, discriminatorSteps: 1)
    var other = try Self.recipe(network, points: points)
    other.spec = recipe.spec
    other.spec?.codes = CodeSpec(
      other.latent, shapes: dataset.corpus.training.count, points: points)
    let generator = try? other.makeGenerator(seed: 0, device: .cpu)
    sampled = generator.map { ($0, other) }
  }

  private static func recipe(_ network: String, points: Int) throws -> PointRecipe {
    var resolver = try RecipeResolver(defaults: PointRecipe(preset: .small))
    let options = try PointTrainOptions.parse(["--network", network, "--points", String(points)])
    for setting in options.settings {
      try resolver.set(setting.key, to: setting.value, from: .flag(setting.flag))
    }
    return try resolver.resolved().recipe
  }

  private static func trainer(_ game: any Game, _ recipe: TrainingRecipe, discriminatorSteps: Int) throws
    -> Trainer
  {
    var recipe = recipe
    recipe.discriminatorSteps = discriminatorSteps
    return try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 1_000_000), seed: 0,
      identity: CheckpointIdentity(modality: "benchmark", recipe: "{}"), partCount: Points.usualParts)
  }

  /// Of generator and critic.
  var parameterCounts: [Int] { [game.generator.parameterCount, game.discriminator.parameterCount] }

  func seconds(of task: Task) throws -> Double {
    let duration = try ContinuousClock().measure {
      switch task {
      case .iteration: try oneStep(of: iteration)
      case .shortIteration: try oneStep(of: shortIteration)
      case .sample: try sample()
      }
    }
    return duration / .seconds(1)
  }

  /// Stops after one step; the next call goes on from there.
  private func oneStep(of trainer: Trainer) throws {
    _ = try trainer.run { "one step" }
  }

  private func sample() throws {
    guard let (generator, recipe) = sampled else { return }
    try withoutGradients {
      var stream = RandomStream(seed: 1, name: "benchmark")
      let latents = try recipe.training.prior.draw(
        count: Task.samples, dimension: recipe.training.latentDimension, using: &stream)
      let clouds = try withAutocast(precision.autocast, on: .cpu) {
        try generator.clouds(latents: latents, labels: nil, points: points, using: &stream)
      }
      _ = try clouds.absolute().max().item()
    }
  }
}
