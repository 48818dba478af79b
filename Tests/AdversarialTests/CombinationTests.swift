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
      func tensors() throws -> [(name: String, tensor: Tensor)] {
        // The last bias shifts all logits alike, which most losses do not see.
        try game.generator.state + game.discriminator.state.filter { $0.name != "third.bias" }
      }
      let before = try tensors().map { try $0.tensor.cloned() }
      var order = DataOrder(count: game.trainingCount, seed: 2)
      for _ in 0..<3 { try state.performStep(order: &order) }
      let reported = Dictionary(uniqueKeysWithValues: state.statistics.drain().map { ($0.name, $0.value) })
      for penalty in penalties {
        let value = try #require(reported[ScalarName.penalty(penalty.kind)])
        // A slope below 1 costs nothing on one side.
        #expect(penalty.kind == .oneSidedGradientPenalty ? value >= 0 : value > 0)
      }
      let after = try tensors()
      for (old, new) in zip(before, after) {
        #expect(try new.tensor.isFinite().all().item() == 1)
        #expect(try !old.isEqual(to: new.tensor), "\(loss), \(penalties), \(prior): \(new.name) never moved")
      }
    }
  }

  @Test(arguments: penalties, [false, true])
  func everyPenaltyWorksInBfloat16(_ penalties: [Penalty], isConditional: Bool) throws {
    var shape = MixtureGame.Shape()
    shape.isConditional = isConditional
    let game = try MixtureGame(shape: shape, seed: 2)
    var recipe = TrainingRecipe()
    recipe.latentDimension = 8
    recipe.precision = .bfloat16
    recipe.penaltyPrecision = .bfloat16
    recipe.penalties = penalties
    let state = try TrainingState(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 3), seed: 2)
    let before = try game.generator.state.map { try $0.tensor.cloned() }
    var order = DataOrder(count: game.trainingCount, seed: 2)
    for _ in 0..<3 { try state.performStep(order: &order) }
    for (old, new) in zip(before, try game.generator.state) {
      #expect(new.tensor.dtype == .float32)
      #expect(try new.tensor.isFinite().all().item() == 1)
      #expect(try !old.isEqual(to: new.tensor))
    }
  }

  @Test func labelsReachBothPlayers() throws {
    var shape = MixtureGame.Shape()
    shape.isConditional = true
    let game = try MixtureGame(shape: shape, seed: 2)
    let context = StepContext(seed: 2, scope: "test")
    let latents = try Tensor.zeros([2, 8])
    let labels = try Tensor([0, 5])
    let fake = try game.generator.generate(latents: latents, labels: labels, context: context)
    #expect(try !fake.selected(0).isEqual(to: fake.selected(1)))
    let same = try Tensor.zeros([2, 2])
    let logits = try game.discriminator.discriminate(same, labels: labels, context: context)
    #expect(try !logits.selected(0).isEqual(to: logits.selected(1)))
  }

  /// In a process of its own: the count is of the whole process, and other tests run beside this one.
  @Test func aTrainingRunFreesAllItsTensors() async {
    await #expect(processExitsWith: .success) {
      let start = Engine.liveTensorCount
      try trainOnce()
      let end = Engine.liveTensorCount
      guard end == start else { throw TorchError("\(end - start) tensors live on after a run") }
    }
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

/// A whole run with what a run can have: warm-up, penalties, averaging, checkpoints, resuming.
private func trainOnce() throws {
  let scratch = try TemporaryFolder()
  let folder = try RunFolder.create(at: scratch["run"])
  var shape = MixtureGame.Shape()
  shape.hasWarmUp = true
  shape.spectralNorm = true
  shape.hidden = 8
  var recipe = TrainingRecipe()
  recipe.latentDimension = 8
  recipe.warmUp.steps = 5
  recipe.validationInterval = 2
  for stop in [8, 20] {
    let trainer = try Trainer(
      game: try MixtureGame(shape: shape, seed: 1), recipe: recipe,
      plan: Plan(warmUpSteps: 5, duelSteps: 15), seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), folder: folder)
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    if let latest { try trainer.resume(from: Checkpoint(contentsOf: latest)) }
    _ = try trainer.run { trainer.step == stop ? "test" : nil }
  }
}
