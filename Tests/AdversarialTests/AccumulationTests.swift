import Foundation
import Ranks
import TestSupport
import Testing

@testable import Adversarial
@testable import Torch

/// A batch in parts makes the update of the whole, where a loss is a mean that the parts know their shares of.
@Suite struct AccumulationTests {
  /// Tensors and reports after some steps.
  private struct Outcome {
    var tensors: [(name: String, tensor: Tensor)]
    var reported: [(name: String, value: Double)]

    /// The largest difference of two elements or reported numbers.
    func distance(to other: Outcome) throws -> Double {
      #expect(tensors.map(\.name) == other.tensors.map(\.name))
      #expect(reported.map(\.name) == other.reported.map(\.name))
      let distances = try zip(tensors, other.tensors).map { try $0.tensor.distance(to: $1.tensor) }
      return (distances + zip(reported, other.reported).map { abs($0.value - $1.value) }).max() ?? .infinity
    }
  }

  /// Thirteen samples an update, which no number of parts divides.
  private func train(
    _ game: any Game, parts: Int, warmUp: Int = 0, _ change: (inout TrainingRecipe) -> Void = { _ in }
  ) throws -> Outcome {
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension, recipe.accumulation) = (13, 8, parts)
    recipe.generatorOptimiser = OptimiserConfiguration(.sgd)
    recipe.discriminatorOptimiser = OptimiserConfiguration(.sgd)
    recipe.warmUp.optimiser = OptimiserConfiguration(.sgd)
    (recipe.generatorRate, recipe.discriminatorRate, recipe.warmUp.rate) = (0.1, 0.1, 0.1)
    change(&recipe)
    let state = try TrainingState(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: warmUp, duelSteps: 3), seed: 3)
    var order = DataOrder(count: game.trainingCount, seed: 3)
    for _ in 0..<(warmUp > 0 ? warmUp : 3) { try state.performStep(order: &order) }
    return Outcome(
      tensors: try (game.generator.state + game.discriminator.state).map {
        ($0.name, try $0.tensor.cloned())
      },
      reported: state.statistics.drain())
  }

  /// Every loss, whether it looks at samples one by one, in pairs or beside means over the batch; R1 and R2 are means over
  /// samples too. What is reported is that of the whole batch as well.
  @Test(arguments: AdversarialLoss.allCases, [4, 13])
  func partsMakeTheSameUpdate(_ loss: AdversarialLoss, parts: Int) throws {
    func outcome(_ parts: Int) throws -> Outcome {
      try train(MixtureGame(seed: 3), parts: parts) {
        $0.loss = loss
        $0.penalties = [Penalty(.r1, weight: 0.5), Penalty(.r2, weight: 0.5, interval: 2)]
        $0.clipNorm = 1
      }
    }
    let whole = try outcome(1)
    #expect(whole.reported.contains { $0.name == ScalarName.sampleDiversity })
    #expect(try outcome(parts).distance(to: whole) < 2e-5)
  }

  /// What draws numbers for each sample: noise and penalties' mixtures, in every prior's game and under the loss that looks at
  /// the whole batch.
  @Test(
    arguments: [
      Prior.normal, .uniform, .truncatedNormal(bound: 2), .gaussianMixture(components: 3, spread: 1),
      .gamma(shape: 2), .poisson(rate: 3),
    ], SplitUpdate.batchSizes)
  func drawsAreThoseOfTheWholeBatch(prior: Prior, batchSize: Int) throws {
    var shape = MixtureGame.Shape()
    (shape.hasWarmUp, shape.adaptiveNoise, shape.isConditional, shape.hidden) = (true, true, true, 16)
    var recipe = TrainingRecipe()
    (recipe.prior, recipe.loss) = (prior, .relativisticAverage)
    recipe.latentDimension = shape.latent
    recipe.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.3) }
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe, warmUp: 2) {
        try MixtureGame(shape: shape, seed: 3)
      }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }

  /// The mixture with losses of its own whose means count samples differently.
  private final class Weighing: MixtureWrapper {
    let inner: MixtureGame
    let hasWarmUp = true
    let trainingCount = 100

    init() throws { inner = try MixtureGame(seed: 3) }

    /// The second number of a sample is what it counts.
    func batch(at indices: [Int], context: StepContext) throws -> Batch {
      let numbers = indices.flatMap { [Float($0) / 100, Float(lossWeight(at: [$0]))] }
      return Batch(samples: try Tensor(numbers, shape: [indices.count, 2]))
    }

    func lossWeight(at indices: [Int]) -> Double { Double(indices.reduce(0) { $0 + 1 + $1 % 7 }) }

    func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
      let columns = try batch.samples.unbound(along: 1)
      let latents = try Tensor.ones([batch.count, 8]) * columns[0].expandingDimension(at: 1)
      let fake = try generator.generate(latents: latents, labels: nil, context: context)
      let distances = try (fake - 2).squared().sum(along: 1)
      return try (distances * columns[1]).sum() / columns[1].sum()
    }

    func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? {
      try warmUpLoss(on: batch, context: context)
    }
  }

  @Test(arguments: [0, 3]) func ownLossesAreWeightedByWhatSamplesCount(warmUp: Int) throws {
    func outcome(_ parts: Int) throws -> Outcome {
      try train(Weighing(), parts: parts, warmUp: warmUp) { $0.penalties = [] }
    }
    let whole = try outcome(1)
    #expect(whole.reported.contains { $0.name == (warmUp > 0 ? ScalarName.warmUpLoss : ScalarName.anchor) })
    #expect(try outcome(4).distance(to: whole) < 2e-5)
  }

  /// Never fewer parts than were asked for, and none much larger than another.
  @Test(arguments: [1, 5, 8, 13]) func partsAreAsManyAndAsEvenAsCanBe(parts: Int) throws {
    final class Counting: MixtureWrapper {
      let inner: MixtureGame
      var sizes: [Int] = []
      init() throws { inner = try MixtureGame(seed: 3) }
      func batch(at indices: [Int], context: StepContext) throws -> Batch {
        sizes.append(indices.count)
        return try inner.batch(at: indices, context: context)
      }
    }
    let game = try Counting()
    _ = try train(game, parts: parts)
    // Two updates in each of three steps.
    #expect(game.sizes.count == 6 * parts)
    #expect(game.sizes.reduce(0, +) == 6 * 13)
    #expect((game.sizes.max() ?? 0) - (game.sizes.min() ?? 0) <= 1)
  }

  @Test func theSpreadOfPartsIsThatOfTheWhole() throws {
    var stream = RandomStream(seed: 1, name: "samples")
    let samples = try stream.normal([10, 3, 2]) * 2 + 5
    let expected = try samples.variance(along: 0).mean().item().squareRoot()
    for sizes in [[10], [3, 7], [1, 1, 1, 4, 3], Array(repeating: 1, count: 10)] {
      var spread = BatchSpread()
      var start = 0
      for size in sizes {
        try spread.add(samples.narrowed(along: 0, start: start, count: size))
        start += size
      }
      let found = try #require(try spread.deviation(over: .alone))
      #expect(abs(found - expected) < 1e-6)
    }
    var one = BatchSpread()
    #expect(try one.deviation(over: .alone) == nil)
    try one.add(samples.narrowed(along: 0, start: 0, count: 1))
    #expect(try one.deviation(over: .alone) == nil)
  }
}
