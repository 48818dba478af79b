import Torch

/// The nearest one to a sample, among the samples of some set.
public struct Neighbour: Hashable, Sendable {
  /// Its position in the set; nil where there is none.
  public var index: Int?
  /// How far away it is; infinite where there is none.
  public var distance: Double

  /// Describes a neighbour.
  public init(index: Int?, distance: Double) {
    self.index = index
    self.distance = distance
  }

  /// The nearest ones by a matrix of distances, for each of its rows, the first of equals.
  ///
  /// - Parameters:
  ///   - distances: `[N, M]`.
  ///   - isWithin: whether the columns are the same samples as the rows, none of which is its own neighbour.
  public static func nearest(inRowsOf distances: Tensor, within isWithin: Bool = false) throws -> [Neighbour]
  {
    let (rows, columns) = (distances.shape[0], distances.shape[1])
    let values = try distances.converted(to: .float64).array(of: Double.self)
    return (0..<rows).map { row in
      var nearest = Neighbour(index: nil, distance: .infinity)
      for column in 0..<columns where !(isWithin && column == row) {
        let distance = values[row * columns + column]
        if distance < nearest.distance { nearest = Neighbour(index: column, distance: distance) }
      }
      return nearest
    }
  }
}

/// Euclidean distances to the nearest samples of a set.
///
/// Distances to the training set measure memorisation: samples nearer to it than held-out samples are were copied from it.
/// Distances within a set measure diversity. Both fall as the set that is searched grows: compare sets of one size only.
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
      let indices = try Tensor($0)
      return try mean(distances.gathered(at: indices).gathered(at: indices, along: 1))
    }
    return Score(whole, standardError: error.map { $0 * whole })
  }

  /// Positions in a set of each sample's nearest one, `[N]` integers.
  public static func nearest(to queries: Tensor, in references: Tensor) throws -> [Int] {
    var indices: [Int] = []
    try PairwiseBlocks.squaredDistances(queries, references) { _, distances in
      indices += try distances.bottom(1).indices.squeezingDimension(at: 1).array(of: Int.self)
    }
    return indices
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

/// Products and distances between all pairs of two sets, a block of rows at a time, so that memory stays bounded.
public enum PairwiseBlocks {
  /// Elements of a block, at most, unless one row has more: 32 MiB in double precision.
  public static let elements = 1 << 22

  /// Ranges of rows such that a block of `columns` columns stays within `elements`.
  public static func ranges(rows: Int, columns: Int) -> [Range<Int>] {
    let height = max(1, elements / max(1, columns))
    return stride(from: 0, to: rows, by: height).map { $0..<min(rows, $0 + height) }
  }

  /// Inner products of rows, block by block.
  ///
  /// - Parameters:
  ///   - left: `[N, D]`.
  ///   - right: `[M, D]`.
  ///   - body: receives rows of `left` and their products with all of `right`, `[rows, M]`, in double precision.
  public static func products(
    _ left: Tensor, _ right: Tensor, body: (Range<Int>, Tensor) throws -> Void
  ) throws {
    let left = try left.converted(to: .float64)
    let right = try right.converted(to: .float64).transposed()
    for rows in ranges(rows: left.shape[0], columns: right.shape[1]) {
      try body(rows, left.narrowed(along: 0, start: rows.lowerBound, count: rows.count).matmul(right))
    }
  }

  /// Squared Euclidean distances of rows, block by block.
  ///
  /// Computed from inner products about the mean of `right`; equal rows come out within rounding of 0, about 1e-15 of
  /// their squared length about that mean.
  ///
  /// - Parameters:
  ///   - left: `[N, D]`.
  ///   - right: `[M, D]`.
  ///   - body: receives rows of `left` and their distances to all of `right`, `[rows, M]`, in double precision.
  public static func squaredDistances(
    _ left: Tensor, _ right: Tensor, body: (Range<Int>, Tensor) throws -> Void
  ) throws {
    let centre = try right.converted(to: .float64).mean(along: 0)
    let left = try left.converted(to: .float64) - centre
    let right = try right.converted(to: .float64) - centre
    let leftSquares = try left.squared().sum(along: 1, keepingDimensions: true)
    let rightSquares = try right.squared().sum(along: 1)
    try products(left, right) { rows, products in
      let squares = try leftSquares.narrowed(along: 0, start: rows.lowerBound, count: rows.count)
      try body(rows, ((products * -2) + squares + rightSquares).clamped(from: 0))
    }
  }

  /// All squared distances of two sets' rows, `[N, M]`, in double precision.
  public static func squaredDistances(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    var blocks: [Tensor] = []
    try squaredDistances(left, right) { _, distances in blocks.append(distances) }
    return try Tensor.concatenated(blocks)
  }

  /// All squared distances among rows `[N, D]`, `[N, N]`, in double precision; each is infinitely far from itself.
  public static func squaredDistances(within rows: Tensor) throws -> Tensor {
    let isSelf = try Tensor.identity(rows.shape[0], dtype: .bool)
    return try squaredDistances(rows, rows).filled(where: isSelf, with: .infinity)
  }
}
