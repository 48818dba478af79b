import Adversarial
import Foundation
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// The game of choice: what is offered, chosen, judged and learned.
@Suite struct ShapeChoiceTests {
  /// A game over shapes of two labels, its generator and its choice.
  private func game(labels: Bool = true, candidates: Int = 5) throws
    -> (game: PointGame, generator: LatentGenerator, choice: ShapeChoice)
  {
    var recipe = try SmallPoints.recipe(.latent) {
      if labels { $0.data.labels = "folder" }
      $0.latent.candidates = candidates
    }
    let dataset = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe)
    let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    let generator = try #require(game.generator as? LatentGenerator)
    return (game, generator, try #require(generator.choice))
  }

  @Test("Forms of the training shapes of a label have mean 0 and deviation 1")
  func standardForms() throws {
    let (game, _, choice) = try game()
    let all = try game.batch(at: Array(0..<game.trainingCount), context: SmallPoints.training)
    let labels = try #require(all.labels).array(of: Int.self)
    #expect(all.samples.shape == [game.trainingCount, choice.form.count + 1])
    for label in 0..<2 {
      let rows = try all.samples.gathered(at: Tensor(labels.indices.filter { labels[$0] == label }))
        .narrowed(along: 1, start: 0, count: choice.form.count)
      #expect(try rows.mean(along: 0).absolute().max().item() < 1e-2)
      #expect(try (rows.variance(along: 0, correction: 0) - 1).absolute().max().item() < 5e-2)
    }
  }

  @Test("Moments are those of the points")
  func moments() throws {
    let (_, generator, _) = try game(labels: false)
    let form = try OverallForm(codeNumbers: 7, labels: 0)
    let clouds = try SmallPoints.normal([2, 2 * SmallPoints.points, 3]) * 0.3
    let numbers = try form(form.places(of: clouds), labels: nil, codec: generator.codec)
    #expect(numbers.shape == [2, 22])
    let points = try clouds.selected(1).array(of: Float.self)
    func mean(_ value: (Int) -> Float) -> Float {
      (0..<2 * SmallPoints.points).map { value(3 * $0) }.reduce(0, +) / Float(2 * SmallPoints.points)
    }
    let centre = (0..<3).map { axis in mean { points[$0 + axis] } }
    let row = try numbers.selected(1).array(of: Float.self)
    for axis in 0..<3 { #expect(abs(row[axis] - centre[axis]) < 1e-5) }
    let mixed = mean { (points[$0] - centre[0]) * (points[$0 + 2] - centre[2]) }
    #expect(abs(row[5] - mixed) < 1e-5)
    let heights = stride(from: 2, to: points.count, by: 3).map { points[$0] }
    #expect(abs(row[11] - ((heights.max() ?? 0) - (heights.min() ?? 0))) < 1e-5)
  }

  @Test("Nothing is preferred at first, and each candidate is chosen as often")
  func noPreference() throws {
    let (_, generator, choice) = try game(labels: false)
    let latents = try SmallPoints.normal([2_000, 6])
    let offer = try generator.offer(latents: latents, labels: nil, by: choice)
    let scores = try choice.scores(of: offer.forms, labels: nil)
    #expect(scores.shape == [2_000, 5])
    #expect(try scores.absolute().max().item() == 0)
    let chosen = try choice.chosen(by: scores, SmallPoints.normal([2_000, 5], seed: 8)).array(of: Int.self)
    for candidate in 0..<5 {
      let share = Double(chosen.enumerated().count { $0.element - 5 * $0.offset == candidate }) / 2_000
      #expect(abs(share - 0.2) < 0.05)
    }
  }

  @Test("A candidate is chosen as often as its score says")
  func probabilities() throws {
    var stream = RandomStream(seed: 1, name: "choice")
    let choice = try ShapeChoice(
      candidates: 3, amounts: 2, spread: 0, form: OverallForm(codeNumbers: 8, labels: 0), exemplars: 9,
      labels: 0,
      latentDimension: 6, using: &stream)
    // A score of the first number of a form alone.
    try choice.load(
      Dictionary(
        uniqueKeysWithValues: choice.state.map { name, tensor in
          name == "taste.quadratic.weight"
            ? (name, try Tensor.full([1, 1], value: 1).padded(0, tensor.shape[1] - 1)) : (name, tensor)
        }))
    let wanted = [0.5, 0.3, 0.2]
    let forms = try Tensor(wanted.map { Float(log($0)) }, shape: [3, 1])
      .padded(0, choice.form.count - 1)
    let count = 4_000
    let all = try forms.expandingDimension(at: 0).expanded(to: [count, 3, choice.form.count])
      .reshaped([3 * count, choice.form.count])
    let chosen = try choice.chosen(by: choice.scores(of: all, labels: nil), SmallPoints.normal([count, 3]))
      .array(of: Int.self)
    for (candidate, share) in wanted.enumerated() {
      let found =
        Double(chosen.enumerated().count { $0.element - 3 * $0.offset == candidate }) / Double(count)
      #expect(abs(found - share) < 0.03)
    }
  }

  @Test("Each offer has an amount of its own within the spread, and none without")
  func spread() throws {
    var stream = RandomStream(seed: 1, name: "choice")
    func offers(_ spread: Double) throws -> (amounts: Tensor, sizes: Tensor?, chances: Tensor) {
      try ShapeChoice(
        candidates: 3, amounts: 2, spread: spread, form: OverallForm(codeNumbers: 8, labels: 0), exemplars: 9,
        labels: 0, latentDimension: 6, using: &stream
      ).offered(SmallPoints.normal([3_000, 6]))
    }
    #expect(try offers(0).sizes == nil)
    let offered = try offers(0.4)
    #expect(offered.amounts.shape == [3_000, 3, 2] && offered.chances.shape == [3_000, 3])
    let sizes = try #require(offered.sizes)
    #expect(sizes.shape == [3_000, 3, 1])
    // A uniform distribution between 0.6 and 1.4.
    let sorted = try sizes.array(of: Float.self).sorted()
    for (index, size) in sorted.enumerated() {
      let share = (Double(index) + 0.5) / Double(sorted.count)
      #expect(abs(Double(size) - (0.6 + 0.8 * share)) < 0.03)
    }
  }

  @Test("The generator's shapes are those whose forms were judged")
  func samplesAreShapes() throws {
    let (game, generator, choice) = try game()
    let latents = try SmallPoints.normal([7, 6])
    let labels = try Tensor([0, 1, 0, 1, 1, 0, 0])
    let samples = try generator.generate(latents: latents, labels: labels, context: SmallPoints.training)
    let shapes = try generator.shapes(latents: latents, labels: labels)
    let forms = try choice.form(choice.form.places(of: shapes), labels: labels, codec: generator.codec)
    #expect(try samples.narrowed(along: 1, start: 0, count: choice.form.count).distance(to: forms) < 1e-3)
    let folds = try samples.selected(choice.form.count, along: 1).array(of: Float.self)
    #expect(folds.allSatisfy { (0..<Float(FormCritic.folds)).contains($0) })
    #expect(
      try game.discriminator.discriminate(samples, labels: labels, context: SmallPoints.training).shape
        == [7, FormCritic.folds])
  }

  @Test("No network of the critic learns from its own fold")
  func crossFitting() throws {
    var stream = RandomStream(seed: 3, name: "critic")
    let critic = try FormCritic(form: 4, using: &stream)
    for fold in [2.0, FormCritic.noFold] {
      let samples = try Tensor.concatenated(
        [SmallPoints.normal([6, 4]), .full([6, 1], value: fold)], along: 1)
      try critic.discriminate(samples, labels: nil, context: SmallPoints.training).sum().backward()
      let bias = try #require(critic.namedParameters.first { $0.name == "scores.quadratic.bias" }).parameter
      let gradient = try #require(bias.grad).array(of: Float.self)
      #expect(gradient.enumerated().allSatisfy { ($0.element == 0) == (Double($0.offset) == fold) })
      for (_, parameter) in critic.namedParameters { try parameter.clearGrad() }
    }
  }

  @Test("A sample is judged by the network of its fold, and by all where it has none")
  func unseen() throws {
    var stream = RandomStream(seed: 3, name: "critic")
    let critic = try FormCritic(form: 2, using: &stream)
    try critic.load(
      Dictionary(
        uniqueKeysWithValues: critic.state.map { name, tensor in
          name == "scores.quadratic.bias" ? (name, try Tensor([1, 2, 3, 4, 10] as [Float])) : (name, tensor)
        }))
    let samples = try Tensor([0, 0, 3, 0, 0, 0, 0, 0, -1] as [Float], shape: [3, 3])
    #expect(try critic.unseen(samples, labels: nil).array(of: Float.self) == [4, 1, 4])
    #expect(throws: TorchError.self) { try critic.unseen(Tensor.zeros([3, 4]), labels: nil) }
  }

  @Test("Folds are dealt evenly within labels")
  func deal() throws {
    let labels = (0..<103).map { $0 < 60 ? 0 : 1 }
    let folds = try FormCritic.deal(103, labels: labels).array(of: Float.self)
    for label in 0..<2 {
      let counts = (0..<FormCritic.folds).map { fold in
        folds.indices.count { labels[$0] == label && folds[$0] == Float(fold) }
      }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }
    #expect(try FormCritic.deal(1, labels: nil).array(of: Float.self) == [0])
  }

  @Test("The objective raises the scores of what the critic takes for real")
  func learns() throws {
    let (game, generator, choice) = try game()
    let critic = try #require(game.discriminator as? FormCritic)
    // All networks of the critic like a large first number.
    try critic.load(
      Dictionary(
        uniqueKeysWithValues: critic.state.map { name, tensor in
          name == "scores.quadratic.weight"
            ? (name, try Tensor.ones([FormCritic.folds, 1]).padded(0, tensor.shape[1] - 1)) : (name, tensor)
        }))
    let real = try game.batch(at: [0, 3, 12, 15], context: SmallPoints.training)
    let update = GeneratorUpdate(
      real: real, latents: try SmallPoints.normal([4, 6]), discriminator: critic, loss: .nonSaturating,
      context: SmallPoints.training)
    let objective = try game.generatorObjective(update)
    #expect(objective.samples.shape == real.samples.shape)
    #expect(abs((objective.scalars.first?.value ?? 0) - 1) < 1e-6)
    try objective.objective.backward()
    let weight = try #require(
      generator.namedParameters.first { $0.name == "choice.taste.quadratic.weight" }
    ).parameter
    let gradient = try #require(weight.grad).array(of: Float.self)
    #expect(gradient[0] < 0, "a step against the gradient raises the score of a large first number")
    // Forms and what is offered are not trained.
    #expect(generator.namedParameters.allSatisfy { $0.name.hasPrefix("choice.taste.") })
    #expect(choice.candidates == 5)
  }

  @Test("Means over a batch cannot be compared where deformations are chosen")
  func relativisticAverage() throws {
    let recipe = try SmallPoints.recipe(.latent) { $0.training.loss = .relativisticAverage }
    #expect(LatentNetworks().faults(of: recipe).contains { $0.key == "training.loss" })
    let codes = try SmallPoints.recipe(.latent) {
      $0.training.loss = .relativisticAverage
      $0.latent.candidates = 1
    }
    #expect(LatentNetworks().faults(of: codes).isEmpty)
  }
}
