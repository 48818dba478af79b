import Torch

/// The squared maximum mean discrepancy of sets of features to a reference set, unbiased, with the polynomial kernel
/// `k(x, y) = (x · y / D + 1)³` (Gretton et al., 2012). KID is this on an Inception network's features (Binkowski et al.,
/// 2018).
///
/// Its expectation does not depend on how many samples there are, so sets of different sizes may be compared, and it is
/// negative about half of the time where the distributions agree.
public struct KernelDistance: Sendable {
  private let reference: Tensor
  /// Mean of the kernel over pairs of different reference samples.
  private let within: Double

  /// Takes the reference set, `[M, D]` of at least two samples.
  public init(reference: Tensor) throws {
    precondition(reference.rank == 2 && reference.shape[0] > 1, "an unbiased estimate needs two samples")
    self.reference = try reference.converted(to: .float64)
    let count = Double(reference.shape[0])
    let sums = try Self.groupSums(self.reference, groups: 1)
    within = sums[0] / (count * (count - 1))
  }

  /// The squared discrepancy of features `[N, D]`, the error by jackknife, for the reference set as given.
  ///
  /// A bootstrap would not do: pairs of a sample with its own copy would stand among the pairs of different samples.
  ///
  /// - Parameter features: of at least two samples.
  public func measure(_ features: Tensor) throws -> Score {
    precondition(features.rank == 2 && features.shape[0] > 1, "an unbiased estimate needs two samples")
    let features = try features.converted(to: .float64)
    let total = features.shape[0]
    let groups = min(20, total)
    let sizes = (0..<groups).map { (total - $0 + groups - 1) / groups }
    let own = try Self.groupSums(features, groups: groups)
    let cross = try crossSums(features, groups: groups)
    /// The estimate from sums over the samples that are kept.
    func estimate(count: Int, own: Double, cross: Double) -> Double {
      let n = Double(count)
      return own / (n * (n - 1)) + within - 2 * cross / (n * Double(reference.shape[0]))
    }
    let (ownTotal, crossTotal) = (own.reduce(0, +), cross.reduce(0, +))
    let value = estimate(count: total, own: ownTotal, cross: crossTotal)
    guard total > 3 else { return Score(value) }
    let others = (0..<groups).map { group in
      let row = own[(group * groups)..<((group + 1) * groups)].reduce(0, +)
      // The group's row and column of pairs go, and the block where they cross was taken twice.
      return estimate(
        count: total - sizes[group], own: ownTotal - 2 * row + own[group * groups + group],
        cross: crossTotal - cross[group])
    }
    return Score(value, standardError: Jackknife.standardError(leavingOut: others))
  }

  private static func kernel(_ products: Tensor, dimensions: Int) throws -> Tensor {
    try (products * (1 / Double(dimensions)) + 1).power(3)
  }

  /// Sums of the kernel over pairs of different samples by the groups of both, row-major.
  private static func groupSums(_ features: Tensor, groups: Int) throws -> [Double] {
    let membership = try membership(count: features.shape[0], groups: groups)
    var sums = try Tensor.zeros([groups, groups], dtype: .float64)
    try PairwiseBlocks.products(features, features) { rows, products in
      let part = try membership.narrowed(along: 0, start: rows.lowerBound, count: rows.count)
      let values = try kernel(products, dimensions: features.shape[1])
      sums = try sums + part.transposed().matmul(values.matmul(membership))
    }
    // A sample's pair with itself lies in the block of its group with itself.
    let selves = try kernel(features.squared().sum(along: 1), dimensions: features.shape[1])
    let inGroups = try membership.transposed().matmul(selves.expandingDimension(at: 1))
    return try (sums - Tensor.identity(groups, dtype: .float64) * inGroups).array()
  }

  /// Sums of the kernel between samples and the reference set by the samples' groups.
  private func crossSums(_ features: Tensor, groups: Int) throws -> [Double] {
    let membership = try Self.membership(count: features.shape[0], groups: groups)
    var sums = try Tensor.zeros([groups, 1], dtype: .float64)
    try PairwiseBlocks.products(features, reference) { rows, products in
      let part = try membership.narrowed(along: 0, start: rows.lowerBound, count: rows.count)
      let values = try Self.kernel(products, dimensions: features.shape[1])
      sums = try sums + part.transposed().matmul(values.sum(along: 1, keepingDimensions: true))
    }
    return try sums.array()
  }

  /// Ones where a sample is in a group, `[count, groups]`.
  private static func membership(count: Int, groups: Int) throws -> Tensor {
    try Tensor((0..<count).map { $0 % groups }).oneHot(count: groups).converted(to: .float64)
  }
}
