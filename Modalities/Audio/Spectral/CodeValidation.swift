import Adversarial
import AudioDatasets
import Corpora
import Metrics
import Torch

/// What chooses among spectral generators while training: a score that neither good looks nor copies can buy.
///
///     score = t + max(0, 1 - r) / 4
///
/// t is the share of samples, a half to 1, that logistic regression tells from validation clips by `CodeStatistics`; r is
/// the mean distance of samples to the nearest training clip over that of validation clips, which copies make small.
struct CodeValidation {
  /// Clips that samples are compared with, at most.
  private static let limit = 512
  /// Seed of the samples and of the test.
  private static let seed: UInt64 = 0x0076_616C_6964

  private let statistics: CodeStatistics
  private let real: Tensor
  private let labels: [Int]?
  /// The mean distance of validation clips to the nearest training clip.
  private let distance: Double

  /// Encodes clips that are not trained on; nil where there are too few for a test.
  init?(_ game: AudioGame, exemplars: CodedClips, labels: (Int) -> Int?) throws {
    let indices = EvenSpread.indices(Self.limit, outOf: game.heldOutCount)
    guard indices.count >= TwoSampleAccuracy.minimumCount else { return nil }
    let context = StepContext(seed: Self.seed, scope: "validation")
    let codes = try game.heldOutBatch(at: indices, context: context).samples.moved(to: .cpu)
    statistics = exemplars.statistics
    real = try statistics(codes)
    distance = try NearestNeighbours.distances(from: real, to: statistics.reference).mean().item()
    self.labels = exemplars.labels == nil ? nil : indices.map { labels($0) ?? 0 }
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
    let nearness =
      try NearestNeighbours.distances(from: samples, to: statistics.reference).mean().item() / distance
    return max(0.5, told.score.value / 100) + max(0, 1 - nearness) / 4
  }
}
