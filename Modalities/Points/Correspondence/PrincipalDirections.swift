import Torch

/// The directions along which rows of numbers vary most.
enum PrincipalDirections {
  /// The strongest principal directions of centred rows `[M, D]`, orthonormal, `[count, D]`, the strongest first; fewer
  /// where the rows vary along fewer.
  static func strongest(_ count: Int, of rows: Tensor) throws -> Tensor {
    let isTall = rows.shape[1] <= rows.shape[0]
    // The products of the fewer of rows and columns tell the directions of both.
    let products = try isTall ? rows.transposed().matmul(rows) : rows.matmul(rows.transposed())
    let (values, vectors) = try products.symmetricEigen()
    let strengths = try values.array(of: Double.self)
    let least = 1e-10 * (strengths.last ?? 0)
    let kept = max(1, min(count, strengths.count { $0 > least }))
    let strongest = try vectors.narrowed(along: 1, start: strengths.count - kept, count: kept)
      .flipped(along: 1).transposed()
    if isTall { return strongest }
    // Only a direction of no strength at all, the first of rows that do not vary, meets the limit.
    let lengths = try values.narrowed(along: 0, start: strengths.count - kept, count: kept)
      .flipped(along: 0).clamped(from: Double.leastNormalMagnitude).squareRoot()
    return try strongest.matmul(rows) / lengths.expandingDimension(at: 1)
  }
}
