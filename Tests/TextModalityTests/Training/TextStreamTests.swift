import Adversarial
import TestSupport
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct TextStreamTests {
  /// Warm-up, anchor and discriminator drop out by masks of their own, in each pass.
  @Test func everyPurposeHasAStreamOfItsOwn() throws {
    var recipe = TextRun.recipe {
      $0.generator.dropout = 0.3
      $0.discriminator.dropout = 0.3
      $0.discriminator.spectralNorm = true
    }
    let corpus = try TextCorpus(
      text: TextRun.words.joined(separator: "\n"), name: "test", options: recipe.data)
    recipe.spec = TextSpec(vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength)
    let game = try TextGame(recipe: recipe, corpus: corpus, seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    let likelihood = ["warm-up.loss", "generator.anchor"].flatMap {
      ["\($0).likelihood latents", "\($0).dropout"]
    }
    let networks = RecordedStreams.ofGenerator("gumbel").union(RecordedStreams.ofDiscriminator("dropout"))
    let account = RecordedStreams.ofAccount(heldOut: ["samples"], generator: ["gumbel"])
    #expect(
      streams.patterns
        == RecordedStreams.core.union(likelihood + ["held-out latents"]).union(networks).union(account))
    // All generators are scored on held-out lines with the same latents.
    #expect(streams.repeated == ["held-out latents"])
  }
}
