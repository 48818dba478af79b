import Adversarial
import Metrics
import Torch

/// The classical model of shapes, without any network: a mixture of Gaussians over the principal components of clouds whose
/// points correspond.
///
/// Points are put into correspondence by way of a `MeanShape`; samples are positions of its points.
public struct MixtureOfShapes: Sendable {
  /// Principal components that describe a cloud, at most.
  public static let defaultNumbers = 48
  /// Clouds that the model is fitted to, at most; larger sets are thinned evenly.
  public static let limit = 2_000

  /// The mean shape `[N, 3]`, in double precision.
  public let mean: Tensor
  /// Principal components `[numbers, N 3]`, orthonormal, the strongest first.
  public let components: Tensor
  /// The density of a cloud's coordinates along the components.
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
    let (shape, matched) = try MeanShape.found(in: thinned, passes: passes, using: &generator)
    mean = shape.points
    let rows = try (matched - mean).reshaped([count, 3 * points])
    components = try PrincipalDirections.strongest(max(1, min(numbers, count - 1, 3 * points)), of: rows)
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
    return try clouds.gathered(at: Tensor(EvenSpread.indices(limit, outOf: total)))
  }
}
