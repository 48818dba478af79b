import Torch

/// The Jensen-Shannon divergence of what two sets of samples count together (Lin, "Divergence measures based on the Shannon
/// entropy", 1991): of the bins' shares over all samples of each set.
///
/// It falls as sets grow, even of one distribution: compare sets of one size only.
public enum CountDivergence {
  /// The divergence, in 0...1 to base 2: 0 for equal shares, 1 where no bin has counts of both sets.
  ///
  /// The error is over draws of the first set, for the other as given, by jackknife: a bootstrap would double the noise in
  /// each bin, of which a small divergence consists.
  ///
  /// - Parameters:
  ///   - counts: `[S, K]`, a row a sample, a column a bin; without any three of the samples some count is positive.
  ///   - others: `[R, K]`.
  ///   - strata: how the samples were drawn; all alike by default.
  ///   - generator: deals the samples to the jackknife's groups.
  /// - Returns: the divergence, without an error for fewer than four samples.
  public static func measure(
    _ counts: Tensor, against others: Tensor, strata: Strata? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws -> Score {
    let counts = try counts.converted(to: .float64)
    let other = try others.converted(to: .float64).sum(along: 0, keepingDimensions: true)
    let samples = counts.shape[0]
    let whole = try counts.sum(along: 0, keepingDimensions: true)
    let value = try divergences(whole, other).item()
    guard let jackknife = Jackknife(strata ?? Strata(count: samples), using: &generator) else {
      return Score(value)
    }
    // How often each set that is left out holds each sample.
    var weights = [Double](repeating: 0, count: jackknife.leftOut.count * samples)
    for (row, group) in jackknife.leftOut.enumerated() {
      for position in group { weights[row * samples + position] = 1 }
    }
    let leftOut = try Tensor(weights, shape: [jackknife.leftOut.count, samples]).matmul(counts)
    return Score(
      value,
      standardError: jackknife.standardError(
        whole: value, without: try divergences(whole - leftOut, other).array()))
  }

  /// Divergences of rows `[N, K]` from one row `[1, K]`, `[N]`.
  private static func divergences(_ rows: Tensor, _ other: Tensor) throws -> Tensor {
    let shares = try rows / rows.sum(along: 1, keepingDimensions: true)
    let otherShares = try other / other.sum(along: 1, keepingDimensions: true)
    let half = try (entropies(shares) + entropies(otherShares)) * 0.5
    return try (entropies((shares + otherShares) * 0.5) - half).clamped(from: 0, to: 1)
  }

  /// Entropies of rows, in bits.
  private static func entropies(_ shares: Tensor) throws -> Tensor {
    let logarithms = try shares.clamped(from: .leastNormalMagnitude).log()
    return try (shares * logarithms).sum(along: 1) * (-1 / 0.693_147_180_559_945_3)
  }
}

/// The number of statistically different bins, NDB (Richardson and Weiss, "On GANs and GMMs", 2018): the training set is cut
/// into clusters, and a cluster counts where its shares of training and generated samples differ in a two-proportion z-test.
///
/// Even perfect samples differ in about 5 % of the bins. Fewer samples find fewer differences: compare sets of one size
/// only. Resampling would move the shares again by as much as the test allows for, and find differences that the samples
/// themselves do not have: the standard error comes from a `CountModel`.
public struct BinOccupancy: Sendable {
  /// The |z| at which two shares differ at a level of 5 %, both sides together.
  public static let criticalValue = 1.959_963_984_540_054

  private let clusters: KMeans
  private let reference: [Int]

  /// Clusters the training set.
  ///
  /// - Parameters:
  ///   - reference: `[M, D]`; features should have comparable scales.
  ///   - bins: how many clusters; fewer where there are not as many samples.
  ///   - generator: source of the first centres.
  public init(reference: Tensor, bins: Int = 50, using generator: inout some RandomNumberGenerator) throws {
    clusters = try KMeans(reference, count: min(bins, reference.shape[0]), using: &generator)
    self.reference = Self.counts(try clusters.assignments(of: reference), bins: clusters.centres.shape[0])
  }

  /// How many bins there are.
  public var binCount: Int { reference.count }

  /// The share of bins that differ, in 0...1, for features `[N, D]`, with the error over draws of these, for the training set
  /// and its clusters as given.
  public func measure(_ features: Tensor) throws -> Score {
    let samples = features.shape[0]
    let counts = Self.counts(try clusters.assignments(of: features), bins: reference.count)
    let total = reference.reduce(0, +)
    func isDifferent(_ bin: Int, _ count: Int) -> Bool {
      abs(Self.z(count, of: samples, reference[bin], of: total)) > Self.criticalValue
    }
    let different = counts.enumerated().count { isDifferent($0.offset, $0.element) }
    // A bin without training samples has been seen half a time, so that it may have a share.
    let shares = reference.map { max(0.5, Double($0)) / Double(total) }
    let model = CountModel(counts: counts, expectedShares: shares, samples: samples)
    return Score(
      Double(different) / Double(reference.count),
      standardError: model.variance(where: isDifferent).squareRoot() / Double(reference.count))
  }

  /// The statistic of the two-proportion z-test with pooled variance; 0 where both shares are 0 or 1.
  public static func z(_ hits: Int, of count: Int, _ otherHits: Int, of otherCount: Int) -> Double {
    let (n, m) = (Double(count), Double(otherCount))
    let pooled = Double(hits + otherHits) / (n + m)
    let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
    return deviation > 0 ? (Double(hits) / n - Double(otherHits) / m) / deviation : 0
  }

  private static func counts(_ indices: [Int], bins: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    for index in indices { counts[index] += 1 }
    return counts
  }
}
