import Adversarial
import Foundation
import ModalityKit
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextGameTests {
  private func game(_ text: String, change: (inout TextRecipe) -> Void = { _ in }) throws -> (
    TextGame, TextCorpus
  ) {
    var recipe = TextRun.recipe(change)
    let corpus = try TextCorpus(text: text, name: "test", options: recipe.data)
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: recipe.data.window == nil)
    return (try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu), corpus)
  }

  @Test func batchesAreTheSamplesWithTheirEnds() throws {
    let (game, corpus) = try game("ab\nabc\nb\nca\n")
    #expect(game.trainingCount == corpus.training.count)
    let indices = Array(0..<game.trainingCount)
    let batch = try game.batch(at: indices, context: Fixtures.context)
    #expect(batch.samples.shape == [indices.count, 4, 4])
    #expect(batch.labels == nil)
    let ids = try batch.samples.symbolIDs().array(of: Int.self)
    for index in indices {
      let row = ids[index * 4..<index * 4 + 4].map(Int32.init)
      #expect(corpus.vocabulary.decode(row) == corpus.training[index])
      #expect(row.last == 0)
    }
  }

  /// What is held out is for evaluation alone: it serves a training only where there is too little for a part of its own.
  @Test(arguments: [363, 90])
  func validationIsTheLikelihoodOfTheValidationPart(count: Int) throws {
    let (game, corpus) = try game(TextRun.words.prefix(count).joined(separator: "\n"))
    let generator = try #require(game.averagedGenerator as? TextGenerator)
    try generator.ignoreEverything(logits: [0.1, 0.2, 0.3, 0.4].map { Float(log($0)) })
    let probabilities: [Character: Double] = ["a": 0.2, "b": 0.3, "c": 0.4]
    func perSymbol(_ words: TextSamples) -> Double {
      let nats = words.reduce(0.0) { sum, word in
        word.reduce(sum - log(0.1)) { $0 - log(probabilities[$1] ?? 0) }
      }
      return nats / Double(words.reduce(0) { $0 + $1.count + 1 })
    }
    #expect(corpus.validation.count == (count == 363 ? 33 : 0))
    let score = try #require(try game.validationScore())
    #expect(abs(score - perSymbol(count == 363 ? corpus.validation : corpus.heldOut)) < 1e-4)
    #expect(count == 90 || abs(score - perSymbol(corpus.heldOut)) > 1e-3)
  }

  @Test(arguments: [363, 90])
  func heldOutBatchesAreOfTheValidationPart(count: Int) throws {
    let (game, corpus) = try game(TextRun.words.prefix(count).joined(separator: "\n"))
    let part = count == 363 ? corpus.validation : corpus.heldOut
    let batch = try #require(try game.heldOutBatch(count: 1_000, context: Fixtures.context))
    #expect(batch.count == part.count)
    let length = corpus.sequenceLength
    let ids = try batch.samples.symbolIDs().array(of: Int.self)
    let lines = (0..<batch.count).map {
      corpus.vocabulary.decode(ids[$0 * length..<($0 + 1) * length].map(Int32.init))
    }
    #expect(Set(lines) == Set(part))
    let few = try #require(try game.heldOutBatch(count: 4, context: Fixtures.context))
    #expect(few.count == 4)
    #expect(try few.samples.isEqual(to: batch.samples.narrowed(along: 0, start: 0, count: 4)))
  }

  @Test func lossesDependOnTheContextAlone() throws {
    let (game, _) = try game("ab\nabc\nb\nca\n") { $0.generator.dropout = 0.5 }
    let batch = try game.batch(at: [0, 1], context: Fixtures.context)
    let loss = try game.warmUpLoss(on: batch, context: Fixtures.context).item()
    #expect(try game.warmUpLoss(on: batch, context: Fixtures.context).item() == loss)
    #expect(try game.warmUpLoss(on: batch, context: Fixtures.context.scoped("other")).item() != loss)
    #expect(try game.anchorLoss(on: batch, context: Fixtures.context)?.item() == loss)
  }

  @Test func previewsAreLinesAndRepeat() throws {
    let (game, _) = try game("ab\nabc\nb\nca\n")
    let preview = try game.preview(seed: 3)
    let item = try #require(preview["samples.txt"])
    let text = String(decoding: item.fileBytes, as: UTF8.self)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == Text.previewCount + 1)
    #expect(item.content == .text(text.dropLast().components(separatedBy: "\n")))
    #expect(preview.lines.count == 3 && text.hasPrefix(preview.lines.joined(separator: "\n")))
    #expect(try game.preview(seed: 3) == preview)
  }

  @Test func windowsFillTheirRows() throws {
    let (game, _) = try game(String(repeating: "abcab\ncbb", count: 9)) { $0.data.window = 4 }
    let batch = try game.batch(at: [0, 1], context: Fixtures.context)
    #expect(batch.samples.shape[1] == 4)
    #expect(try batch.samples.symbolIDs().equals(0).any().item() == 0)
  }

  /// Words that count: each follows from its first letter alone, which a trained model must have learnt.
  @Test func learnsToCount() throws {
    let letters = Array("abcdefghij")
    let words = (0..<10).map { start in String((0..<10).map { letters[(start + $0) % 10] }) }
    // One of the ten is held out. It counts as right below, since it follows the same rule.
    let folder = try TemporaryFolder()
    try words.joined(separator: "\n").write(to: folder["words"], atomically: true, encoding: .utf8)
    var recipe = TextRun.recipe {
      $0.generator.hidden = 32
      $0.generator.dropout = 0
      $0.training.warmUp.rate = .constant(0.02)
    }
    let corpus = try TextCorpus(path: folder["words"].path, options: recipe.data)
    recipe.spec = TextSpec(vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength)
    let game = try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu)
    let trainer = try Trainer(
      game: game, recipe: recipe.training, plan: Plan(warmUpSteps: 200, duelSteps: 20), seed: 1,
      identity: CheckpointIdentity(modality: "text", recipe: ""))
    #expect(try trainer.run() == .finished)
    let generator = try #require(game.generator as? TextGenerator)
    let samples = try Sampler<Text>(generator, recipe: recipe, device: .cpu, options: TextSampling())
      .samples(count: 100, seed: 1)
    let right = samples.count { words.contains($0) }
    #expect(right >= 90)
  }
}
