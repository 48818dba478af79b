import Torch

/// Euclidean distances to the nearest samples of a set.
///
/// To the training set they tell memorisation: samples nearer to it than held-out samples are were copied from it. Within a
/// set they tell diversity. Both fall as the set that is searched grows: compare sets of one size only.
public enum NearestNeighbours {
  /// Distances from each sample to its nearest ones in a set.
  ///
  /// - Parameters:
  ///   - queries: `[N, D]`.
  ///   - references: `[M, D]` of at least `count` samples.
  ///   - count: how many neighbours.
  /// - Returns: `[N, count]` in double precision, nearest first.
  public static func distances(from queries: Tensor, to references: Tensor, count: Int = 1) throws -> Tensor {
    precondition((1...references.shape[0]).contains(count), "there are not \(count) neighbours")
    return try search(queries, references) { _, distances in try distances.bottom(count).values }
  }

  /// Distances from each sample to its nearest ones among the others of its set.
  ///
  /// - Parameters:
  ///   - samples: `[N, D]` of more than `count` samples.
  ///   - count: how many neighbours.
  /// - Returns: `[N, count]` in double precision, nearest first.
  public static func distances(within samples: Tensor, count: Int = 1) throws -> Tensor {
    let total = samples.shape[0]
    precondition((1..<max(total, 1)).contains(count), "there are not \(count) neighbours")
    let columns = try Tensor.arange(0, Double(total))
    return try search(samples, samples) { rows, distances in
      let own = try Tensor.arange(Double(rows.lowerBound), Double(rows.upperBound))
      let isSelf = try own.expandingDimension(at: 1).equals(columns)
      return try distances.filled(where: isSelf, with: .infinity).bottom(count).values
    }
  }

  /// The mean distance of samples to the nearest other one of their set, with its error by `HalfSplits`: distances depend on
  /// each other, so that of a mean would be too small.
  ///
  /// - Parameters:
  ///   - samples: `[N, D]` of at least two samples; without an error for fewer than four.
  ///   - strata: how they were drawn; all alike by default.
  ///   - generator: source of the halves.
  public static func meanDistance(
    within samples: Tensor, strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) throws -> Score {
    let count = samples.shape[0]
    precondition(count > 1, "there are no neighbours")
    let distances = try PairwiseBlocks.squaredDistances(within: samples).squareRoot()
    func mean(_ distances: Tensor) throws -> Double { try distances.min(along: 1).mean().item() }
    let whole = try mean(distances)
    // Halves lie farther apart; what carries over is by what share they differ.
    let error = try HalfSplits.relativeError(strata: strata ?? Strata(count: count), using: &generator) {
      let places = try Tensor($0)
      return try mean(distances.gathered(at: places).gathered(at: places, along: 1))
    }
    return Score(whole, standardError: error.map { $0 * whole })
  }

  /// Positions in a set of each sample's nearest one, `[N]` integers.
  public static func nearest(to queries: Tensor, in references: Tensor) throws -> [Int] {
    var places: [Int] = []
    try PairwiseBlocks.squaredDistances(queries, references) { _, distances in
      places += try distances.bottom(1).indices.squeezingDimension(at: 1).array(of: Int.self)
    }
    return places
  }

  private static func search(
    _ queries: Tensor, _ references: Tensor, body: (Range<Int>, Tensor) throws -> Tensor
  ) throws -> Tensor {
    var blocks: [Tensor] = []
    try PairwiseBlocks.squaredDistances(queries, references) { rows, distances in
      blocks.append(try body(rows, distances))
    }
    return try Tensor.concatenated(blocks).squareRoot()
  }
}
