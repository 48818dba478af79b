import Adversarial
import ModalityKit
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Generators that draw codes from a mixture of Gaussians")
struct MixtureGeneratorTests {
  /// A game over shapes of two labels, and its generator.
  private func game(latentDimension: Int = 6) throws -> (game: PointGame, generator: MixtureGenerator) {
    var recipe = try SmallPoints.recipe(.mixture) {
      $0.data.labels = "folder"
      $0.training.latentDimension = latentDimension
    }
    let dataset = try SmallPoints.dataset(of: SmallPoints.folder(), &recipe)
    let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
    return (game, try #require(game.generator as? MixtureGenerator))
  }

  @Test("Before the game codes have the mean and the deviation of their label's density")
  func density() throws {
    // Numbers of one latent depend on each other where there are more of them than the latent has.
    let (_, generator) = try game(latentDimension: 128)
    let state = Dictionary(uniqueKeysWithValues: try generator.state.map { ($0.name, $0.tensor) })
    let (shares, means, roots) = (
      try #require(state["shares"]), try #require(state["means"]), try #require(state["roots"])
    )
    // Labels of ten shapes have one Gaussian.
    #expect(try shares.distance(to: Tensor.ones([2, 3])) < 1e-5)
    let count = 4_000
    for label in 0..<2 {
      let codes = try generator.codes(
        latents: SmallPoints.normal([count, 128], seed: 9),
        labels: Tensor(Array(repeating: label, count: count)))
      #expect(codes.shape == [count, means.shape[2]])
      let root = try roots.selected(label).selected(0)
      let wanted = try root.squared().sum(along: 1).squareRoot()
      let found = try codes.variance(along: 0).squareRoot()
      #expect(try (found / wanted - 1).absolute().max().item() < 0.15)
      let shift = try (codes.mean(along: 0) - means.selected(label).selected(0)) / wanted
      #expect(try shift.absolute().max().item() < 0.15)
    }
  }

  @Test("What it keeps does not grow with the training shapes, and labels differ")
  func size() throws {
    func count(_ shapes: Int) throws -> Int {
      var recipe = try SmallPoints.recipe(.mixture)
      let dataset = try SmallPoints.dataset(of: SmallPoints.folder(count: shapes), &recipe)
      let game = try PointGame(recipe: recipe, dataset: dataset, seed: 1, device: .cpu)
      return try game.generator.state.reduce(0) { $0 + $1.tensor.count }
    }
    #expect(try count(12) == count(20))
    let (_, generator) = try game()
    let latents = try SmallPoints.normal([40, 6])
    // Shapes of the first label are three times as wide along the second axis.
    let widths = try [0, 1].map { label in
      let shapes = try generator.shapes(latents: latents, labels: Tensor(Array(repeating: label, count: 40)))
      let deviations = try shapes.variance(along: 1, correction: 0).squareRoot().mean(along: 0)
        .array(of: Float.self)
      return deviations[1] / deviations[0]
    }
    #expect(widths[0] > 1.5 * widths[1])
    #expect(throws: TorchError.self) { try generator.shapes(latents: latents, labels: nil) }
  }

  @Test("Draws are in no fold, and the game moves what is chosen by")
  func choice() throws {
    let (game, generator) = try game()
    let choice = try #require(generator.choice)
    let labels = try Tensor([0, 1, 0])
    let samples = try generator.generate(
      latents: SmallPoints.normal([3, 6]), labels: labels, context: SmallPoints.training)
    #expect(samples.shape == [3, choice.form.count + 1])
    #expect(
      try samples.selected(choice.form.count, along: 1).array(of: Float.self) == [-1, -1, -1])
    #expect(
      try game.discriminator.discriminate(samples, labels: labels, context: SmallPoints.training).shape
        == [3, FormCritic.folds])
    #expect(generator.namedParameters.allSatisfy { $0.name.hasPrefix("choice.taste.") })
    #expect(try game.validationScore() != nil)
  }
}
