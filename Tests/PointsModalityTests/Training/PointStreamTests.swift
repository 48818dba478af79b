import Adversarial
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct PointStreamTests {
  /// Each update draws the points of its shapes anew, or deforms its shapes anew; the networks draw nothing.
  @Test(arguments: SmallPoints.networks) func everyPurposeHasAStreamOfItsOwn(network: PointNetwork) throws {
    let folder = try SmallPoints.folder()
    var recipe = try SmallPoints.recipe(network) { $0.data.labels = "folder" }
    let dataset = try SmallPoints.dataset(of: folder, &recipe)
    let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    let batches = RecordedStreams.ofBatch("points").union(
      RecordedStreams.ofAccount(
        heldOut: network == .latent ? ["samples"] : ["samples", "points"], training: ["points"]))
    // Scores of a generator are by the same draws each time, so that they differ by the generators alone.
    let scores: Set = network == .latent ? ["validation test", "latents", "labels", "samples.points"] : []
    #expect(streams.patterns == RecordedStreams.core.union(batches).union(scores))
    #expect(streams.repeated == scores)
  }
}
