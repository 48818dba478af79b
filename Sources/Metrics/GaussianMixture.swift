import Foundation
import Torch

/// A mixture of Gaussians with full covariances, fitted by expectation maximisation (Dempster, Laird and Rubin, 1977): the
/// classical baseline for features.
public struct GaussianMixture: Sendable {
  /// The components' shares `[K]`, which sum to 1.
  public let weights: Tensor
  /// The components' means `[K, D]`.
  public let means: Tensor
  /// Lower triangular roots of the components' covariances `[K, D, D]`.
  public let roots: Tensor
  /// Mean log-likelihood of a training sample in nats, before each round.
  public let history: [Double]

  /// Fits a mixture, from the clusters of k-means.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - components: how many; at most N.
  ///   - iterations: rounds at most; fewer where the likelihood settles to 1e-6 nats a sample.
  ///   - ridge: added to the covariances' diagonals as a share of the mean variance of a feature, so that components of
  ///     few samples stay proper distributions.
  ///   - generator: source of the first clusters.
  public init(
    _ features: Tensor, components: Int = 8, iterations: Int = 100, ridge: Double = 1e-3,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let features = try features.converted(to: .float64)
    let clusters = try KMeans(features, count: components, iterations: 20, using: &generator)
    let spread = try features.shape[0] > 1 ? features.variance(along: 0).mean().item() : 0
    // In proportion, whatever features are measured in; those that do not vary at all have no measure.
    let floor = ridge * spread > 0 ? ridge * spread : 1e-12
    var shares = try Tensor(clusters.assignments(of: features)).oneHot(count: components)
      .converted(to: .float64)
    var fit = try Self.maximised(features, shares: shares, floor: floor)
    var history: [Double] = []
    for _ in 0..<iterations {
      let joint = try Self.logJoint(features, fit)
      let evidence = try joint.logSumExp(along: 1, keepingDimensions: true)
      history.append(try evidence.mean().item())
      shares = try (joint - evidence).exp()
      fit = try Self.maximised(features, shares: shares, floor: floor)
      if history.count > 1, abs(history[history.count - 1] - history[history.count - 2]) < 1e-6 { break }
    }
    (weights, means, roots) = fit
    self.history = history
  }

  /// Log-densities of samples `[N, D]` in nats, `[N]`.
  public func logDensities(of features: Tensor) throws -> Tensor {
    try Self.logJoint(features.converted(to: .float64), (weights, means, roots)).logSumExp(along: 1)
  }

  /// Independent draws `[count, D]` in double precision.
  public func samples(_ count: Int, using stream: inout RandomStream) throws -> Tensor {
    let shares = try weights.array(of: Double.self)
    let choices = (0..<count).map { _ in
      var rest = Double(stream.next() >> 11) * 0x1p-53
      return shares.firstIndex {
        rest -= $0
        return rest < 0
      } ?? shares.count - 1
    }
    let noise = try stream.normal([count, means.shape[1]]).converted(to: .float64)
    // One component after the other: a root for each sample would take N D² numbers.
    var parts: [Tensor] = []
    var order: [Int] = []
    for component in shares.indices {
      let indices = choices.indices.filter { choices[$0] == component }
      guard !indices.isEmpty else { continue }
      order += indices
      let root = try roots.selected(component)
      let moved = try noise.gathered(at: Tensor(indices)).matmul(root.transposed())
      parts.append(try moved + means.selected(component))
    }
    var inverse = [Int](repeating: 0, count: count)
    for (position, index) in order.enumerated() { inverse[index] = position }
    return try Tensor.concatenated(parts).gathered(at: Tensor(inverse))
  }

  private typealias Fit = (weights: Tensor, means: Tensor, roots: Tensor)

  /// The components that samples suggest which belong to them in shares `[N, K]`.
  private static func maximised(_ features: Tensor, shares: Tensor, floor: Double) throws -> Fit {
    let counts = try shares.sum(along: 0).clamped(from: 1e-9)
    let dimensions = features.shape[1]
    let means = try shares.transposed().matmul(features) / counts.expandingDimension(at: 1)
    let ridge = try Tensor.identity(dimensions, dtype: .float64) * floor
    let roots = try (0..<counts.count).map { component in
      let centred = try features - means.selected(component)
      let share = try shares.narrowed(along: 1, start: component, count: 1)
      let scatter = try (centred * share).transposed().matmul(centred)
      return try (scatter / counts.selected(component) + ridge).cholesky()
    }
    return (try counts / counts.sum(), means, try Tensor.stacked(roots))
  }

  /// Log of share times density, `[N, K]`.
  private static func logJoint(_ features: Tensor, _ fit: Fit) throws -> Tensor {
    let dimensions = Double(features.shape[1])
    let logWeights = try fit.weights.log().array(of: Double.self)
    let columns = try logWeights.enumerated().map { component, logWeight in
      let root = try fit.roots.selected(component)
      let centred = try (features - fit.means.selected(component)).transposed()
      let squares = try root.solvingLowerTriangular(centred).squared().sum(along: 0)
      let identity = try Tensor.identity(features.shape[1], dtype: .float64)
      let logDeterminant = try (root * identity).sum(along: 1).log().sum().item()
      return try squares * -0.5 + (logWeight - logDeterminant - dimensions / 2 * log(2 * Double.pi))
    }
    return try Tensor.stacked(columns, along: 1)
  }
}

/// Clusters of features about their means (Lloyd, 1982), started by k-means++ (Arthur and Vassilvitskii, 2007).
public struct KMeans: Sendable {
  /// The clusters' means, `[K, D]` in double precision.
  public let centres: Tensor

  /// Clusters features.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - count: how many clusters; at most N.
  ///   - iterations: rounds at most; fewer where the clusters settle.
  ///   - generator: source of the first centres.
  public init(
    _ features: Tensor, count: Int, iterations: Int = 100, using generator: inout some RandomNumberGenerator
  ) throws {
    let total = features.shape[0]
    precondition((1...total).contains(count), "\(count) clusters of \(total) samples")
    let features = try features.converted(to: .float64)
    var centres = try Self.seeds(features, count: count, using: &generator)
    var indices: [Int] = []
    for _ in 0..<iterations {
      let next = try NearestNeighbours.nearest(to: features, in: centres)
      if next == indices { break }
      indices = next
      centres = try Self.means(of: features, indices: indices, before: centres)
    }
    self.centres = centres
  }

  /// The cluster that each sample of `[N, D]` is nearest to.
  public func assignments(of features: Tensor) throws -> [Int] {
    try NearestNeighbours.nearest(to: features, in: centres)
  }

  /// Samples picked one after the other, each with a chance in proportion to its squared distance to those picked.
  private static func seeds(
    _ features: Tensor, count: Int, using generator: inout some RandomNumberGenerator
  ) throws -> Tensor {
    let total = features.shape[0]
    var picked = [generator.index(below: total)]
    var nearest = [Double](repeating: .infinity, count: total)
    while picked.count < count {
      let last = try features.narrowed(along: 0, start: picked[picked.count - 1], count: 1)
      let distances = try (features - last).squared().sum(along: 1).array(of: Double.self)
      for index in nearest.indices { nearest[index] = min(nearest[index], distances[index]) }
      let sum = nearest.reduce(0, +)
      // 53 random bits make a number in [0, 1).
      var rest = Double(generator.next() >> 11) * 0x1p-53 * sum
      let choice =
        nearest.firstIndex { distance in
          rest -= distance
          return rest < 0
        } ?? generator.index(below: total)
      picked.append(choice)
    }
    return try features.gathered(at: Tensor(picked))
  }

  /// The clusters' new means; a cluster that lost all its samples stays where it was.
  private static func means(of features: Tensor, indices: [Int], before: Tensor) throws -> Tensor {
    let membership = try Tensor(indices).oneHot(count: before.shape[0]).converted(to: .float64)
    let counts = try membership.sum(along: 0).expandingDimension(at: 1)
    let means = try membership.transposed().matmul(features) / counts.clamped(from: 1)
    return try counts.greater(than: 0).select(means, else: before)
  }
}
