import Adversarial
import Metrics
import ModalityKit
import Torch

/// Plain numbers of clouds that eyes go by: how evenly points are spaced, how large and how symmetric the shape is, how flat
/// its surface is. For two-sample tests: nearest neighbours of whole clouds are blind to them.
///
/// Per cloud: distances of points to the nearest and to the eighth neighbour (mean, deviation, three quantiles each); extents,
/// centre, deviations along the axes and principal deviations; mean and 95th percentile of the distances to the cloud's own
/// mirror images; shares of the eigenvalues of neighbourhoods of 12 points (mean and deviation each, three quantiles of the
/// least). Distances are in units of the cloud's.
public enum PlainCloudFeatures {
  /// Points of a cloud that are looked at, at most, evenly spread over its list.
  static let pointLimit = 512
  /// Points of a neighbourhood, the point itself among them.
  static let neighbourhood = 12
  /// Clouds that are worked on at a time: their squared distances stay in the cache, and in memory that is had already.
  private static let chunk = 2
  private static let quantiles = [0.1, 0.5, 0.9]
  /// The first features, which say what the overall form is: extents, centre, deviations.
  static let formCount = 12

  /// Features `[S, 37]` in double precision of finite clouds `[S, N, 3]`, N at least 2; of fewer points than a neighbourhood has,
  /// all.
  public static func features(of clouds: Tensor) throws -> Tensor {
    precondition(clouds.rank == 3 && clouds.shape[1] > 1, "neighbourhoods need points")
    return try withoutGradients {
      let thinned = try thinned(clouds)
      return try Tensor.concatenated(thinned.split(size: chunk).map { try features(ofFew: $0) })
    }
  }

  /// Of each cloud as many points as are looked at, at most.
  static func thinned(_ clouds: Tensor, to limit: Int = pointLimit) throws -> Tensor {
    let indices = EvenSpread.indices(limit, outOf: clouds.shape[1])
    guard indices.count < clouds.shape[1] else { return clouds }
    return try clouds.gathered(at: Tensor(indices).moved(to: clouds.device), along: 1)
  }

  private static func features(ofFew clouds: Tensor) throws -> Tensor {
    let clouds = try clouds.converted(to: .float64)
    let (samples, points) = (clouds.shape[0], clouds.shape[1])
    let centre = try clouds.mean(along: 1)
    let centred = try clouds - centre.expandingDimension(at: 1)
    let extents = try clouds.max(along: 1) - clouds.min(along: 1)
    let deviations = try clouds.variance(along: 1, correction: 0).squareRoot()
    let covariance = try centred.transposed().matmul(centred) / Double(points)
    let principal = try covariance.symmetricEigenvalues().clamped(from: 0).squareRoot()

    // The nearest is the point itself, at 0 up to rounding.
    let members = min(neighbourhood, points)
    let near = try squaredDistances(centred, centred).bottom(members)
    let distances = try near.values.clamped(from: 0).squareRoot()
    var parts = [extents, centre, deviations, principal]
    for rank in [1, 8] {
      parts += try statistics(distances.selected(min(rank, members - 1), along: 2))
    }

    for axis in 0..<3 {
      let signs = try Tensor((0..<3).map { $0 == axis ? -1.0 : 1 })
      let error = try squaredDistances(centred, centred * signs).min(along: 2).clamped(from: 0).squareRoot()
      parts.append(try error.mean(along: 1, keepingDimensions: true))
      parts.append(try quantile(0.95, of: error.sorted(along: 1).values))
    }

    let first = try Tensor.arange(0, Double(samples * points), step: Double(points)).converted(to: .int64)
    let rows = try (near.indices + first.reshaped([samples, 1, 1])).reshaped([-1])
    let local = try centred.reshaped([samples * points, 3]).gathered(at: rows)
      .reshaped([samples * points, members, 3])
    let spread = try local - local.mean(along: 1, keepingDimensions: true)
    let values = try spread.transposed().matmul(spread).symmetricEigenvalues().clamped(from: 0)
    let shares = try (values / values.sum(along: 1, keepingDimensions: true).clamped(from: 1e-30))
      .reshaped([samples, points, 3])
    for order in 0..<3 {
      let share = try shares.selected(order, along: 2)
      parts += try order == 0 ? statistics(share) : moments(share)
    }
    return try Tensor.concatenated(parts, along: 1)
  }

  /// Squared distances `[S, N, N]` of the points of clouds `[S, N, 3]` to those of others.
  static func squaredDistances(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    let products = try left.matmul(right.transposed())
    let own = try left.squared().sum(along: 2).expandingDimension(at: 2)
    let other = try right.squared().sum(along: 2).expandingDimension(at: 1)
    return try own + other - products * 2
  }

  private static func moments(_ values: Tensor) throws -> [Tensor] {
    [
      try values.mean(along: 1, keepingDimensions: true),
      try values.variance(along: 1, correction: 0, keepingDimensions: true).squareRoot(),
    ]
  }

  private static func statistics(_ values: Tensor) throws -> [Tensor] {
    let sorted = try values.sorted(along: 1).values
    return try moments(values) + quantiles.map { try quantile($0, of: sorted) }
  }

  private static func quantile(_ share: Double, of sorted: Tensor) throws -> Tensor {
    try sorted.narrowed(along: 1, start: Int(share * Double(sorted.shape[1] - 1)), count: 1)
  }
}

/// Two-sample tests of clouds: by plain features and their squares, and by a network over points.
struct CloudTwoSampleTest {
  /// Updates of a training, at most: about two seconds of one core.
  private static let steps = 100
  /// Points of a cloud that networks see, at most, evenly spread over its list. A quarter of those of plain features cost a
  /// quarter, and told worse clouds more often (docs/experiments/evaluation-speed.md).
  private static let networkPoints = 128

  private let tests: TwoSampleColumns
  private let features = TwoSampleTest(hasSquares: true)
  private let heldOut: Tensor

  /// Prepares to compare with held-out clouds.
  ///
  /// - Parameters:
  ///   - heldOut: finite clouds `[R, N, 3]`; of each row as many are tested.
  ///   - seed: of all draws.
  init(heldOut: Tensor, seed: UInt64) throws {
    var classifier = FreshClassifier(steps: Self.steps)
    classifier.batchSize = 16
    let samples = try Self.samples(heldOut)
    self.heldOut = samples.features
    tests = try TwoSampleColumns(
      heldOut: samples, count: heldOut.shape[0], features: features,
      networks: [
        TwoSampleColumns.Network(classifier: classifier) {
          try PointCritic(recipe: PointCriticRecipe(), using: &$0)
        }
      ], seed: seed, device: .cpu)
  }

  /// "toldByFeatures" and "toldByNetwork".
  var columns: [EvaluationTable.Column] { tests.columns }

  /// Tests finite clouds; returns their plain features, too.
  func measure(_ clouds: Tensor) throws -> (measurement: TwoSampleColumns.Measurement, features: Tensor) {
    let samples = try Self.samples(clouds)
    return (try tests.measure(samples), samples.features)
  }

  /// "toldByFeatures" of some clouds of a row beside as many held-out ones.
  ///
  /// - Parameters:
  ///   - features: of the row.
  ///   - indices: of the clouds.
  ///   - others: of the held-out clouds.
  ///   - seed: of the deals.
  func toldByFeatures(_ features: Tensor, at indices: [Int], heldOut others: [Int], seed: UInt64) throws
    -> EvaluationTable.Cell
  {
    guard indices.count >= TwoSampleAccuracy.minimumCount else {
      return .missing(reason: "needs \(TwoSampleAccuracy.minimumCount) samples, and as many held-out ones")
    }
    var stream = RandomStream(seed: seed, name: "two-sample features of a label")
    return .measured(
      try self.features(
        real: heldOut.gathered(at: Tensor(others)), generated: features.gathered(at: Tensor(indices)),
        using: &stream
      ).score)
  }

  /// A row that cannot be tested.
  func missing(_ reason: String) -> TwoSampleColumns.Measurement { tests.missing(reason) }

  /// How to read the columns.
  var notes: [String] {
    tests.notes(
      features:
        "spacing, extents, moments, errors against mirror images and flatness of neighbourhoods, and their squares"
    ) + [
      "Networks see \(Self.networkPoints) points of each cloud, features \(PlainCloudFeatures.pointLimit), at most."
    ]
  }

  private static func samples(_ clouds: Tensor) throws -> TwoSampleColumns.Samples {
    TwoSampleColumns.Samples(
      features: try PlainCloudFeatures.features(of: clouds),
      inputs: try PlainCloudFeatures.thinned(clouds, to: networkPoints))
  }
}
