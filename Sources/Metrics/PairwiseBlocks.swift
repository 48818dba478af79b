import Torch

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
