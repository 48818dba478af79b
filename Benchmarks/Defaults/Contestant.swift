import Adversarial
import ModalityKit
import Torch

/// What `duel MEDIUM train` and `generate` do, at one precision.
protocol Contestant {
  /// Of generator and discriminator.
  var parameterCounts: [Int] { get }
  /// So many training steps.
  func train(steps: Int) throws
  /// Draws so many samples, as the command does.
  func sample(count: Int) throws
}

/// The same for any medium.
final class MediumContestant<M: Modality>: Contestant {
  private let game: any Game
  private let trainer: Trainer
  private let recipe: M.Recipe
  private let sampling: M.Sampling
  private let generator: M.Recipe.Generator

  /// Makes the networks of a recipe that a data set has completed.
  init(_ recipe: M.Recipe, dataset: M.Dataset, sampling: M.Sampling, precision: Precision) throws {
    var recipe = recipe
    recipe.training.precision = precision
    recipe.training.penaltyPrecision = precision
    // Neither is a part of a step.
    recipe.training.validationInterval = 1_000_000
    self.recipe = recipe
    self.sampling = sampling
    let game = try M.makeGame(recipe: recipe, dataset: dataset, seed: 0, device: .cpu)
    self.game = game
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (1_000_000, 1_000_000, 0)
    trainer = try Trainer(
      game: game, recipe: recipe.training, plan: Plan(warmUpSteps: 0, duelSteps: 1_000_000), seed: 0,
      identity: CheckpointIdentity(modality: "benchmark", recipe: "{}"), intervals: intervals,
      partCount: M.usualParts)
    generator = try recipe.makeGenerator(seed: 0, device: .cpu)
    // Exemplars are the data's, as those of a trained model.
    let tensors = try Dictionary(
      uniqueKeysWithValues: game.averagedGenerator.state.map { ($0.name, $0.tensor) })
    try M.Recipe.coreGenerator(generator).load(tensors)
  }

  var parameterCounts: [Int] { [game.generator.parameterCount, game.discriminator.parameterCount] }

  func train(steps: Int) throws { for _ in 0..<steps { try trainer.step() } }

  func sample(count: Int) throws {
    let sampler = try Sampler<M>(generator, recipe: recipe, device: .cpu, options: sampling)
    _ = try sampler.samples(count: count, seed: 1, labels: .any)
  }
}
