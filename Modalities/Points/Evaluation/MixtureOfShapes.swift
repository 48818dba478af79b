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
  /// Which of the clouds it was fitted to, and their coordinates along the components, `[fitted, numbers]`.
  let fitted: [Int], coordinates: Tensor
  /// Principal components `[numbers, N 3]`, orthonormal, the strongest first.
  public let components: Tensor
  /// The density of a cloud's coordinates along the components, label by label where the clouds have labels.
  public let mixtures: [Labelled]

  /// The density of the clouds of one label, or of all.
  public struct Labelled: Sendable {
    /// The label; nil for clouds without.
    public let label: Int?
    /// Their density.
    public let mixture: GaussianMixture
  }

  /// Clouds of a label for each Gaussian of its own, about: covariances of fewer would be mostly noise.
  private static let cloudsOfGaussian = 100

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - clouds: `[M, N, 3]` of finite coordinates, at least two clouds.
  ///   - labels: the label of each; nil for one density of all.
  ///   - numbers: principal components at most; fewer where the clouds vary along fewer.
  ///   - gaussians: of the mixture; at most a cloud each.
  ///   - passes: how often clouds are matched to the mean shape, the first time while it is being formed.
  ///   - generator: source of the order in which clouds form the mean shape, and of the mixture's first clusters.
  public init(
    _ clouds: Tensor, labels: [Int]? = nil, numbers: Int = defaultNumbers, gaussians: Int = 8,
    passes: Int = 3,
    using generator: inout some RandomNumberGenerator
  ) throws {
    precondition(clouds.rank == 3 && clouds.shape[0] > 1, "a mixture of shapes needs clouds [M, N, 3]")
    precondition(labels == nil || labels?.count == clouds.shape[0], "a label for each cloud")
    fitted = EvenSpread.indices(Self.limit, outOf: clouds.shape[0])
    let thinned = try clouds.converted(to: .float64).gathered(at: Tensor(fitted))
    let (count, points) = (thinned.shape[0], thinned.shape[1])
    let (shape, matched) = try MeanShape.found(in: thinned, passes: passes, using: &generator)
    mean = shape.points
    let rows = try (matched - mean).reshaped([count, 3 * points])
    components = try PrincipalDirections.strongest(max(1, min(numbers, count - 1, 3 * points)), of: rows)
    coordinates = try rows.matmul(components.transposed())
    mixtures = try Self.densities(
      of: coordinates, labels: labels.map { [fitted] labels in fitted.map { labels[$0] } },
      gaussians: gaussians,
      using: &generator)
  }

  /// How many Gaussians so many shapes determine, at most as many as are wanted.
  static func supported(_ gaussians: Int, by shapes: Int) -> Int {
    max(1, min(gaussians, shapes / cloudsOfGaussian))
  }

  /// The densities of shapes' numbers `[M, K]`, label by label where they have labels.
  ///
  /// - Parameters:
  ///   - gaussians: of a mixture, at most; of labels one for a hundred shapes.
  ///   - generator: source of the first clusters.
  static func densities(
    of coordinates: Tensor, labels own: [Int]?, gaussians: Int,
    using generator: inout some RandomNumberGenerator
  ) throws -> [Labelled] {
    guard let own else {
      return [
        Labelled(
          label: nil,
          mixture: try GaussianMixture(
            coordinates, components: min(gaussians, coordinates.shape[0]), using: &generator))
      ]
    }
    var mixtures: [Labelled] = []
    for label in Set(own).sorted() {
      let members = own.indices.filter { own[$0] == label }
      mixtures.append(
        Labelled(
          label: label,
          mixture: try GaussianMixture(
            coordinates.gathered(at: Tensor(members)),
            components: supported(gaussians, by: members.count), using: &generator)))
    }
    return mixtures
  }

  /// Coordinates of finite clouds `[S, N, 3]` along the components, in double precision, their points matched to the mean shape's.
  func coordinates(of clouds: Tensor) throws -> Tensor {
    let matched = try MeanShape(points: mean).matched(clouds.converted(to: .float64))
    return try (matched - mean).reshaped([clouds.shape[0], -1]).matmul(components.transposed())
  }

  /// Independent draws `[count, N, 3]` of a model without labels, in single precision.
  public func clouds(_ count: Int, using stream: inout RandomStream) throws -> Tensor {
    precondition(mixtures[0].label == nil, "a model with labels needs some")
    return try clouds(mixtures[0].mixture, count: count, using: &stream)
  }

  /// Independent draws of some labels, `[labels, N, 3]` in single precision; of a label without clouds, draws of the first.
  public func clouds(labels: [Int], using stream: inout RandomStream) throws -> Tensor {
    var parts: [Tensor] = []
    var order: [Int] = []
    let known = labels.map { label in mixtures.firstIndex { $0.label == label } ?? 0 }
    for (place, labelled) in mixtures.enumerated() {
      let members = known.indices.filter { known[$0] == place }
      guard !members.isEmpty else { continue }
      parts.append(try clouds(labelled.mixture, count: members.count, using: &stream))
      order += members
    }
    var inverse = [Int](repeating: 0, count: labels.count)
    for (position, index) in order.enumerated() { inverse[index] = position }
    return try Tensor.concatenated(parts).gathered(at: Tensor(inverse))
  }

  private func clouds(_ mixture: GaussianMixture, count: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    let offsets = try mixture.samples(count, using: &stream).matmul(components)
    return try (offsets.reshaped([count] + mean.shape) + mean).converted(to: .float32)
  }
}
