import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct MLPGeneratorTests {
  private func generator(points: Int = 10, labels: Int = 0) throws -> MLPGenerator {
    var stream = RandomStream(seed: 1, name: "generator")
    return try MLPGenerator(
      recipe: SmallPoints.recipe().mlp, points: points, labels: labels, latentDimension: 6, using: &stream)
  }

  /// The table of Achlioptas et al. (2018).
  @Test func thePublishedGeneratorHasItsSize() throws {
    var stream = RandomStream(seed: 1, name: "generator")
    let generator = try MLPGenerator(recipe: MLPRecipe(), points: 2048, latentDimension: 128, using: &stream)
    #expect(generator.parameterCount == 6_905_536)
    #expect(generator.fixedPointCount == 2048)
  }

  /// Latents are multiplied by 0.2 first.
  @Test func isAPerceptronOfTheLatent() throws {
    let generator = try generator()
    let latents = try SmallPoints.normal([3, 6])
    let found = try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    var x = try latents * 0.2
    let parameters = generator.namedParameters
    for layer in 0..<3 {
      let weight = try #require(parameters.first { $0.name == "layers.layers.\(layer).weight" })
      let bias = try #require(parameters.first { $0.name == "layers.layers.\(layer).bias" })
      x = try x.matmul(weight.parameter.value.transposed()) + bias.parameter.value
      if layer < 2 { x = try x.relu() }
    }
    #expect(try found.distance(to: x.reshaped([3, 10, 3])) < 1e-5)
  }

  @Test func fewerPointsAreAChoice() throws {
    let generator = try generator()
    let latents = try SmallPoints.normal([3, 6])
    let all = try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    func clouds(_ points: Int, seed: UInt64) throws -> Tensor {
      var stream = RandomStream(seed: seed, name: "points")
      return try generator.clouds(latents: latents, labels: nil, points: points, using: &stream)
    }
    #expect(try clouds(10, seed: 1).isEqual(to: all))
    let some = try clouds(4, seed: 1)
    #expect(some.shape == [3, 4, 3])
    #expect(try some.isEqual(to: clouds(4, seed: 1)))
    #expect(try some.distance(to: clouds(4, seed: 2)) > 1e-3)
    // Each is a point of the whole cloud.
    let distances = try (some.expandingDimension(at: 2) - all.expandingDimension(at: 1)).squared().sum(
      along: 3)
    #expect(try distances.min(along: 2).max().item() == 0)
  }

  @Test func labelsChangeTheCloud() throws {
    let generator = try generator(labels: 2)
    let latents = try SmallPoints.normal([1, 6])
    func cloud(_ label: Int) throws -> Tensor {
      try generator.generate(latents: latents, labels: Tensor([label]), context: SmallPoints.training)
    }
    #expect(try cloud(0).distance(to: cloud(1)) > 1e-3)
    #expect(throws: TorchError.self) {
      try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    }
  }
}
