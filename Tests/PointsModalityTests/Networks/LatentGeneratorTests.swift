import Adversarial
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite struct LatentGeneratorTests {
  /// A game over shapes of two labels, and its generator: of codes, unless several deformations are offered.
  private func game(
    labels: Bool = true, candidates: Int? = nil, _ change: (inout PointRecipe) -> Void = { _ in }
  ) throws
    -> (game: PointGame, generator: LatentGenerator, recipe: PointRecipe)
  {
    var recipe = try SmallPoints.recipe(.latent) {
      if labels { $0.data.labels = "folder" }
      $0.latent.candidates = candidates
      change(&$0)
    }
    let dataset = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe)
    let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    return (game, try #require(game.generator as? LatentGenerator), recipe)
  }

  @Test func theDataDecidesTheSizes() throws {
    let (game, generator, recipe) = try game()
    let sizes = try #require(recipe.spec?.codes)
    #expect(sizes == CodeSpec(recipe.latent, shapes: game.trainingCount, points: SmallPoints.points))
    #expect(sizes.numbers == 7 && sizes.exemplars == 9 && sizes.points == 2 * SmallPoints.points)
    #expect(sizes.neighbours == 19)
    let codes = try generator.generate(
      latents: SmallPoints.normal([5, 6]), labels: Tensor([0, 1, 0, 1, 0]), context: SmallPoints.training)
    #expect(codes.shape == [5, 7])
    let batch = try game.batch(at: [0, 3, 5], context: SmallPoints.training)
    #expect(batch.samples.shape == [3, 7] && batch.labels?.shape == [3])
    // A checkpoint's recipe builds the same network without the data.
    let rebuilt = try recipe.makeGenerator(seed: 9, device: .cpu)
    try rebuilt.load(Dictionary(uniqueKeysWithValues: generator.state.map { ($0.name, $0.tensor) }))
  }

  @Test func onlyExemplarsOfTheLabelAnswer() throws {
    let (_, generator, _) = try game()
    let weights = try generator.weights(
      latents: SmallPoints.normal([6, 6]), labels: Tensor([0, 1, 0, 1, 0, 1]))
    #expect(try weights.sum(along: 1).distance(to: Tensor.ones([6])) < 1e-5)
    let state = try generator.state
    let exemplars = try #require(state.first { $0.name == "exemplarLabels" }).tensor.array(of: Int.self)
    let rows = try weights.array(of: Float.self)
    for row in 0..<6 {
      for (column, label) in exemplars.enumerated() where label != row % 2 {
        #expect(rows[row * exemplars.count + column] == 0)
      }
    }
    #expect(throws: TorchError.self) {
      try generator.generate(latents: SmallPoints.normal([1, 6]), labels: nil, context: SmallPoints.training)
    }
  }

  @Test func atFirstShapesAreExemplarsDeformed() throws {
    let (_, generator, recipe) = try game(labels: false) {
      $0.latent.deformation = 0
      // So sharp that one exemplar answers.
      $0.latent.sharpness = 100_000
    }
    let latents = try SmallPoints.normal([4, 6])
    let codes = try generator.generate(latents: latents, labels: nil, context: SmallPoints.training)
    let state = try generator.state
    let exemplars = try #require(state.first { $0.name == "exemplars" }).tensor
    let places = try generator.weights(latents: latents, labels: nil).argmax(along: 1)
    let answers = try generator.codec.decode(exemplars.gathered(at: places))
      .framed(recipe.data.normalisation)
    #expect(try codes.distance(to: generator.codec.encode(answers)) < 0.02)
  }

  @Test(arguments: [1, 10, SmallPoints.points, 100]) func cloudsOfAnyNumberOfPoints(count: Int) throws {
    let (_, generator, _) = try game(labels: false, candidates: count < 20 ? 3 : 1)
    var stream = RandomStream(seed: 4, name: "points")
    let clouds = try generator.clouds(
      latents: SmallPoints.normal([3, 6]), labels: nil, points: count, using: &stream)
    #expect(clouds.shape == [3, count, 3])
    #expect(try clouds.isFinite().all().item() == 1)
  }

  @Test func walksTurnOneShapeIntoTheOther() throws {
    let (_, generator, recipe) = try game(labels: false, candidates: 3)
    let sampler = try Sampler<Points>(generator, recipe: recipe, device: .cpu, options: PointSampling())
    let walk = try LatentWalk.parse(["--seeds", "1,2", "--steps", "4"])
    let frames = try Interpolate.clouds(of: generator, sampler, on: walk).map {
      try Tensor($0.coordinates, shape: [SmallPoints.points, 3])
    }
    #expect(frames.count == 5)
    // Points move on straight lines, each at its own speed.
    let middle = try (frames[0] + frames[4]) / 2
    #expect(try frames[2].distance(to: middle) < 1e-4)
    #expect(try frames[0].distance(to: frames[4]) > 0.05)
  }

  @Test func editsTakeOneHalfOfTheDonor() throws {
    let (_, generator, _) = try game(candidates: 3) {
      $0.data.normalisation = .none
    }
    let total = 2 * SmallPoints.points
    func edited(_ regions: [ShapeRegion], points: Int = 48, edge: Double = 0) throws -> [Tensor] {
      var stream = RandomStream(seed: 1, name: "edit")
      let clouds = try generator.edited(
        latents: SmallPoints.normal([2, 6]), labels: Tensor([1, 1]),
        edit: RegionEdit(regions: regions, edge: edge), points: points, using: &stream)
      #expect(clouds.shape == [3, points, 3])
      return try (0..<3).map { try clouds.selected($0) }
    }
    let clouds = try edited([.up])
    let heights = try generator.codec.shape.points.selected(2, along: 1).array(of: Double.self)
    let middle = (heights.min() ?? 0) / 2 + (heights.max() ?? 0) / 2
    #expect(try clouds[0].distance(to: clouds[1]) > 0.05)
    for point in 0..<total {
      let from = heights[point] > middle ? clouds[1] : clouds[0]
      #expect(try clouds[2].selected(point).distance(to: from.selected(point)) < 1e-5)
    }
    // Fewer points are the same places of all three: with both halves given, the donor's.
    let few = try edited([.up, .down], points: 10)
    #expect(try few[2].distance(to: few[1]) < 1e-5)
  }

  @Test func gradientsReachEveryParameter() throws {
    let (game, generator, _) = try game()
    let codes = try generator.generate(
      latents: SmallPoints.normal([4, 6]), labels: Tensor([0, 1, 0, 1]), context: SmallPoints.training)
    try game.discriminator.discriminate(codes, labels: Tensor([0, 1, 0, 1]), context: SmallPoints.training)
      .sum().backward()
    // What changes codes begins at zero, and lets no gradient through to the layers before it at first.
    for (name, parameter) in generator.namedParameters where !name.hasPrefix("change.") {
      let gradient = try #require(parameter.grad, "\(name)")
      #expect(try gradient.absolute().max().item() > 0, "\(name)")
    }
  }

  @Test func batchesAreDeformedAnewAtEachStep() throws {
    let (game, _, _) = try game()
    func batch(_ step: Int) throws -> Tensor {
      try game.batch(at: [1, 2], context: StepContext(seed: 5, step: step, scope: "discriminator.0")).samples
    }
    #expect(try batch(3).isEqual(to: batch(3)))
    #expect(try batch(3).distance(to: batch(4)) > 1e-3)
  }

  @Test func criticsNeedLabelsWhereThereAreSome() throws {
    let (game, _, _) = try game()
    let codes = try SmallPoints.normal([2, 7])
    #expect(
      try game.discriminator.discriminate(codes, labels: Tensor([0, 1]), context: SmallPoints.evaluation)
        .shape == [2])
    #expect(throws: TorchError.self) {
      try game.discriminator.discriminate(codes, labels: nil, context: SmallPoints.evaluation)
    }
  }
}
