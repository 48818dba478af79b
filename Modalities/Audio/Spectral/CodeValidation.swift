import Adversarial
import AudioDatasets
import Corpora
import Metrics
import Torch

/// What chooses among spectral generators while training: a score that neither good looks nor copies can buy.
///
///     score = t + max(0, 1 - r) / 4
///
/// t is the share of samples, a half to 1, that logistic regression tells from validation clips by `CodeStatistics`, from training
/// clips where these are few; r is the mean distance of samples to the nearest training clip over that of these clips, which
/// copies make small.
struct CodeValidation {
  /// Clips that samples are compared with, at most.
  private static let limit = 512
  /// Training clips without which there is no score.
  private static let fewest = 10
  /// Seed of the samples and of the test.
  private static let seed: UInt64 = 0x0076_616C_6964

  private let statistics: CodeStatistics
  private let real: Tensor
  private let labels: [Int]?
  /// The mean distance of these clips to the nearest training clip.
  private let distance: Double

  /// Encodes clips that are not trained on, or training clips where there are too few others; nil where there are too few of
  /// these too.
  init?(_ game: AudioGame, exemplars: CodedClips) throws {
    let areSeen = game.heldOutCount < TwoSampleAccuracy.minimumCount
    let indices = EvenSpread.indices(Self.limit, outOf: areSeen ? game.trainingCount : game.heldOutCount)
    guard indices.count >= Self.fewest else { return nil }
    let context = StepContext(seed: Self.seed, scope: "validation")
    let batch =
      try areSeen
      ? game.batch(at: indices, context: context) : game.heldOutBatch(at: indices, context: context)
    statistics = exemplars.statistics
    real = try statistics(batch.samples.moved(to: .cpu))
    let distances =
      try areSeen
      ? NearestNeighbours.distances(within: statistics.reference)
      : NearestNeighbours.distances(from: real, to: statistics.reference)
    distance = try distances.mean().item()
    labels = try batch.labels?.array(of: Int.self)
  }

  /// The score of a generator, the lower the better.
  func score(_ generator: SpectralGenerator, recipe: AudioRecipe, device: Device) throws -> Double {
    // The same latents and deals each time, so that scores differ by the generators alone.
    var stream = RandomStream(seed: Self.seed, name: "validation test")
    let count = real.shape[0]
    let latents = try recipe.training.prior.draw(
      count: count, dimension: recipe.training.latentDimension, using: &stream, device: device)
    let context = StepContext(seed: Self.seed, scope: "validation samples")
    let samples = try withoutGradients {
      try statistics(
        generator.generate(
          latents: latents, labels: labels.map { try Tensor($0).moved(to: device) }, context: context
        ).moved(to: .cpu))
    }
    let told = try TwoSampleTest()(real: real, generated: samples, using: &stream)
    // Sounds that are all alike have no distance to be compared with.
    let nearness =
      try distance == 0
      ? 1 : NearestNeighbours.distances(from: samples, to: statistics.reference).mean().item() / distance
    return max(0.5, told.score.value / 100) + max(0, 1 - nearness) / 4
  }
}
