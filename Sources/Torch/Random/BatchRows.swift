/// Rows of a batch that a tensor holds: all of them, or those of a part that is computed by itself.
///
/// A `RandomStream` that knows its rows draws for the whole batch and keeps these, so that what it draws for a sample does
/// not depend on the part that the sample is in.
public struct BatchRows: Hashable, Sendable {
  /// Rows of the whole batch.
  public let total: Int
  /// The rows that are held, in the order in which they are held; none empty.
  public let ranges: [Range<Int>]

  /// Takes ranges of the rows of a batch.
  ///
  /// - Precondition: the ranges lie within `0..<total`.
  public init(_ ranges: [Range<Int>], of total: Int) {
    precondition(
      ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= total }, "rows beyond a batch of \(total)")
    self.total = total
    self.ranges = ranges.filter { !$0.isEmpty }
  }

  /// All rows of a batch.
  public init(all total: Int) {
    self.init([0..<total], of: total)
  }

  /// Number of rows held.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Whether every row is held, in order.
  public var isWhole: Bool { ranges == [0..<total] || total == 0 }

  /// The same rows of two batches of this size, one behind the other: of real samples and then of generated ones.
  public var doubled: BatchRows {
    BatchRows(ranges + ranges.map { $0.lowerBound + total..<$0.upperBound + total }, of: 2 * total)
  }

  /// The rows' indices in the whole batch.
  public var indices: [Int] { ranges.flatMap { Array($0) } }

  /// These rows of a tensor that holds the whole batch along a dimension; the tensor itself where they are all.
  ///
  /// - Throws: `TorchError` when the tensor has another extent there.
  public func cut(from whole: Tensor, along dimension: Int = 0) throws -> Tensor {
    guard whole.rank > dimension, whole.shape[dimension] == total else {
      throw TorchError(
        "rows of a batch of \(total): a tensor of shape \(whole.shape) holds no such batch along \(dimension)")
    }
    if isWhole { return whole }
    let parts = try ranges.map {
      try whole.narrowed(along: dimension, start: $0.lowerBound, count: $0.count)
    }
    return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, along: dimension)
  }
}
