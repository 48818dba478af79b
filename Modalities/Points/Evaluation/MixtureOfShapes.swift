import Adversarial
import Torch

/// The classical model of shapes, without any network: a mixture of Gaussians over the principal components of clouds whose
/// points correspond.
///
/// Points are put into correspondence by matching each cloud to the mean shape at the least total distance, nearly the least
/// for clouds of many points; the mean is then taken of the clouds so ordered, and again. What is drawn are positions of the mean shape's points.
public struct MixtureOfShapes: Sendable {
  /// Numbers that a cloud is described by.
  public static let defaultNumbers = 48
  /// Clouds that are looked at, at most; larger sets are thinned evenly.
  public static let limit = 2_000

  /// The mean shape `[N, 3]`, in double precision.
  public let mean: Tensor
  /// Principal components `[numbers, N 3]`, orthonormal, the strongest first.
  public let components: Tensor
  /// What is drawn from: a cloud's coordinates along the components.
  public let mixture: GaussianMixture

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - clouds: `[M, N, 3]` of finite coordinates, at least two clouds.
  ///   - numbers: principal components at most; fewer where the clouds vary along fewer.
  ///   - gaussians: of the mixture; at most a cloud each.
  ///   - passes: how often clouds are matched to the mean shape, the first time while it is being formed.
  ///   - generator: source of the order in which clouds form the mean shape, and of the mixture's first clusters.
  public init(
    _ clouds: Tensor, numbers: Int = defaultNumbers, gaussians: Int = 8, passes: Int = 3,
    using generator: inout some RandomNumberGenerator
  ) throws {
    precondition(clouds.rank == 3 && clouds.shape[0] > 1, "a mixture of shapes needs clouds [M, N, 3]")
    let thinned = try Self.thinned(clouds.converted(to: .float64))
    let (count, points) = (thinned.shape[0], thinned.shape[1])
    let order = generator.indices(count, outOf: count)
    var mean = try Self.runningMean(of: thinned, in: order)
    var corresponding = thinned
    for _ in 1..<max(passes, 2) {
      corresponding = try Self.matched(thinned, to: mean)
      mean = try corresponding.mean(along: 0)
    }
    let rows = try (corresponding - mean).reshaped([count, 3 * points])
    let kept = max(1, min(numbers, count - 1, 3 * points))
    components = try Self.principalComponents(of: rows, count: kept)
    self.mean = mean
    mixture = try GaussianMixture(
      rows.matmul(components.transposed()), components: min(gaussians, count), using: &generator)
  }

  /// Independent draws `[count, N, 3]`, in single precision.
  public func clouds(_ count: Int, using stream: inout RandomStream) throws -> Tensor {
    let offsets = try mixture.samples(count, using: &stream).matmul(components)
    return try (offsets.reshaped([count] + mean.shape) + mean).converted(to: .float32)
  }

  private static func thinned(_ clouds: Tensor) throws -> Tensor {
    let total = clouds.shape[0]
    guard total > limit else { return clouds }
    return try clouds.gathered(at: Tensor((0..<limit).map { $0 * total / limit }))
  }

  /// The mean of clouds each of which is matched to the mean of those before.
  private static func runningMean(of clouds: Tensor, in order: [Int]) throws -> Tensor {
    var mean = try clouds.selected(order[0])
    for (number, place) in order.enumerated().dropFirst() {
      let cloud = try matched(clouds.narrowed(along: 0, start: place, count: 1), to: mean).selected(0)
      mean = try mean + (cloud - mean) / Double(number + 1)
    }
    return mean
  }

  /// Clouds `[M, N, 3]` with their points in the order of the points of `[N, 3]` that they are matched to.
  private static func matched(_ clouds: Tensor, to mean: Tensor) throws -> Tensor {
    let means = try mean.expanded(to: clouds.shape)
    let matches =
      try clouds.shape[1] > PairedDistances.exactPoints
      ? PairedDistances.approximatelyMatched(means, clouds).matches
      : PairedDistances.matched(means, clouds).matches
    return try clouds.gatheredElements(
      at: matches.expandingDimension(at: 2).expanded(to: clouds.shape), along: 1)
  }

  /// The strongest principal directions of centred rows `[M, D]`, `[count, D]`; fewer where the rows vary along fewer.
  private static func principalComponents(of rows: Tensor, count: Int) throws -> Tensor {
    let isTall = rows.shape[1] <= rows.shape[0]
    // The products of the fewer of rows and columns tell the directions of both.
    let products = try isTall ? rows.transposed().matmul(rows) : rows.matmul(rows.transposed())
    let (values, vectors) = try products.symmetricEigen()
    let strengths = try values.array(of: Double.self)
    let least = 1e-10 * (strengths.last ?? 0)
    let kept = max(1, min(count, strengths.count { $0 > least }))
    let strongest = try vectors.narrowed(along: 1, start: strengths.count - kept, count: kept)
      .flipped(along: 1).transposed()
    if isTall { return strongest }
    let lengths = try values.narrowed(along: 0, start: strengths.count - kept, count: kept)
      .flipped(along: 0).clamped(from: 1e-30).squareRoot()
    return try strongest.matmul(rows) / lengths.expandingDimension(at: 1)
  }
}
