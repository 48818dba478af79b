import Adversarial
import Foundation
import ModalityKit
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

/// Verdicts on Markov chains, whose divergence from the truth is known.
@Suite struct ChainVerdictTests {
  /// Trains a verdict on a chain and nothing else.
  private func verdict(
    on chain: MarkovGenerator, spec: TextSpec, real: [[Int32]], steps: Int,
    network: @escaping (inout RandomStream) throws -> any Discriminator
  ) throws -> Verdict {
    let scratch = try TemporaryFolder()
    let game = try TensorGame(
      samples: spec.oneHot(Array(real.prefix(1))), heldOut: Batch(samples: spec.oneHot(real)), seed: 1,
      generator: { _ in ChainGenerator(chain, spec: spec) }, discriminator: network)
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension) = (64, 1)
    recipe.verdict.rate = .cosine(from: 5e-3, to: 1e-4)
    let folder = try RunFolder.create(at: scratch["run"])
    var intervals = Trainer.Intervals()
    intervals.preview = 0
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 0, verdictSteps: steps), seed: 1,
      identity: CheckpointIdentity(modality: "chain", recipe: "{}"), intervals: intervals, folder: folder)
    #expect(try trainer.run() == .finished)
    let file = try #require(try CheckpointStore(folder: folder.checkpoints, keeping: 1).target(of: .latest))
    var stream = RandomStream(seed: 1, name: "network")
    return try #require(try Checkpoint(contentsOf: file).verdict { try network(&stream) })
  }

  /// All balanced lines of so many pairs of brackets: 1 opens and 2 closes.
  private func balanced(_ pairs: Int) -> [[Int32]] {
    func lines(open: Int, left: Int) -> [[Int32]] {
      if open == 0 && left == 0 { return [[]] }
      return (left > 0 ? lines(open: open + 1, left: left - 1).map { [1] + $0 } : [])
        + (open > 0 ? lines(open: open - 1, left: left).map { [2] + $0 } : [])
    }
    return lines(open: 0, left: pairs)
  }

  /// A chain that sees eight of ten brackets knows neither their balance nor their number.
  @Test func balanceThatNoChainSeesGainsItsDivergence() throws {
    let lines = balanced(5)
    #expect(lines.count == 42)
    let spec = try Fixtures.spec(length: 31, symbols: ["(", ")"])
    // With next to nothing added to the counts, likelihoods are those of what is drawn.
    let chain = MarkovGenerator(
      training: lines, order: 8, vocabularySize: 3, smoothing: .additive(1e-9))
    let exact = -log(42) - lines.reduce(0) { $0 + chain.logLikelihood(of: $1) } / 42
    #expect(exact > 1)
    var stream = RandomStream(seed: 5, name: "real")
    let real = (0..<3_000).map { _ in lines[stream.index(below: lines.count)] }
    let verdict = try verdict(on: chain, spec: spec, real: real, steps: 400) {
      var recipe = TextDiscriminatorRecipe()
      // Some of its filters span a whole line.
      (recipe.widths, recipe.embedding) = ([3, 11], 8)
      (recipe.channels, recipe.hidden) = (64, 64)
      return try TextDiscriminator(recipe: recipe, spec: spec, using: &$0)
    }
    let gain = verdict.record.gain
    #expect(abs(gain.value - exact) < 0.1 * exact + gain.standardError, "\(gain) of \(exact)")
    #expect(gain.standardError < 0.1 * exact)
  }

  /// The built-in grammar's own likelihood is known, so what there is to gain on a chain is bounded.
  @Test func theGrammarBoundsWhatAChainGains() throws {
    let recipe = TextRun.recipe {
      $0.discriminator.channels = 24
      ($0.discriminator.embedding, $0.discriminator.hidden) = (16, 32)
    }
    var complete = recipe
    let dataset = try TextDataset(DataSource(), recipe: &complete)
    let spec = try complete.completeSpec()
    let corpus = dataset.corpus
    let training = (0..<corpus.training.count).map { corpus.training.encoded($0) }
    let chain = MarkovGenerator(
      training: training, order: 2, vocabularySize: spec.vocabulary.count, smoothing: .interpolated(1))
    let grammar = try #require(dataset.grammar)
    var stream = RandomStream(seed: 6, name: "real")
    let texts = (0..<3_000).map { _ in grammar.sample(using: &stream) }
    let real = try texts.map { try spec.vocabulary.encode($0, allowingUnknown: false) }
    let nats = -real.reduce(0) { $0 + chain.logLikelihood(of: $1) } / Double(real.count)
    let bound = nats - grammar.entropy
    let game = try TextGame(recipe: complete, corpus: corpus, seed: 1, device: .cpu)
    let verdict = try verdict(on: chain, spec: spec, real: real, steps: 300) {
      try #require(try game.makeDiscriminator(using: &$0))
    }
    let gain = verdict.record.gain
    #expect(gain.value < bound + 2 * gain.standardError, "\(gain) of \(bound)")
    #expect(gain.value > 0.5 * bound, "\(gain) of \(bound)")
    #expect(verdict.record.isUseful)
  }
}
