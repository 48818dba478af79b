import Adversarial
import MixtureModality
import ModalityKit
import TestSupport
import Testing

@Suite struct StreamTests {
  /// The modality of the tests, as any other.
  @Test func everyPurposeHasAStreamOfItsOwn() throws {
    var recipe = MixtureModality.recipe(preset: .tiny)
    let dataset = try MixtureModality.openDataset(DataSource(), recipe: &recipe)
    let game = try MixtureModality.makeGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    #expect(streams.patterns == RecordedStreams.core.union(["warm-up.loss.latents", "validation.latents"]))
    // Every generator is scored on the same latents.
    #expect(streams.repeated == ["validation.latents"])
  }

  /// Its warm-up matches moments of a batch, which are no means over samples: the duel alone.
  @Test(arguments: SplitUpdate.batchSizes) func partsMakeTheUpdateOfTheBatch(batchSize: Int) throws {
    var recipe = MixtureModality.recipe(preset: .tiny)
    let dataset = try MixtureModality.openDataset(DataSource(), recipe: &recipe)
    recipe.training.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.1) }
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe.training) {
        try MixtureModality.makeGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
      }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }
}
