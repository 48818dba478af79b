import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct TreeGeneratorTests {
  private func generator(points: Int = 12, labels: Int = 0, _ change: (inout TreeRecipe) -> Void = { _ in })
    throws
    -> TreeGenerator
  {
    var recipe = try SmallPoints.recipe().tree
    change(&recipe)
    var stream = RandomStream(seed: 1, name: "generator")
    return try TreeGenerator(
      recipe: recipe, points: points, labels: labels, latentDimension: 6, using: &stream)
  }

  private func count(_ change: (inout TreeRecipe) -> Void) throws -> Int {
    var recipe = TreeRecipe()
    change(&recipe)
    var stream = RandomStream(seed: 1, name: "generator")
    return try TreeGenerator(recipe: recipe, points: 2048, latentDimension: 96, using: &stream).parameterCount
  }

  /// The table of Shu, Park and Kwon (2019); a rank of 8 leaves a fifth.
  @Test func thePublishedGeneratorHasItsSize() throws {
    #expect(try count { _ in } == 40_690_080)
    let branches = [
      (1, 96, 1), (1, 256, 2), (2, 256, 2), (4, 256, 2), (8, 128, 2), (16, 128, 2), (32, 128, 64),
    ]
    let full = branches.reduce(0) { $0 + $1.0 * $1.1 * $1.1 * $1.2 }
    let thin = branches.reduce(0) { $0 + $1.0 * 8 * ($1.1 + $1.1 * $1.2) }
    #expect(try count { $0.branchRank = 8 } == 40_690_080 - full + thin)
  }

  /// One level of a tree of two nodes, written out.
  @Test func aLayerIsWhatItSays() throws {
    var stream = RandomStream(seed: 1, name: "layer")
    var recipe = TreeRecipe()
    recipe.support = 2
    let layer = try TreeConvolution(
      widths: [3, 4], outputs: 5, nodes: 2, degree: 2, recipe: recipe, rectifies: true, using: &stream)
    let tree = [try SmallPoints.normal([1, 1, 3]), try SmallPoints.normal([1, 2, 4], seed: 4)]
    let found = try layer(tree)
    func parameter(_ name: String) throws -> Tensor {
      let found = layer.namedParameters.first { $0.name == name }
      return try #require(found).parameter.value.detached()
    }
    #expect(found.shape == [1, 4, 5])
    for child in 0..<4 {
      let node = child / 2
      let parent = try tree[1].narrowed(along: 1, start: node, count: 1).reshaped([1, 4])
      let branches = try parent.matmul(parameter("branches.weight").selected(node)).leakyReLU()
      let own = try branches.narrowed(along: 1, start: child % 2 * 4, count: 4)
      let loop = try own.linear(weight: parameter("loop.0.weight")).linear(weight: parameter("loop.1.weight"))
      let ancestors =
        try tree[0].reshaped([1, 3]).linear(weight: parameter("ancestors.0.weight"))
        + parent.linear(weight: parameter("ancestors.1.weight"))
      let expected = try (loop + ancestors + parameter("bias").selected(child % 2)).leakyReLU()
      #expect(try found.selected(child, along: 1).distance(to: expected) < 1e-5)
    }
  }

  @Test(arguments: [nil, 2]) func cloudsHaveTheirShape(rank: Int?) throws {
    let generator = try generator(labels: 2) { $0.branchRank = rank }
    let latents = try SmallPoints.normal([3, 6])
    let labels = try Tensor([0, 1, 0])
    let clouds = try generator.generate(latents: latents, labels: labels, context: SmallPoints.training)
    #expect(clouds.shape == [3, 12, 3])
    #expect(generator.fixedPointCount == 12)
    try clouds.squared().sum().backward()
    for (name, parameter) in generator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
    #expect(throws: TorchError.self) {
      try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    }
  }
}
