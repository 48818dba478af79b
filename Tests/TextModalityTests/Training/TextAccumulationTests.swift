import Adversarial
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

/// A batch of lines of many lengths, in parts: each part's likelihood is a mean over its own symbols.
@Suite struct TextAccumulationTests {
  private final class Reports: TrainingObserver {
    private(set) var all: [TrainingReport] = []

    func receive(_ event: TrainingEvent) throws {
      if case .report(let report) = event { all.append(report) }
    }
  }

  private static let lines = (1...24).map { length in String(repeating: "abc", count: length).prefix(length) }

  /// The likelihood alone: no dropout, and latents from a prior that is constant but once in ten thousand numbers.
  private func game(parts: Int, window: Int? = nil) throws -> (game: TextGame, recipe: TextRecipe) {
    var recipe = TextRun.recipe {
      $0.generator.dropout = 0
      $0.data.window = window
      $0.training.batchSize = 13
      $0.training.accumulation = parts
      $0.training.prior = .poisson(rate: 1e-4)
      $0.training.clipNorm = nil
      $0.training.adversarialWeight = 0
      $0.training.anchorWeight = 2
    }
    let corpus = try TextCorpus(
      text: Self.lines.joined(separator: "\n"), name: "test", options: recipe.data)
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: window == nil)
    return (try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu), recipe)
  }

  /// The generator's gradient in one step, and the loss that was reported.
  private func step(parts: Int, warmUp: Bool) throws -> (gradients: [(String, Tensor)], loss: Double) {
    let (game, recipe) = try game(parts: parts)
    let reports = Reports()
    let trainer = try Trainer(
      game: game, recipe: recipe.training, plan: Plan(warmUpSteps: warmUp ? 1 : 0, duelSteps: 1), seed: 1,
      identity: CheckpointIdentity(modality: "text", recipe: ""), observers: [reports])
    _ = try trainer.run { "test" }
    let gradients = try game.generator.namedParameters.map { ($0.name, try #require($0.parameter.grad)) }
    let loss = reports.all.first?[warmUp ? ScalarName.warmUpLoss : ScalarName.anchor]
    return (gradients, try #require(loss))
  }

  @Test(arguments: [true, false], [2, 5]) func partsGiveTheGradientOfTheBatch(warmUp: Bool, parts: Int) throws
  {
    let whole = try step(parts: 1, warmUp: warmUp)
    let split = try step(parts: parts, warmUp: warmUp)
    #expect(abs(split.loss - whole.loss) < 1e-6)
    for ((name, expected), (_, found)) in zip(whole.gradients, split.gradients) {
      #expect(try found.distance(to: expected) < 1e-6, "\(name)")
      #expect(try expected.norm().item() > 1e-5, "\(name)")
    }
  }

  /// With all that draws turned on: latents of the likelihood, dropout in both networks and between recurrent layers,
  /// relaxed symbols, every penalty. Parts are trimmed to their own longest lines.
  @Test(arguments: SplitUpdate.batchSizes, TextObjective.allCases)
  func partsMakeTheUpdateOfTheBatch(batchSize: Int, objective: TextObjective) throws {
    var recipe = TextRun.recipe {
      $0.objective = objective
      $0.discriminator.lexicalSlots = 4_096
      ($0.generator.layers, $0.generator.dropout) = (2, 0.3)
      $0.discriminator.dropout = 0.3
      $0.discriminator.spectralNorm = true
      $0.training.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.1) }
    }
    let corpus = try TextCorpus(
      text: Self.lines.joined(separator: "\n"), name: "test", options: recipe.data)
    recipe.spec = TextSpec(vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength)
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(
        parts: parts, batchSize: batchSize, recipe: recipe.training, warmUp: 2
      ) { try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu) }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }

  @Test(arguments: TextObjective.allCases, [1, 2, 3]) func ranksMakeTheUpdatesOfOneProcess(
    objective: TextObjective, ranks: Int
  ) throws {
    var recipe = TextRun.recipe {
      $0.objective = objective
      $0.discriminator.lexicalSlots = 4_096
      ($0.generator.layers, $0.generator.dropout) = (2, 0.3)
    }
    let corpus = try TextCorpus(
      text: Self.lines.joined(separator: "\n"), name: "test", options: recipe.data)
    recipe.spec = TextSpec(vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength)
    let completed = recipe
    #expect(
      try SplitUpdate.isSame(
        ranks: ranks, parts: 4, batchSize: 7, recipe: recipe.training, warmUp: 10,
        duel: objective == .reward ? 10 : 2
      ) { try TextGame(recipe: completed, corpus: corpus, seed: 1, device: .cpu) })
  }

  @Test func samplesCountByTheirSymbolsAndEnds() throws {
    let game = try game(parts: 1).game
    let indices = [0, 3, 5]
    let batch = try game.batch(at: indices, context: Fixtures.context)
    let symbols = try batch.samples.symbolIDs().greater(than: 0).converted(to: .float32).sum().item()
    #expect(game.lossWeight(at: indices) == symbols + 3)
    #expect(try self.game(parts: 1, window: 4).game.lossWeight(at: indices) == 12)
  }
}
