import Failures
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// `generate --no-copies` of shapes, with a generator's own samples as the data: each of them is certainly a copy.
@Suite struct PointTrainingDistancesTests {
  private let folder: TemporaryFolder
  private let model: TrainedModel<Points>

  init() throws {
    folder = try TemporaryFolder()
    var recipe = try SmallPoints.recipe(.mlp)
    // A network that was never trained does not fill its box as training shapes do.
    recipe.data.normalisation = .none
    recipe.spec = PointSpec(points: SmallPoints.points, frame: PointFrame(.none))
    model = TrainedModel(
      try recipe.makeGenerator(seed: 4, device: .cpu), recipe: recipe, step: 7, seed: 0,
      file: folder["model.safetensors"])
  }

  private func generate(_ count: Int, seed: UInt64, into name: String, without dataset: PointDataset? = nil)
    throws -> (clouds: [PointCloud], counts: CopyFilter.Counts?)
  {
    let options = try PointGenerateOptions.parse(["--format", "npy"])
    let request = try GenerationRequest(
      model, options: options.sampling, count: count, seed: seed, withoutCopiesOf: dataset,
      output: folder[name])
    let files = try Points.generate(request, options: options)
    let clouds = try files.flatMap { try ShapeFile.read($0.path, points: SmallPoints.points, seed: 0) }
    return (clouds, request.sampler.copies?.counts)
  }

  private func dataset(heldOut: String) throws -> PointDataset {
    var recipe = model.recipe
    return try PointDataset(
      DataSource(path: folder["training"].path, holdout: folder[heldOut].path), recipe: &recipe)
  }

  @Test func aGeneratorsOwnSamplesAreLeftOut() throws {
    let known = try generate(20, seed: 3, into: "training").clouds
    _ = try generate(24, seed: 5, into: "held-out")
    let (clouds, counts) = try generate(
      30, seed: 3, into: "out", without: dataset(heldOut: "held-out"))
    #expect(clouds.count == 30)
    let areNew = clouds.allSatisfy { !known.contains($0) }
    #expect(areNew)
    // In two chunks or three, the first twenty and a few by chance.
    let found = try #require(counts)
    #expect(found.drawn % Points.chunkSize == 0 && (20..<40).contains(found.copies), "\(found)")
  }

  @Test func copiesAloneAreGivenUp() throws {
    _ = try generate(20, seed: 3, into: "training")
    // Unlike anything that the generator makes.
    for number in 0..<12 {
      let cloud = PointCloud((0..<72).map { Float($0 % 3 == 0 ? $0 * (number + 2) : 0) })
      try FileManager.default.createDirectory(at: folder["far"], withIntermediateDirectories: true)
      try ShapeFile.write(cloud, to: folder["far/\(number).npy"], format: .npy)
    }
    let error = #expect(throws: UserError.self) {
      _ = try generate(10, seed: 8, into: "out", without: dataset(heldOut: "far"))
    }
    #expect(error?.message.contains("512 of 512 samples in a row to be copies of training shapes") == true)
  }

  /// Of shapes whose points are drawn anew, a copy is never the same cloud: what is told is the shape.
  @Test func shapesAreToldWhosePointsAreDrawnAgain() throws {
    // Ellipsoids of many widths, of more points than are drawn.
    for (part, count) in [("training", 30), ("held-out", 40)] {
      try FileManager.default.createDirectory(at: folder[part], withIntermediateDirectories: true)
      for number in 0..<count {
        var stream = RandomStream(seed: 1, step: number, name: part)
        let radii = try stream.uniform([1, 3]) * 1.5 + 0.3
        let normal = try stream.normal([900, 3])
        let length = try normal.squared().sum(along: 1, keepingDimensions: true).squareRoot()
        let cloud = PointCloud(try (normal / length * radii).array(of: Float.self))
        try ShapeFile.write(cloud, to: folder["\(part)/\(number).npy"], format: .npy)
      }
    }
    let dataset = try dataset(heldOut: "held-out")
    let measure = try #require(
      try Points.trainingDistances(in: dataset, recipe: model.recipe, options: PointSampling(points: 128)))
    let limit = measure.heldOut.sorted()[measure.heldOut.count / 20]
    let copies = try PointClouds(
      dataset.corpus.training, limit: 30, points: 128, named: "drawn again", draw: 9
    ).clouds
    #expect(try measure.distances(copies, limit).count { $0 < limit } >= 27)
    #expect(measure.heldOut.count { $0 < limit } == 2)
  }

  @Test func generatorsOfCodesHoldTrainingShapes() throws {
    let spec = SmallPoints.spec()
    for network in SmallPoints.networks {
      var recipe = try SmallPoints.recipe(network) { $0.latent.exemplars = 10 }
      recipe.spec = spec
      let codes = network.networks.codeSpec(recipe, shapes: 9)
      recipe.spec?.codes = codes
      let held = try Points.heldData(recipe)
      guard network == .latent else {
        #expect(held.isEmpty)
        continue
      }
      #expect(held.map(\.samples) == [9] && held[0].isAll && held[0].place == .generator)
      recipe.latent.exemplars = 9
      // As many as fit: there may be more.
      #expect(try !Points.heldData(recipe)[0].isAll)
    }
  }
}
