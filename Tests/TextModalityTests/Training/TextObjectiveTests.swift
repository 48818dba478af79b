import Adversarial
import Foundation
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct SymbolCreditTests {
  /// One number of each symbol says all: its part goes to the symbols up to it, less and less.
  @Test func evidenceIsCreditedToItsSymbolsAndThoseBefore() throws {
    let evidence: [Float] = [0, 1, 0, 0, 0, 0, 0, -1]
    let credit = try SymbolCredit(
      logits: Tensor([2, -2] as [Float]), evidence: Tensor(evidence, shape: [2, 4, 1]),
      isLive: Tensor.ones([2, 4]))
    #expect(credit.explained > 0.99)
    // The sums are 1 and -1, so a symbol's weight is 2, but for what regularises it.
    let weight = 4 / (2 * 1.05 + 1e-3)
    // What is usual at the second place is half of it, and minus half at the last.
    let expected = [
      [0.8 * 0.5 + 0.512 * 0.5, 0.5 + 0.64 * 0.5, 0.8 * 0.5, 0.5],
      [-0.8 * 0.5 - 0.512 * 0.5, -0.5 - 0.64 * 0.5, -0.8 * 0.5, -0.5],
    ]
    let left = 2 - weight
    let values: [Float] = try credit.values.array()
    for (index, value) in values.enumerated() {
      let sign = index < 4 ? 1.0 : -1
      let wanted = expected[index / 4][index % 4] * weight + sign * left
      #expect(abs(Double(value) - wanted) < 1e-5, "\(index)")
    }
  }

  /// Without evidence all symbols of a sample have its advantage, which is cut off, and nothing stands behind an end.
  @Test func whatNothingExplainsIsCreditedToAll() throws {
    let credit = try SymbolCredit(
      logits: Tensor([1, 3, 2] as [Float]), evidence: Tensor.zeros([3, 2, 0]),
      isLive: Tensor([1, 1, 1, 0, 1, 1] as [Float], shape: [3, 2]))
    #expect(abs(credit.explained) < 1e-9)
    #expect(try credit.values.array(of: Float.self) == [-1, -1, 1, 0, 0, 0])
    let wild = try SymbolCredit(
      logits: Tensor([-1000, 1000] as [Float]), evidence: Tensor.zeros([2, 1, 2]),
      isLive: Tensor.ones([2, 1]))
    let most = Float(SymbolCredit.largestAdvantage)
    #expect(try wild.values.array(of: Float.self) == [-most, most])
  }
}

@Suite struct TextObjectiveTests {
  /// Finds a sample the better, the more of a symbol it has.
  private final class Counting: Discriminator {
    let symbol: Int
    let members: Members = [:]
    init(_ symbol: Int) { self.symbol = symbol }

    func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
      try samples.selected(symbol, along: 2).sum(along: 1)
    }
  }

  @Test(arguments: [TextObjective.reward, .weighted], [nil, 5])
  func theGeneratorWritesWhatTheDiscriminatorLikes(objective: TextObjective, window: Int?) throws {
    var recipe = TextRun.recipe {
      $0.objective = objective
      $0.discriminator.lexicalSlots = 4_096
      $0.data.window = window
    }
    let corpus = try TextCorpus(
      text: TextRun.words.joined(separator: "\n"), name: "test", options: recipe.data)
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: window == nil)
    let game = try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu)
    let symbol = Int(try corpus.vocabulary.encode("b", allowingUnknown: false)[0])
    func share(_ step: Int) throws -> Double {
      var stream = RandomStream(seed: 2, step: step, name: "latents")
      let samples = try game.generator.generate(
        latents: stream.normal([256, 3]), labels: nil, context: StepContext(seed: 3, scope: "samples"))
      return try samples.selected(symbol, along: 2).mean().item()
    }
    let before = try share(0)
    let optimiser = try OptimiserConfiguration(.adam, beta1: 0.9, beta2: 0.99).make(
      game.generator.namedParameters)
    for step in 0..<40 {
      let context = StepContext(seed: 4, step: step, scope: "generator", isTraining: true)
      var stream = context.stream("latents")
      let update = GeneratorUpdate(
        real: try game.batch(at: Array(0..<32), context: context), latents: try stream.normal([32, 3]),
        discriminator: Counting(symbol), loss: .nonSaturating, context: context)
      try optimiser.clearGrads()
      try game.generatorObjective(update).objective.backward()
      try optimiser.step(learningRate: 0.01)
    }
    #expect(try share(0) > before + 0.1)
  }

  @Test func aGeneratorIsComparedOnlyWhereSymbolsAreRewarded() throws {
    let run = try TextRun(warmUp: 1, duel: 1)
    for objective in TextObjective.allCases {
      var recipe = run.recipe
      recipe.objective = objective
      let game = try TextGame(recipe: recipe, corpus: run.dataset.corpus, seed: 1, device: .cpu)
      #expect(game.comparesSamples == (objective == .reward))
    }
  }

  @Test func weightsAreRatiosLessOneUpToABound() throws {
    let weights: [Float] = try WeightedLikelihood.weights(Tensor([0, 0.6931472, -100, 100] as [Float]))
      .array()
    for (weight, expected) in zip(weights, [0, 1, -1, 4]) { #expect(abs(weight - Float(expected)) < 1e-5) }
  }

  /// What it weighs is the likelihood that evaluation measures.
  @Test(arguments: [true, false]) func sequencesHaveTheirLikelihood(hasEnd: Bool) throws {
    let spec = try Fixtures.spec(hasEnd: hasEnd)
    let generator = try Fixtures.generator(spec, dropout: 0.5)
    let ids = try Fixtures.ids([[1, 2, 3, 1, 2, 3], [1, 2, 0, 0, 0, 0]])
    let latents = try Fixtures.latents(2)
    let symbols = try generator.symbolCrossEntropy(of: ids, latents: latents, labels: nil)
    let one: [Float] = try symbols.sum(along: 1).array()
    // The second sample ends with its third symbol, its end.
    let flat: [Float] = try symbols.array()
    #expect(!hasEnd || flat[9...] == [0, 0, 0])
    let other: [Float] = try generator.negativeLogLikelihood(
      of: ids, latents: latents.expandingDimension(at: 0), labels: nil
    ).array()
    for (left, right) in zip(one, other) { #expect(abs(left - right) < 1e-4) }
  }

  @Test(arguments: TextObjective.allCases) func everyGameMovesTheGenerator(objective: TextObjective) throws {
    let run = try TextRun(warmUp: 2, duel: 3) { $0.objective = objective }
    let (start, end) = (try run.model(.start), try run.model(.latest))
    #expect(start.step == 2 && end.step == 5)
    let report = try #require(
      String(contentsOf: run.folder.metricsFile, encoding: .utf8).split(separator: "\n").last)
    #expect(report.contains("generator.largestWeight") == (objective == .weighted))
    #expect(report.contains("generator.creditExplained") == (objective == .reward))
  }
}
