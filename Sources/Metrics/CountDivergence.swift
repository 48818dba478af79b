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
