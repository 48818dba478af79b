import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct SphereGeneratorTests {
  private func generator(points: Int = 60, labels: Int = 0, _ change: (inout SphereRecipe) -> Void = { _ in })
    throws -> SphereGenerator
  {
    var recipe = try SmallPoints.recipe().sphere
    change(&recipe)
    var stream = RandomStream(seed: 1, name: "generator")
    return try SphereGenerator(
      recipe: recipe, points: points, labels: labels, latentDimension: 6, using: &stream)
  }

  @Test(arguments: [1, 2, 3, 60, 513]) func pointsLieEvenlyOnTheSphere(count: Int) throws {
    let sphere = try FibonacciSphere(count: count, neighbourCount: 4, reference: count)
    #expect(sphere.positions.shape == [count, 3])
    let lengths = try sphere.positions.squared().sum(along: 1)
    #expect(try lengths.distance(to: lengths.onesLike()) < 1e-5)
    let neighbours = try sphere.neighbours.array(of: Int.self)
    #expect(neighbours.count == count * max(sphere.neighbourCount, 1))
    guard count > 60 else { return }
    #expect(try sphere.positions.mean(along: 0).norm().item() < 0.02)
    // No point is its own neighbour, and all neighbours are near: a cap of four points has a radius of 4 / √N.
    for (index, neighbour) in neighbours.enumerated() {
      let point = index / 4
      #expect(point != neighbour)
      let distance = try (sphere.positions.selected(point) - sphere.positions.selected(neighbour)).norm()
        .item()
      #expect(distance < 6 / Double(count).squareRoot())
    }
  }

  /// A denser sphere has neighbourhoods as wide as those of the one that was trained on.
  @Test func neighbourhoodsKeepTheirWidth() throws {
    func width(_ count: Int, reference: Int) throws -> Double {
      let sphere = try FibonacciSphere(count: count, neighbourCount: 6, reference: reference)
      let others = try sphere.positions.gathered(at: sphere.neighbours).reshaped([count, 6, 3])
      return try (others - sphere.positions.expandingDimension(at: 1)).squared().sum(along: 2).mean().item()
        .squareRoot()
    }
    let expected = try width(200, reference: 200)
    #expect(try abs(width(800, reference: 200) / expected - 1) < 0.15)
    #expect(try width(800, reference: 800) < 0.6 * expected)
  }

  @Test func anEdgeConvolutionTakesTheLargest() throws {
    var stream = RandomStream(seed: 1, name: "edges")
    let layer = try EdgeConvolution(inputs: 3, outputs: 4, using: &stream)
    let x = try SmallPoints.normal([2, 3, 3])
    let found = try layer(x, neighbours: Tensor([1, 2, 0, 2, 0, 1]))
    let parameters = layer.namedParameters.map { $0.parameter.value }
    let own = try x.linear(weight: parameters[0], bias: parameters[1])
    let other = try x.linear(weight: parameters[2])
    for (point, neighbours) in [(0, [1, 2]), (1, [0, 2]), (2, [0, 1])] {
      let edges = try neighbours.map {
        try (own.selected(point, along: 1) + other.selected($0, along: 1)).leakyReLU()
      }
      #expect(try found.selected(point, along: 1).distance(to: edges[0].maximum(edges[1])) < 1e-6)
    }
    try checkGradients(of: layer, at: [x], tolerance: 1e-5) {
      try layer($0[0], neighbours: Tensor([1, 2, 0, 2, 0, 1]))
    }
  }

  @Test func normsBringEveryChannelToOneScale() throws {
    var stream = RandomStream(seed: 1, name: "norm")
    let norm = try AdaptiveInstanceNorm(style: 2, channels: 3, using: &stream)
    for (_, parameter) in norm.namedParameters { try parameter.set(parameter.value.zerosLike()) }
    let x = try SmallPoints.normal([2, 50, 3]) * 7 + 3
    let found = try norm(x, style: Tensor.ones([2, 50, 2]))
    #expect(try found.mean(along: 1).absolute().max().item() < 1e-4)
    #expect(try abs(found.variance(along: 1, correction: 0).mean().item() - 1) < 1e-3)
  }

  @Test(arguments: [0, 6], [0, 2]) func cloudsHaveTheirShape(overall: Int, labels: Int) throws {
    let generator = try generator(labels: labels) { $0.overall = overall }
    let latents = try SmallPoints.normal([3, 6])
    let classes = labels > 0 ? try Tensor([0, 1, 0]) : nil
    let clouds = try generator.generate(latents: latents, labels: classes, context: SmallPoints.training)
    #expect(clouds.shape == [3, 60, 3] && generator.fixedPointCount == nil)
    try clouds.squared().sum().backward()
    for (name, parameter) in generator.namedParameters {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
    }
    if labels > 0 {
      #expect(throws: TorchError.self) {
        try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
      }
    }
  }

  @Test func anyNumberOfPointsIsMade() throws {
    let generator = try generator()
    let latents = try SmallPoints.normal([1, 6])
    func cloud(_ points: Int) throws -> Tensor {
      var stream = RandomStream(seed: 1, name: "points")
      return try generator.clouds(latents: latents, labels: nil, points: points, using: &stream)
    }
    let trained = try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    #expect(try cloud(60).isEqual(to: trained))
    for points in [1, 2, 5, 240] {
      let found = try cloud(points)
      #expect(found.shape == [1, points, 3])
      #expect(try found.isFinite().all().item() == 1)
    }
    // The same shape, drawn more densely.
    let (few, many) = (trained, try cloud(240))
    let distances = try (few.expandingDimension(at: 2) - many.expandingDimension(at: 1)).squared().sum(
      along: 3)
    let size = try (few - few.mean(along: 1, keepingDimensions: true)).squared().sum(along: 2).mean().item()
    #expect(try distances.min(along: 2).mean().item() < 0.1 * size)
  }

  /// One latent a point, all equal, is one latent a cloud.
  @Test func pointsMayHaveLatentsOfTheirOwn() throws {
    let generator = try generator(labels: 2)
    let latents = try SmallPoints.normal([2, 6])
    let labels = try Tensor([1, 0])
    let sphere = try generator.sphere(points: 60)
    let each = try latents.expandingDimension(at: 1).expanded(to: [2, 60, 6])
    let (one, other) = try (
      generator.clouds(latents: latents, labels: labels, on: sphere),
      generator.clouds(latents: each, labels: labels, on: sphere)
    )
    #expect(try one.distance(to: other) < 1e-5)
  }

  @Test func editsMixLatentsByPlace() throws {
    let positions = try FibonacciSphere(count: 100, neighbourCount: 4, reference: 100).positions
    let (base, donor) = (try SmallPoints.normal([1, 6]), try SmallPoints.normal([1, 6], seed: 4))
    func latents(_ regions: [ShapeRegion], blend: Double = 1, edge: Double = 0) throws -> Tensor {
      try SphereGenerator.latents(
        Tensor.concatenated([base, donor]), edit: RegionEdit(regions: regions, blend: blend, edge: edge),
        positions: positions)
    }
    let up = try latents([.up])
    #expect(up.shape == [1, 100, 6])
    for point in 0..<100 {
      let isUp = try positions.selected(point).selected(2).item() > 0
      #expect(try up.selected(point, along: 1).distance(to: isUp ? donor : base) < 1e-5)
    }
    #expect(
      try latents([.up], blend: 0).distance(to: base.expandingDimension(at: 1).expanded(to: [1, 100, 6]))
        < 1e-5)
    let whole = try latents([.up, .down])
    #expect(try whole.distance(to: donor.expandingDimension(at: 1).expanded(to: [1, 100, 6])) < 1e-5)
    // On the way latents are as long as the ends.
    let half = try latents(ShapeRegion.allCases, blend: 0.5, edge: 0.3)
    let length = try half.selected(50, along: 1).norm().item()
    #expect(try abs(length - (base.norm().item() + donor.norm().item()) / 2) < 1e-4)
    let sides = try ShapeRegion.allCases.map { try $0.membership(of: positions, edge: 0.2).sum().item() }
    #expect(sides.allSatisfy { abs($0 - 50) < 2 })
  }
}
