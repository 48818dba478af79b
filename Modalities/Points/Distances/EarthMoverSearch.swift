import Metrics
import Torch

private let nearestOperator = kernel("nearest_assignment")
private let pairwiseOperator = Operator("aten::_cdist_forward")

/// Finds the nearest clouds under the Earth Mover's distance, exact or approximate, without solving every pair.
///
/// Lower bounds come first: the distance between the sorted coordinates along each axis, put together over the axes, which
/// is never less than that of the centroids; and the mean distance to the nearest points, either way. Candidates are visited
/// in the order of their bounds until a bound passes the best distance found, and solving a candidate stops once the sum of
/// its duals does. What is found is what solving all pairs would find, exactly or by auction alike. Among 99 chairs and 99
/// others of 512 points one pair in a hundred is solved to the end.
public struct EarthMoverSearch {
  private let first: Tensor
  private let second: Tensor
  private let isWithin: Bool
  private let isApproximate: Bool
  /// Lower bounds of the distances, `[S, R]`.
  private let bounds: Tensor
  /// Lower bounds, and distances where `solved`, `[S, R]`.
  private var lower: Tensor
  private var solved: Tensor
  /// By what share distances that were solved for may exceed the exact ones, at most; 0 in an exact search.
  public private(set) var largestGap = 0.0

  /// Prepares a search between two sets.
  ///
  /// - Parameters:
  ///   - first: `[S, N, 3]`, of finite coordinates.
  ///   - second: `[R, N, 3]`.
  ///   - oneSided: their one-sided distances `[S, R]`, where known.
  ///   - isApproximate: whether distances are those of `PairedDistances.approximatelyMatched`, instead of exact.
  public init(_ first: Tensor, _ second: Tensor, oneSided: Tensor? = nil, isApproximate: Bool = false) throws
  {
    try self.init(first, second, oneSided: oneSided, isWithin: false, isApproximate: isApproximate)
  }

  /// Prepares a search among the clouds of one set, none of which is its own neighbour.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]`, of finite coordinates.
  ///   - oneSided: their one-sided distances `[S, S]`, where known.
  ///   - isApproximate: whether distances are those of `PairedDistances.approximatelyMatched`, instead of exact.
  public init(within clouds: Tensor, oneSided: Tensor? = nil, isApproximate: Bool = false) throws {
    try self.init(clouds, clouds, oneSided: oneSided, isWithin: true, isApproximate: isApproximate)
  }

  private init(
    _ first: Tensor, _ second: Tensor, oneSided: Tensor?, isWithin: Bool, isApproximate: Bool
  ) throws {
    (self.first, self.second) = (first, second)
    (self.isWithin, self.isApproximate) = (isWithin, isApproximate)
    bounds = try Self.lowerBounds(first, second, oneSided: oneSided)
    let isSelf = try Tensor.identity(first.shape[0], dtype: .bool)
    lower = isWithin ? try bounds.filled(where: isSelf, with: .infinity) : bounds
    solved = isWithin ? isSelf : try Tensor.zeros(lower.shape, dtype: .bool)
  }

  /// Lower bounds of the distances, `[S, R]`.
  public static func lowerBounds(_ first: Tensor, _ second: Tensor, oneSided: Tensor? = nil) throws -> Tensor
  {
    let points = Double(first.shape[1])
    // In single precision a sum over the points of large clouds is infinite, and would rule out a pair.
    let (first, second) = (try first.converted(to: .float64), try second.converted(to: .float64))
    var squares = try Tensor.zeros([first.shape[0], second.shape[0]], dtype: .float64)
    for axis in 0..<3 {
      // On a line the cheapest matching keeps the order. A matching's mean distance is at least the length of the vector of
      // its mean distances along the axes.
      let rows = try first.selected(axis, along: 2).sorted(along: 1).values
      let columns = try second.selected(axis, along: 2).sorted(along: 1).values
      let sums = try pairwiseOperator(.tensor(rows), .tensor(columns), .double(1), .none)
      squares = try squares + (sums / points).squared()
    }
    let bounds = try squares.squareRoot()
    // What rounding could add, to one-sided distances in single precision.
    return try (oneSided.map { try bounds.maximum($0) } ?? bounds) * (1 - 1e-5)
  }

  /// For each cloud of the first set the nearest of the second.
  ///
  /// - Parameter pairs: `[S, R]`, true for the pairs that count; all by default. What earlier searches found is used again.
  public mutating func nearestInRows(among pairs: Tensor? = nil) throws -> [Neighbour] {
    var (lower, solved) = (lower, solved)
    let found = try search(first, second, among: pairs, &lower, &solved)
    (self.lower, self.solved) = (lower, solved)
    return found
  }

  /// For each cloud of the second set the nearest of the first.
  ///
  /// - Parameter pairs: `[S, R]`, true for the pairs that count; all by default.
  public mutating func nearestInColumns(among pairs: Tensor? = nil) throws -> [Neighbour] {
    var (lower, solved) = (try lower.transposed(), try solved.transposed())
    let found = try search(second, first, among: pairs?.transposed(), &lower, &solved)
    (self.lower, self.solved) = (try lower.transposed(), try solved.transposed())
    return found
  }

  /// Estimates of the distances `[S, R]`: those solved for, and for other pairs their lower bounds, scaled by the mean ratio of
  /// solved distances to their bounds. Nearest neighbours by estimates are unreliable, but there are as many of them.
  func estimates() throws -> Tensor {
    let isSelf = try Tensor.identity(first.shape[0], dtype: .bool)
    let found = try isWithin ? solved.and(isSelf.negated()) : solved
    let chosen = try found.converted(to: .float64)
    // Neither a product with infinity nor a quotient of zeros.
    let distances = try lower.filled(where: found.negated(), with: 0).sum().item()
    let undercut = try (bounds * chosen).sum().item()
    return try solved.select(lower, else: bounds * (undercut > 0 ? distances / undercut : 1))
  }

  /// How many pairs of different clouds there are, and how many of them were solved to the end.
  public func pairs() throws -> (count: Int, solved: Int) {
    let (rows, columns) = (first.shape[0], second.shape[0])
    guard isWithin else { return (rows * columns, Int(try solved.converted(to: .int64).sum().item())) }
    // Both orders of a pair count as one.
    let either = try solved.converted(to: .int64).maximum(solved.transposed().converted(to: .int64))
    return (rows * (rows - 1) / 2, (Int(try either.sum().item()) - rows) / 2)
  }

  private mutating func search(
    _ first: Tensor, _ second: Tensor, among pairs: Tensor?, _ lower: inout Tensor, _ solved: inout Tensor
  ) throws -> [Neighbour] {
    // What is infinitely far is never looked at.
    let open = try pairs.map { try lower.filled(where: $0.negated(), with: .infinity) } ?? lower
    let results = try nearestOperator.call(
      [.tensor(first), .tensor(second), .tensor(open), .tensor(solved), .bool(isApproximate)], capacity: 4)
    lower = try pairs.map { try $0.select(results[1], else: lower) } ?? results[1]
    solved = results[2]
    largestGap = max(largestGap, try results[3].item())
    return try Self.neighbours(results[0], in: results[1])
  }

  private static func neighbours(_ indices: Tensor, in distances: Tensor) throws -> [Neighbour] {
    let columns = distances.shape[1]
    let values = try distances.array(of: Double.self)
    return try indices.array(of: Int.self).enumerated().map { row, index in
      index < 0
        ? Neighbour(index: nil, distance: .infinity)
        : Neighbour(index: index, distance: values[row * columns + index])
    }
  }
}
