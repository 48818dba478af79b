import Failures
import Files
import Foundation
import ModalityKit
import PlaneDatasets
import TestSupport
import Testing

@testable import Adversarial
@testable import PlaneModality
@testable import Torch

@Suite struct PlaneGameTests {
  private static func recipe(_ change: (inout PlaneRecipe) -> Void = { _ in }) throws -> (
    PlaneRecipe, PlaneDataset
  ) {
    var recipe = PlaneRecipe(preset: .tiny)
    recipe.data.count = 400
    recipe.training.batchSize = 16
    recipe.network.width = 8
    change(&recipe)
    let corpus = try Plane.openDataset(DataSource(), recipe: &recipe)
    return (recipe, corpus)
  }

  private static let penalties: [[Penalty]] =
    [[]] + Penalty.Kind.allCases.map { [Penalty($0, weight: .constant(1))] }

  private static let priors: [Prior] = [
    .normal, .uniform, .truncatedNormal(bound: 2), .gaussianMixture(components: 4, spread: 2),
    .gamma(shape: 2), .poisson(rate: 4),
  ]

  @Test(arguments: AdversarialLoss.allCases, penalties)
  func everyLossAndPenaltyTrainsFromEveryPrior(loss: AdversarialLoss, penalties: [Penalty]) throws {
    for (index, prior) in Self.priors.enumerated() {
      let (recipe, corpus) = try Self.recipe {
        $0.training.loss = loss
        $0.training.penalties = penalties
        $0.training.prior = prior
        $0.data.isLabelled = index % 2 == 0
        $0.network.spectralNorm = index % 3 == 0
      }
      let game = try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
      let state = try TrainingState(
        game: game, recipe: recipe.training, plan: Plan(warmUpSteps: 0, duelSteps: 2), seed: 1)
      let before = try game.generator.state.map { try $0.tensor.cloned() }
      var order = DataOrder(count: game.trainingCount, seed: 1)
      for _ in 0..<2 { try state.performStep(order: &order) }
      for (old, new) in zip(before, try game.generator.state) {
        #expect(try new.tensor.isFinite().all().item() == 1)
        #expect(try !old.isEqual(to: new.tensor), "\(loss), \(penalties), \(prior): \(new.name)")
      }
    }
  }

  /// The duel alone: the warm-up matches moments of a batch, which are no means over samples.
  @Test(arguments: SplitUpdate.batchSizes) func partsMakeTheUpdateOfTheBatch(batchSize: Int) throws {
    let (recipe, corpus) = try Self.recipe {
      $0.training.loss = .relativisticAverage
      $0.training.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.1) }
      ($0.data.isLabelled, $0.network.spectralNorm) = (true, true)
    }
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe.training) {
        try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
      }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }

  @Test(arguments: [1, 2, 3]) func ranksMakeTheUpdatesOfOneProcess(ranks: Int) throws {
    let (recipe, corpus) = try Self.recipe {
      $0.training.loss = .relativisticAverage
      ($0.data.isLabelled, $0.network.spectralNorm) = (true, true)
    }
    #expect(
      try SplitUpdate.isSame(ranks: ranks, parts: 4, batchSize: 13, recipe: recipe.training, duel: 20) {
        try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
      })
  }

  @Test func everyPurposeHasAStreamOfItsOwn() throws {
    let (recipe, corpus) = try Self.recipe {
      $0.data.isLabelled = true
      $0.training.warmUp.steps = 2
    }
    let game = try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    let drawn: Set = ["warm-up.loss.latents", "latents", "labels"]
    #expect(
      streams.patterns
        == RecordedStreams.core.union(RecordedStreams.ofAccount(heldOut: ["samples"])).union(drawn))
    // Every generator is scored on the same samples.
    #expect(streams.repeated == ["latents", "labels"])
  }

  @Test func samplesAreStandardised() throws {
    let (recipe, corpus) = try Self.recipe { $0.data.target = .gaussian }
    let game = try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
    let batch = try game.batch(at: Array(0..<400), context: StepContext(seed: 0, scope: "test"))
    #expect(try batch.samples.mean(along: 0).absolute().max().item() < 1e-5)
    #expect(try abs(batch.samples.squared().mean(along: 0).max().item() - 1) < 1e-4)
    let spec = try #require(recipe.spec)
    let points = try spec.points(batch.samples)
    #expect(zip(points, corpus.corpus.training.points).allSatisfy { ($0 - $1).max() < 1e-5 })
    #expect(try #require(try game.validationScore()) > 0)
  }

  @Test func discriminatorsDoNotMixSamples() throws {
    let (recipe, _) = try Self.recipe()
    let network = try recipe.makeDiscriminator(seed: 3, device: .cpu)
    var stream = RandomStream(seed: 1, name: "test")
    let samples = try stream.normal([6, 2])
    let context = StepContext(seed: 0, scope: "test")
    let all = try network.discriminate(samples, labels: nil, context: context)
    let one = try network.discriminate(
      samples.narrowed(along: 0, start: 2, count: 1), labels: nil, context: context)
    #expect(all.shape == [6])
    #expect(try all.narrowed(along: 0, start: 2, count: 1).distance(to: one) < 1e-6)
  }

  @Test func previewsHoldSamplesSurfaceAndPicture() throws {
    let (recipe, corpus) = try Self.recipe { $0.data.isLabelled = true }
    let game = try Plane.makeGame(recipe: recipe, dataset: corpus, seed: 1, device: .cpu)
    let preview = try game.preview(seed: 5)
    #expect(preview.lines.count == 1)
    #expect(preview.lines[0].contains("of 8 modes") && preview.lines[0].contains("logits"))
    let folder = try TemporaryFolder()
    for item in preview.items { try folder.write(item.fileName, item.fileBytes) }
    #expect(try PlaneState(preview: folder.url).samples.count == Plane.previewCount)
    #expect(try #require(preview["plane.png"]).fileBytes.count < 100_000)
    #expect(try game.preview(seed: 5) == preview)
  }

  @Test func samplesDoNotDependOnTheirNumber() throws {
    let (recipe, _) = try Self.recipe()
    let sampler = try Sampler<Plane>(
      recipe.makeGenerator(seed: 2, device: .cpu), recipe: recipe, device: .cpu, options: PlainSampling())
    let many = try sampler.samples(count: 1_500, seed: 9)
    #expect(try sampler.samples(count: 5, seed: 9) == Array(many.prefix(5)) && many.count == 1_500)
  }

  @Test func recipesThatMakeNoSenseAreRefused() throws {
    var recipe = PlaneRecipe(preset: .small)
    #expect(recipe.faults.isEmpty)
    recipe.data.weights = [1, 2]
    recipe.network.depth = 0
    recipe.data.count = 3
    recipe.data.columns = ["x"]
    #expect(recipe.faults.map(\.key) == ["data.count", "data.weights", "data.columns", "network.depth"])
    recipe.data.target = .mixture
    recipe.data.weights = [1, -2]
    #expect(recipe.faults.contains { $0.key == "data.weights" && $0.message.contains("positive") })
  }
}
