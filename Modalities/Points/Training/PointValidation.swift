import Adversarial
import Corpora
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// What chooses among generators of codes while training: the share of their clouds, a half to 1, that logistic regression
/// tells from real ones by `PlainCloudFeatures`; and where clouds lie nearer to training shapes than shapes do that are not trained on, half
/// of what is missing to as far: what is told alone would be the least for copies.
///
/// Real shapes are those that are not trained on, and training shapes where these are too few to tell by. Shapes that are smooth whichever are
/// chosen are told by that, always, so of these only the features of their overall form are looked at.
struct PointValidation {
  /// Clouds that are compared, at most.
  private static let limit = 512
  /// Points of these that are looked at: half of those of evaluations cost a third.
  private static let points = 256
  /// Training shapes without which there is no score.
  private static let fewest = 10
  /// Clouds that are compared with training shapes, and these, at most; and the points of both.
  private static let nearLimit = 64, trainingLimit = 1_000, nearPoints = 128
  /// What is missing of the distance to training shapes counts so much.
  private static let nearShare = 0.5
  /// Seed of the clouds and of the test.
  private static let seed: UInt64 = 0x0076_616C_6964

  private let real: Tensor
  private let hasFormsOnly: Bool
  private let labels: LabelChoice
  /// Training clouds, and how far others lie from them; nil where there are no others.
  private let nearness: (training: Tensor, others: Double)?

  /// Draws clouds; nil where there are too few shapes.
  ///
  /// - Parameter hasFormsOnly: whether features of the overall form are all that is compared.
  init?(_ corpus: PointCorpus, spec: PointSpec, hasFormsOnly: Bool) throws {
    self.hasFormsOnly = hasFormsOnly
    let others = corpus.untrained.spread(Self.limit).map { (set: corpus.untrained, index: $0) }
    let own = corpus.training.spread(Self.limit - others.count).map { (set: corpus.training, index: $0) }
    let shapes = others + own
    guard shapes.count >= Self.fewest else { return nil }
    let clouds = try Self.clouds(shapes, points: spec.points)
    real = try Self.features(of: clouds, hasFormsOnly: hasFormsOnly)
    labels =
      spec.labels.isEmpty
      ? .any
      : .shares(of: shapes.map { $0.set.label(at: $0.index) }, classes: spec.labels.count)
    guard others.count >= Self.fewest else {
      nearness = nil
      return
    }
    let training = try Self.clouds(
      corpus.training.spread(Self.trainingLimit).map { (corpus.training, $0) }, points: spec.points)
    let compared = try PlainCloudFeatures.thinned(training, to: Self.nearPoints)
    nearness = (
      compared,
      try Self.distance(of: clouds.narrowed(along: 0, start: 0, count: others.count), to: compared)
    )
  }

  private static func clouds(_ shapes: [(set: PointSet, index: Int)], points: Int) throws -> Tensor {
    var coordinates: [Float] = []
    for (set, index) in shapes {
      var stream = RandomStream(seed: seed, step: index, name: "validation clouds")
      coordinates += try set.points(at: index, count: points, draw: stream.next())
    }
    return try Tensor(coordinates, shape: [shapes.count, points, 3])
  }

  private static func features(of clouds: Tensor, hasFormsOnly: Bool) throws -> Tensor {
    let all = try PlainCloudFeatures.features(of: PlainCloudFeatures.thinned(clouds, to: points))
    return hasFormsOnly ? try all.narrowed(along: 1, start: 0, count: PlainCloudFeatures.formCount) : all
  }

  /// The mean distance of some of clouds `[S, N, 3]` to the nearest training cloud: the root of the Chamfer distance.
  private static func distance(of clouds: Tensor, to training: Tensor) throws -> Double {
    let some = try PlainCloudFeatures.thinned(
      clouds.gathered(at: Tensor(EvenSpread.indices(nearLimit, outOf: clouds.shape[0]))), to: nearPoints)
    let distances = try PairedDistances.nearestByChamfer(some, among: training).neighbours.map {
      $0.distance.squareRoot()
    }
    return distances.reduce(0, +) / Double(distances.count)
  }

  /// The score of a generator, the lower the better.
  func score(_ generator: any PointGenerator, recipe: PointRecipe, device: Device) throws -> Double {
    // The same latents and deals each time, so that scores differ by the generators alone.
    let clouds = try Sampler<Points>(generator, recipe: recipe, device: device, options: PointSampling())
      .tensor(count: real.shape[0], seed: Self.seed, labels: labels).tensor
    var stream = RandomStream(seed: Self.seed, name: "validation test")
    let told = try TwoSampleTest(hasSquares: true)(
      real: real, generated: Self.features(of: clouds, hasFormsOnly: hasFormsOnly), using: &stream)
    let missing =
      try nearness.map { try max(0, 1 - Self.distance(of: clouds, to: $0.training) / max($0.others, 1e-12)) }
      ?? 0
    return max(0.5, told.score.value / 100) + Self.nearShare * missing
  }
}
