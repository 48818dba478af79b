import Torch

/// A kernel that compares two samples of D features.
public enum DiscrepancyKernel: Hashable, Sendable {
  /// `(x · y / D + 1)³`: sees the first three moments. KID is its discrepancy on an Inception network's features (Binkowski
  /// et al., 2018).
  case cubic
  /// The mean over some bandwidths h of `exp(-‖x - y‖² / 2h²)`: sees all differences about as large as a bandwidth.
  case gaussian(bandwidths: [Double])
  /// `-‖x - y‖`, whose discrepancy is the energy distance `2 E‖X - Y‖ - E‖X - X'‖ - E‖Y - Y'‖` (Székely and Rizzo, 2013):
  /// sees all differences and has nothing to choose.
  case energy

  /// Kernels of all pairs of rows, block by block.
  ///
  /// - Parameters:
  ///   - left: `[N, D]`.
  ///   - right: `[M, D]`.
  ///   - body: receives rows of `left` and their kernels with all of `right`, `[rows, M]`, in double precision.
  func blocks(_ left: Tensor, _ right: Tensor, body: (Range<Int>, Tensor) throws -> Void) throws {
    switch self {
    case .cubic:
      try PairwiseBlocks.products(left, right) { rows, products in
        try body(rows, (products * (1 / Double(left.shape[1])) + 1).power(3))
      }
    case .gaussian(let bandwidths):
      precondition(!bandwidths.isEmpty && bandwidths.allSatisfy { $0 > 0 }, "a kernel needs a bandwidth")
      try PairwiseBlocks.squaredDistances(left, right) { rows, squares in
        let terms = try bandwidths.map { try (squares * (-0.5 / ($0 * $0))).exp() }
        try body(rows, terms.dropFirst().reduce(terms[0]) { try $0 + $1 } / Double(terms.count))
      }
    case .energy:
      try PairwiseBlocks.squaredDistances(left, right) { rows, squares in
        try body(rows, -squares.squareRoot())
      }
    }
  }
}

/// The squared maximum mean discrepancy of sets of features to a reference set, unbiased (Gretton et al., 2012), by the cubic
/// kernel unless another is given.
///
/// Its expectation does not depend on how many samples there are, so sets of different sizes may be compared, and it is
/// negative about half of the time where the distributions agree.
public struct KernelDistance: Sendable {
  private let reference: Tensor
  private let kernel: DiscrepancyKernel
  /// Mean of the kernel over pairs of different reference samples.
  private let within: Double

  /// Takes the reference set, `[M, D]` of at least two samples, and a kernel.
  public init(reference: Tensor, kernel: DiscrepancyKernel = .cubic) throws {
    precondition(reference.rank == 2 && reference.shape[0] > 1, "an unbiased estimate needs two samples")
    self.reference = try reference.converted(to: .float64)
    self.kernel = kernel
    let count = reference.shape[0]
    let sums = try KernelSums(self.reference, kernel: kernel, strata: Strata(count: count))
    within = sums.total / Double(count * (count - 1))
  }

  /// The squared discrepancy of features `[N, D]`, for the reference set as given.
  ///
  /// The variance is estimated without bias, pairs of samples being counted as often as they should: a jackknife counts them
  /// twice, and they are most of it where the distributions agree. A bootstrap would not do: pairs of a sample with its own
  /// copy would stand among the pairs of different samples.
  ///
  /// - Parameters:
  ///   - features: of at least two samples; without an error for fewer than four.
  ///   - strata: how they were drawn; all alike by default.
  public func measure(_ features: Tensor, strata: Strata? = nil) throws -> Score {
    precondition(features.rank == 2 && features.shape[0] > 1, "an unbiased estimate needs two samples")
    let features = try features.converted(to: .float64)
    let count = features.shape[0]
    let own = try KernelSums(features, kernel: kernel, strata: strata ?? Strata(count: count))
    let cross = try crossMeans(features)
    let mean = cross.reduce(0, +) / Double(count)
    return Score(
      own.total / Double(count * (count - 1)) + within - 2 * mean,
      standardError: count < Strata.minimum ? nil : own.variance(crossMeans: cross).squareRoot())
  }

  /// The kernel's mean between each sample and the reference set.
  private func crossMeans(_ features: Tensor) throws -> [Double] {
    var means: [Double] = []
    try kernel.blocks(features, reference) { _, values in
      means += try values.mean(along: 1).array(of: Double.self)
    }
    return means
  }
}

/// Sums of the kernel over pairs of different samples of a set, by the strata of both.
private struct KernelSums {
  private let strata: Strata
  /// For each sample, the sum over the others of each stratum; row-major.
  private let rows: [Double]
  /// Sums of squares by the strata of both samples; row-major.
  private let squares: [Double]

  init(_ features: Tensor, kernel: DiscrepancyKernel, strata: Strata) throws {
    self.strata = strata
    let (count, width) = (features.shape[0], strata.parts.count)
    var owners = [Int](repeating: 0, count: count)
    for (stratum, part) in strata.parts.enumerated() { for position in part { owners[position] = stratum } }
    let membership = try Tensor(owners).oneHot(count: width).converted(to: .float64)
    let columns = try Tensor.arange(0, Double(count))
    var rows: [Double] = []
    var squares = try Tensor.zeros([width, width], dtype: .float64)
    try kernel.blocks(features, features) { range, values in
      let own = try Tensor.arange(Double(range.lowerBound), Double(range.upperBound))
      let isSelf = try own.expandingDimension(at: 1).equals(columns)
      let values = try values.filled(where: isSelf, with: 0)
      rows += try values.matmul(membership).array(of: Double.self)
      let part = try membership.narrowed(along: 0, start: range.lowerBound, count: range.count)
      squares = try squares + part.transposed().matmul(values.squared().matmul(membership))
    }
    self.rows = rows
    self.squares = try squares.array()
  }

  /// Over all ordered pairs.
  var total: Double { rows.reduce(0, +) }

  /// The variance of the discrepancy: from how the samples differ one by one, less what that counts twice of how pairs of them
  /// differ from what both are by themselves.
  func variance(crossMeans: [Double]) -> Double {
    let (count, width) = (Double(strata.count), strata.parts.count)
    var (single, paired) = (0.0, 0.0)
    for (stratum, part) in strata.parts.enumerated() {
      let size = Double(part.count)
      // A stratum lacks the sample itself.
      let weight = (size - 1) / (size - 2)
      let effects = part.map { position in
        let sums = rows[(position * width)..<((position + 1) * width)]
        return sums.reduce(0, +) + (weight - 1) * sums[sums.startIndex + stratum]
          - (count - 1) * crossMeans[position]
      }
      let mean = effects.reduce(0, +) / size
      single += size / (size - 1) * effects.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      paired += ownPairs(stratum) * (size * (size - 1) * weight - size * (size - 1) / 2)
      for other in 0..<width where other != stratum {
        paired += pairs(stratum, other) * size * Double(strata.parts[other].count) / 2
      }
    }
    let scale = 4 / (count * count * (count - 1) * (count - 1))
    // Noise in both can take the difference below 0.
    return scale * max(single - paired, paired / 4)
  }

  private func sums(_ stratum: Int, over other: Int) -> (sum: Double, squares: Double) {
    let width = strata.parts.count
    return strata.parts[stratum].reduce((0, 0)) { sums, position in
      let value = rows[position * width + other]
      return (sums.0 + value, sums.1 + value * value)
    }
  }

  /// The variance between pairs of two strata beyond what either sample explains.
  private func pairs(_ stratum: Int, _ other: Int) -> Double {
    let (a, b) = (Double(strata.parts[stratum].count), Double(strata.parts[other].count))
    let (first, second) = (sums(stratum, over: other), sums(other, over: stratum))
    let rest =
      squares[stratum * strata.parts.count + other] - first.squares / b - second.squares / a
      + first.sum * first.sum / (a * b)
    return rest / ((a - 1) * (b - 1))
  }

  /// The same within a stratum.
  private func ownPairs(_ stratum: Int) -> Double {
    let size = Double(strata.parts[stratum].count)
    let own = sums(stratum, over: stratum)
    let rest =
      squares[stratum * strata.parts.count + stratum] - 2 * own.squares / (size - 2)
      + own.sum * own.sum / ((size - 1) * (size - 2))
    return rest / (size * (size - 3))
  }
}
