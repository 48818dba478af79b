import Adversarial
import Corpora
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// What chooses among generators of codes while training: the share of their clouds, a half to 1, that logistic regression
/// tells from clouds of validation shapes by `PlainCloudFeatures`.
///
/// These are features that no discriminator of codes is given: spacing, extents, symmetry. A duel over codes can move what it
/// sees, and spoil these.
struct PointValidation {
  /// Clouds that are compared, at most.
  private static let limit = 256
  /// Training shapes without which there is no score.
  private static let fewest = 10
  /// Seed of the clouds and of the test.
  private static let seed: UInt64 = 0x0076_616C_6964

  private let real: Tensor
  private let labels: LabelChoice

  /// Draws clouds of shapes that are not trained on, or of training shapes where there are too few others; nil where there are too
  /// few of these too.
  init?(_ corpus: PointCorpus, spec: PointSpec) throws {
    let isLarge = corpus.untrained.count >= TwoSampleAccuracy.minimumCount
    let set = isLarge ? corpus.untrained : corpus.training
    let indices = set.spread(Self.limit)
    guard indices.count >= Self.fewest else { return nil }
    var coordinates: [Float] = []
    for index in indices {
      var stream = RandomStream(seed: Self.seed, step: index, name: "validation clouds")
      coordinates += try set.points(at: index, count: spec.points, draw: stream.next())
    }
    real = try PlainCloudFeatures.features(
      of: Tensor(coordinates, shape: [indices.count, spec.points, 3]))
    labels =
      spec.labels.isEmpty
      ? .any : .shares(of: indices.map { set.label(at: $0) }, classes: spec.labels.count)
  }

  /// The score of a generator, the lower the better.
  func score(_ generator: any PointGenerator, recipe: PointRecipe, device: Device) throws -> Double {
    // The same latents and deals each time, so that scores differ by the generators alone.
    let clouds = try Sampler<Points>(generator, recipe: recipe, device: device, options: PointSampling())
      .tensor(count: real.shape[0], seed: Self.seed, labels: labels).tensor
    var stream = RandomStream(seed: Self.seed, name: "validation test")
    let told = try TwoSampleTest(hasSquares: true)(
      real: real, generated: PlainCloudFeatures.features(of: clouds), using: &stream)
    return max(0.5, told.score.value / 100)
  }
}
