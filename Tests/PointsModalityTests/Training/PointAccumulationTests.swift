import Adversarial
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// A batch of shapes in parts, with points drawn or shapes deformed anew, labels and every penalty: only rounding differs.
@Suite struct PointAccumulationTests {
  @Test(arguments: SmallPoints.networks, SplitUpdate.batchSizes)
  func partsMakeTheUpdateOfTheBatch(network: PointNetwork, batchSize: Int) throws {
    let folder = try SmallPoints.folder()
    var recipe = try SmallPoints.recipe(network) {
      $0.data.labels = "folder"
      $0.training.penalties = Penalty.Kind.allCases.map { Penalty($0, weight: 0.1) }
    }
    let dataset = try SmallPoints.dataset(of: folder, &recipe)
    for parts in SplitUpdate.parts {
      let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe.training) {
        try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
      }
      #expect(distance < 1e-4, "\(parts) parts")
    }
  }

  @Test(arguments: SmallPoints.networks, [1, 2, 3]) func ranksMakeTheUpdatesOfOneProcess(
    network: PointNetwork, ranks: Int
  ) throws {
    let folder = try SmallPoints.folder()
    var recipe = try SmallPoints.recipe(network) { $0.data.labels = "folder" }
    let dataset = try SmallPoints.dataset(of: folder, &recipe)
    let completed = recipe
    #expect(
      try SplitUpdate.isSame(
        ranks: ranks, parts: 4, batchSize: 7, recipe: recipe.training,
        duel: network.networks.playsOverCodes ? 20 : 3
      ) {
        try PointGame(recipe: completed, dataset: dataset, seed: 1, device: .cpu)
      })
  }
}
