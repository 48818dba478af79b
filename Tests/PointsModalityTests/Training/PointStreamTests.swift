import Adversarial
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct PointStreamTests {
  /// Each update draws the points of its shapes anew, or in the game of codes deforms its shapes anew; where shapes are chosen
  /// batches draw nothing, and networks never do.
  @Test(arguments: SmallPoints.networks) func everyPurposeHasAStreamOfItsOwn(network: PointNetwork) throws {
    try expectStreams(of: network, drawsBatches: !network.networks.playsOverCodes)
  }

  @Test func theGameOfCodesDrawsDeformations() throws {
    try expectStreams(of: .latent, drawsBatches: true) { $0.latent.candidates = 1 }
  }

  private func expectStreams(
    of network: PointNetwork, drawsBatches: Bool, _ change: (inout PointRecipe) -> Void = { _ in }
  ) throws {
    let folder = try SmallPoints.folder()
    var recipe = try SmallPoints.recipe(network) {
      $0.data.labels = "folder"
      change(&$0)
    }
    let dataset = try SmallPoints.dataset(of: folder, &recipe)
    let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    let streams = try RecordedStreams(ofTraining: game, recipe: recipe.training)
    let isOverCodes = network.networks.playsOverCodes
    let batches = (drawsBatches ? RecordedStreams.ofBatch("points") : []).union(
      RecordedStreams.ofAccount(
        heldOut: isOverCodes ? ["samples"] : ["samples", "points"], training: drawsBatches ? ["points"] : []))
    // Scores of a generator are by the same draws each time, so that they differ by the generators alone.
    let scores: Set = isOverCodes ? ["validation test", "latents", "labels", "samples.points"] : []
    #expect(streams.patterns == RecordedStreams.core.union(batches).union(scores))
    #expect(streams.repeated == scores)
  }
}
