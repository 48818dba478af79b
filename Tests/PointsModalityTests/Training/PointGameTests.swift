import Adversarial
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct PointGameTests {
  private func game(labels: Bool = false) throws -> (game: PointGame, corpus: PointCorpus) {
    var recipe = try SmallPoints.recipe { if labels { $0.data.labels = "folder" } }
    let dataset = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe)
    return (try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu), dataset.corpus)
  }

  private func context(step: Int, scope: String = "discriminator.0", seed: UInt64 = 5) -> StepContext {
    StepContext(seed: seed, step: step, scope: scope, isTraining: true)
  }

  @Test func batchesAreTheCorpussClouds() throws {
    let (game, corpus) = try game(labels: true)
    #expect(game.trainingCount == corpus.training.count)
    #expect(!game.hasWarmUp)
    let indices = [13, 0, 7]
    let batch = try game.batch(at: indices, context: context(step: 3))
    #expect(batch.samples.shape == [3, SmallPoints.points, 3])
    var stream = context(step: 3).stream("points")
    let expected = try indices.flatMap {
      try corpus.training.points(at: $0, count: SmallPoints.points, draw: stream.next())
    }
    #expect(try batch.samples.array(of: Float.self) == expected)
    #expect(try batch.labels?.array(of: Int.self) == indices.map { corpus.training.label(at: $0) ?? -1 })
  }

  @Test func withoutLabelsThereAreNone() throws {
    #expect(try game().game.batch(at: [0], context: context(step: 0)).labels == nil)
  }

  @Test func everyUpdateDrawsOtherPoints() throws {
    let game = try game().game
    func batch(step: Int, scope: String = "discriminator.0", seed: UInt64 = 5) throws -> Tensor {
      try game.batch(at: [2, 4], context: context(step: step, scope: scope, seed: seed)).samples
    }
    let first = try batch(step: 3)
    #expect(try batch(step: 3).isEqual(to: first))
    for other in [
      try batch(step: 4), try batch(step: 3, scope: "generator.0"), try batch(step: 3, seed: 6),
    ] {
      #expect(try other.distance(to: first) > 1e-3)
    }
  }

  @Test func previewsAreCloudsAndASheet() throws {
    let game = try game(labels: true).game
    let preview = try game.preview(of: game.generator, seed: 3)
    #expect(preview.lines.count == 1)
    #expect(preview.lines[0].hasPrefix("12 clouds of \(SmallPoints.points) points, radius "))
    #expect(preview.items.count == 13)
    let folder = try TemporaryFolder()
    let item = try #require(preview["0011.ply"])
    try Data(item.fileBytes).write(to: folder["0011.ply"])
    let clouds = try ShapeFile.read(folder["0011.ply"].path, points: SmallPoints.points, seed: 1)
    #expect(item.content == .cloud(clouds[0].coordinates))
    #expect(preview["sheet.png"]?.fileBytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
    #expect(try game.preview(of: game.generator, seed: 3) == preview)
  }

  @Test func networksAreAFunctionOfTheSeed() throws {
    var recipe = try SmallPoints.recipe()
    let dataset = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe)
    func weights(_ seed: UInt64) throws -> [Tensor] {
      let game = try PointGame(recipe: recipe, dataset: dataset, seed: seed, device: .cpu)
      return try (game.generator.parameters + game.discriminator.parameters).map { try $0.value.detached() }
    }
    for (one, other) in zip(try weights(1), try weights(1)) { #expect(try one.isEqual(to: other)) }
    #expect(try zip(weights(1), weights(2)).contains { try !$0.isEqual(to: $1) })
  }

  @Test func theRadiusIsThatOfTheCloud() {
    #expect(PointCloud([1, 0, 0, -1, 0, 0]).rootMeanSquareRadius == 1)
    #expect(PointCloud([5, 5, 5]).rootMeanSquareRadius == 0)
    #expect(PointCloud([]).rootMeanSquareRadius == 0)
  }
}
