import Foundation
import TestSupport
import Testing

@testable import Adversarial
@testable import Torch

/// Any loss with any penalty and any prior trains; the default covers all modes.
@Suite struct CombinationTests {
  static let penalties: [[Penalty]] =
    [[]] + Penalty.Kind.allCases.map { [Penalty($0, weight: .constant(1))] }

  static let priors: [Prior] = [
    .normal, .uniform, .truncatedNormal(bound: 2), .gaussianMixture(components: 4, spread: 2),
    .gamma(shape: 2),
    .poisson(rate: 4),
  ]

  @Test(arguments: AdversarialLoss.allCases, penalties)
  func trainsWithEveryPrior(_ loss: AdversarialLoss, _ penalties: [Penalty]) throws {
    for prior in Self.priors {
      var shape = MixtureGame.Shape()
      shape.hidden = 8
      let game = try MixtureGame(shape: shape, seed: 2)
      var recipe = TrainingRecipe()
      recipe.batchSize = 8
      recipe.latentDimension = 8
      recipe.loss = loss
      recipe.penalties = penalties
      recipe.prior = prior
      recipe.weightClipping = penalties.isEmpty && loss == .wasserstein ? WeightClipping(bound: 0.1) : nil
      let state = try TrainingState(
        game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 3), seed: 2)
      let before = try game.generator.state.map { try $0.tensor.cloned() }
      var order = DataOrder(count: game.trainingCount, seed: 2)
      for _ in 0..<3 { try state.performStep(order: &order) }
      let after = try game.generator.state
      for (old, new) in zip(before, after) {
        #expect(try new.tensor.isFinite().all().item() == 1)
        #expect(try !old.isEqual(to: new.tensor), "\(loss), \(penalties), \(prior): \(new.name) never moved")
      }
    }
  }

  @Test func conditionalGamesTrain() throws {
    var shape = MixtureGame.Shape()
    shape.isConditional = true
    let game = try MixtureGame(shape: shape, seed: 2)
    var recipe = TrainingRecipe()
    recipe.latentDimension = 8
    recipe.precision = .bfloat16
    let state = try TrainingState(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 3), seed: 2)
    var order = DataOrder(count: game.trainingCount, seed: 2)
    for _ in 0..<3 { try state.performStep(order: &order) }
    #expect(state.step == 3)
  }

  @Test func defaultCoversAllModes() throws {
    let game = try MixtureGame(seed: 1)
    var recipe = TrainingRecipe()
    recipe.latentDimension = 8
    recipe.batchSize = 128
    recipe.generatorRate = .constant(1e-3)
    recipe.discriminatorRate = .constant(1e-3)
    let plan = Plan(warmUpSteps: 0, duelSteps: 2500)
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: plan, seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"))
    #expect(try trainer.run() == .finished)
    var stream = RandomStream(seed: 9, name: "evaluation")
    let latents = try recipe.prior.draw(
      count: 2000, dimension: recipe.latentDimension, using: &stream, device: .cpu)
    let samples = try withoutGradients {
      try game.averagedGenerator.generate(
        latents: latents, labels: nil, context: StepContext(seed: 9, scope: "evaluation"))
    }
    let coverage = try MixtureGame.coverage(of: samples)
    print("mixture of 8: \(coverage.modes) modes covered, \(Int(100 * coverage.goodShare)) % good samples")
    #expect(coverage.modes == 8)
    #expect(coverage.goodShare > 0.7)
  }
}
