import Torch

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
    var places: [Int] = []
    for _ in 0..<iterations {
      let next = try NearestNeighbours.nearest(to: features, in: centres)
      if next == places { break }
      places = next
      centres = try Self.means(of: features, places: places, before: centres)
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
      for place in nearest.indices { nearest[place] = min(nearest[place], distances[place]) }
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
  private static func means(of features: Tensor, places: [Int], before: Tensor) throws -> Tensor {
    let membership = try Tensor(places).oneHot(count: before.shape[0]).converted(to: .float64)
    let counts = try membership.sum(along: 0).expandingDimension(at: 1)
    let means = try membership.transposed().matmul(features) / counts.clamped(from: 1)
    return try counts.greater(than: 0).select(means, else: before)
  }
}
