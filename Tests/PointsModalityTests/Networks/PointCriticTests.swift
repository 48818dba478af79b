import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct PointCriticTests {
  private func logits(_ critic: PointCritic, _ clouds: Tensor, labels: [Int]? = nil) throws -> Tensor {
    try critic.discriminate(clouds, labels: labels.map { try Tensor($0) }, context: SmallPoints.training)
  }

  private func count(_ recipe: PointCriticRecipe) throws -> Int {
    var stream = RandomStream(seed: 1, name: "critic")
    return try PointCritic(recipe: recipe, using: &stream).parameterCount
  }

  /// The tables of Achlioptas et al. (2018) and of Shu, Park and Kwon (2019).
  @Test func publishedCriticsHaveTheirSizes() throws {
    #expect(try count(.rGAN) == 312_961)
    #expect(try count(.treeGAN) == 2_536_065)
  }

  @Test func parametersHaveTheirNames() throws {
    let critic = try SmallPoints.critic(labels: 3) { $0.pooling = .both }
    #expect(
      critic.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" } == [
        "shared.layers.0.weight [8, 3]", "shared.layers.0.bias [8]", "shared.layers.1.weight [12, 8]",
        "shared.layers.1.bias [12]", "head.layers.0.weight [6, 24]", "head.layers.0.bias [6]",
        "logit.output.weight [1, 6]", "logit.output.bias [1]", "logit.label.weight [3, 6]",
      ])
  }

  @Test(arguments: PointPooling.allCases, [1, 2, 33]) func oneLogitACloud(pooling: PointPooling, points: Int)
    throws
  {
    let critic = try SmallPoints.critic { $0.pooling = pooling }
    let found = try logits(critic, SmallPoints.normal([5, points, 3]))
    #expect(found.shape == [5])
    #expect(try found.isFinite().all().item() == 1)
  }

  @Test(arguments: PointPooling.allCases) func theOrderOfPointsDoesNotMatter(pooling: PointPooling) throws {
    let critic = try SmallPoints.critic { $0.pooling = pooling }
    let clouds = try SmallPoints.normal([3, 40, 3])
    var stream = RandomStream(seed: 1, name: "order")
    let order = try Tensor(stream.indices(40, outOf: 40))
    let (found, shuffled) = try (logits(critic, clouds), logits(critic, clouds.gathered(at: order, along: 1)))
    #expect(try found.distance(to: shuffled) < 1e-5)
    // Clouds of a batch do not mix.
    let alone = try logits(critic, clouds.narrowed(along: 0, start: 1, count: 1))
    #expect(try abs(alone.item() - found.selected(1).item()) < 1e-5)
  }

  /// Twice the same points have the same maxima and the same means; more of some have other means only.
  @Test func onlyMeansSeeDensity() throws {
    let cloud = try SmallPoints.normal([1, 8, 3])
    let crowded = try Tensor.concatenated(
      [cloud, cloud.narrowed(along: 1, start: 0, count: 2)], along: 1)
    for pooling in PointPooling.allCases {
      let critic = try SmallPoints.critic { $0.pooling = pooling }
      let distance = try logits(critic, cloud).distance(to: logits(critic, crowded))
      #expect(pooling == .max ? distance < 1e-5 : distance > 1e-4)
    }
  }

  @Test(arguments: PointPooling.allCases) func gradientsAgreeWithDifferences(pooling: PointPooling) throws {
    let critic = try SmallPoints.critic {
      $0.widths = [4, 5]
      $0.head = [3]
      $0.pooling = pooling
    }
    try checkGradients(of: critic, at: [SmallPoints.normal([2, 5, 3])], tolerance: 1e-5) {
      try critic.discriminate($0[0], labels: nil, context: SmallPoints.training)
    }
  }

  /// Values, first derivatives and those of a gradient penalty are those of the plain way.
  @Test func criticalPointsAreEnough() throws {
    var stream = RandomStream(seed: 1, name: "network")
    let network = try PerPointLayers(inputs: 3, widths: [16, 32, 64], slope: 0.2, using: &stream)
    let clouds = try SmallPoints.normal([3, 5000, 3])
    func results(_ maximum: (Tensor) throws -> Tensor) throws -> [Tensor] {
      for parameter in network.parameters { try parameter.clearGrad() }
      let leaf = try clouds.asLeaf()
      let values = try maximum(leaf)
      let gradient = try #require(try gradients(of: [values], withRespectTo: [leaf], createGraph: true)[0])
      try (gradient.squared().sum() + values.sum()).backward()
      let slopes = try network.parameters.map { try #require($0.grad) }
      return [values, gradient] + slopes
    }
    let plain = try results { try network($0).max(along: 1) }
    let thrifty = try results { try CriticalPoints.maximum(of: $0, through: network) }
    let direct = try results { try network($0).maximumOverPoints() }
    for (index, expected) in plain.enumerated() {
      let size = try max(expected.absolute().max().item(), 1)
      #expect(try thrifty[index].distance(to: expected) < 1e-4 * size, "\(index)")
      #expect(try direct[index].distance(to: expected) < 1e-4 * size, "\(index)")
    }
  }

  @Test func labelsAddTheirProjection() throws {
    let critic = try SmallPoints.critic(labels: 2)
    let clouds = try SmallPoints.normal([2, 9, 3])
    let (a, b) = try (logits(critic, clouds, labels: [0, 0]), logits(critic, clouds, labels: [1, 1]))
    #expect(try a.distance(to: b) > 1e-4)
    let mixed = try logits(critic, clouds, labels: [0, 1])
    #expect(try mixed.distance(to: Tensor.stacked([a.selected(0), b.selected(1)])) < 1e-6)
    #expect(throws: TorchError.self) { try logits(critic, clouds) }
    #expect(throws: TorchError.self) { try logits(critic, clouds, labels: [0, 2]) }
  }

  @Test(arguments: [[4, 9], [4, 9, 2], [4, 0, 3]]) func otherShapesAreRefused(shape: [Int]) throws {
    let critic = try SmallPoints.critic { $0.pooling = .max }
    #expect(throws: TorchError.self) { try logits(critic, Tensor.zeros(shape)) }
  }

  @Test(arguments: PointPooling.allCases, [nil, DType.bfloat16]) func penaltiesReachEveryWeight(
    pooling: PointPooling, dtype: DType?
  ) throws {
    let critic = try SmallPoints.critic { $0.pooling = pooling }
    let leaf = try SmallPoints.normal([4, 30, 3]).asLeaf()
    let value = try withAutocast(dtype, on: .cpu) {
      let slope = try gradients(of: [logits(critic, leaf)], withRespectTo: [leaf], createGraph: true)[0]
      return try #require(slope).squared().sum()
    }
    try value.backward()
    for (name, parameter) in critic.namedParameters where name.hasSuffix("weight") {
      #expect(try (parameter.grad?.norm().item() ?? 0) > 0, "\(name)")
      #expect(try parameter.grad?.isFinite().all().item() == 1, "\(name)")
    }
  }
}
