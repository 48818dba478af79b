/// Whether samples lie nearer to the training set than held-out samples do: copying against novelty.
///
/// A ratio of mean distances hangs on the farthest samples and says nothing of chance. This is the Mann-Whitney test of
/// Meehan, Chaudhuri and Dasgupta, "A non-parametric test to detect data-copying in generative models" (2020): well below 0
/// the generator copies, well above 0 its samples lie farther away than new real ones would, within two of 0 nothing is told.
/// Poor samples look novel: read it beside scores of quality.
public struct NearnessTest: Sendable {
  /// Distances on each side that the normal approximation needs.
  public static let minimumCount = 10

  private let heldOut: [Double]

  /// Takes distances of held-out samples to their nearest training samples.
  public init(heldOut: [Double]) { self.heldOut = heldOut }

  /// How many standard deviations farther than held-out samples others lie, from half of the pairs being farther.
  ///
  /// Ties count half, and lower the deviation as they should. The error is that of a draw from the same distribution, 1 by
  /// construction.
  ///
  /// - Parameter distances: of the others to their nearest training samples; all finite.
  public func measure(_ distances: [Double]) -> Score { Self.compare(distances, with: heldOut) }

  /// The same for held-out samples themselves, whose first half is compared with the second.
  ///
  /// - Precondition: their order is random.
  public func measureHeldOut() -> Score {
    let half = heldOut.count / 2
    return Self.compare(Array(heldOut[..<half]), with: Array(heldOut[half...]))
  }

  /// A cell of the test: missing where there are too few distances.
  ///
  /// - Parameter distances: of others; of held-out samples where nil.
  public func cell(_ distances: [Double]?) -> EvaluationTable.Cell {
    let others = distances?.count ?? heldOut.count / 2
    let own = distances == nil ? heldOut.count - heldOut.count / 2 : heldOut.count
    guard min(others, own) >= Self.minimumCount else {
      return .missing(reason: "needs \(Self.minimumCount) distances of both kinds")
    }
    return .measured(distances.map { measure($0) } ?? measureHeldOut())
  }

  private static func compare(_ distances: [Double], with others: [Double]) -> Score {
    let (n, m) = (Double(distances.count), Double(others.count))
    let sorted = (distances.map { ($0, true) } + others.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var (rankSum, ties) = (0.0, 0.0)
    var start = 0
    while start < sorted.count {
      var end = start
      var own = 0
      while end < sorted.count, sorted[end].0 == sorted[start].0 {
        own += sorted[end].1 ? 1 : 0
        end += 1
      }
      // Equal values share the mean of their ranks.
      rankSum += Double(own) * Double(start + end + 1) / 2
      let size = Double(end - start)
      ties += size * (size * size - 1)
      start = end
    }
    let farther = rankSum - n * (n + 1) / 2
    let total = n + m
    let variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return Score(
      variance > 0 ? (farther - n * m / 2) / variance.squareRoot() : 0, standardError: 1)
  }
}

extension EvaluationTable.Column {
  /// The column of a `NearnessTest`.
  ///
  /// - Parameter count: samples of each row that it uses, where that is not all of them.
  public static func nearness(count: Int? = nil) -> Self {
    Self(
      key: "nearnessZ", name: "Z_U", direction: .neutral, digits: 1, sampleCount: count,
      errorNote: "Z_U is in standard deviations of its own: ± 1 by construction.")
  }
}
