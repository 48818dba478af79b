import Adversarial
import Torch

/// A shape whose points stand for the same places of all clouds of a set: the mean of clouds whose points are matched to its
/// own.
///
/// Points are put into correspondence by matching each cloud to the mean shape at the least total distance, nearly the least
/// for clouds of many points; the mean is then taken of the clouds so ordered, and again.
struct MeanShape {
  /// The positions of its points `[N, 3]`, in double precision.
  let points: Tensor

  /// Takes a shape as it is.
  init(points: Tensor) { self.points = points }

  /// Finds the mean of clouds, and gives the clouds in the order of its points.
  ///
  /// - Parameters:
  ///   - clouds: `[M, N, 3]` of finite coordinates, in double precision.
  ///   - passes: how often clouds are matched to the mean, the first time while it is being formed; at least two.
  ///   - generator: source of the order in which they form it.
  static func found(
    in clouds: Tensor, passes: Int, using generator: inout some RandomNumberGenerator
  ) throws -> (mean: MeanShape, matched: Tensor) {
    let count = clouds.shape[0]
    var mean = MeanShape(points: try running(over: clouds, in: generator.indices(count, outOf: count)))
    var matched = clouds
    for _ in 1..<max(passes, 2) {
      matched = try mean.matched(clouds)
      mean = MeanShape(points: try matched.mean(along: 0))
    }
    return (mean, matched)
  }

  /// Clouds `[M, N, 3]` with their points in the order of the mean's.
  func matched(_ clouds: Tensor) throws -> Tensor {
    let means = try points.expanded(to: clouds.shape)
    let matches =
      try clouds.shape[1] > PairedDistances.exactPoints
      ? PairedDistances.approximatelyMatched(means, clouds).matches
      : PairedDistances.matched(means, clouds).matches
    return try clouds.gatheredElements(
      at: matches.expandingDimension(at: 2).expanded(to: clouds.shape), along: 1)
  }

  /// The mean of clouds each of which is matched to the mean of those before.
  private static func running(over clouds: Tensor, in order: [Int]) throws -> Tensor {
    var mean = try clouds.selected(order[0])
    for (number, place) in order.enumerated().dropFirst() {
      let cloud = try MeanShape(points: mean).matched(clouds.narrowed(along: 0, start: place, count: 1))
        .selected(0)
      mean = try mean + (cloud - mean) / Double(number + 1)
    }
    return mean
  }
}
