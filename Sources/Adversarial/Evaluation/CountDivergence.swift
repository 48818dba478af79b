import Torch

/// The Jensen-Shannon divergence of what two sets of samples count together (Lin, "Divergence measures based on the Shannon
/// entropy", 1991): of the bins' shares over all samples of each set.
///
/// It falls as sets grow, even of one distribution: compare sets of one size only.
public enum CountDivergence {
  /// The divergence, in 0...1 to base 2: 0 for equal shares, 1 where no bin has counts of both sets.
  ///
  /// - Parameters:
  ///   - counts: `[S, K]`, a row a sample, a column a bin; some count is positive.
  ///   - others: `[R, K]`.
  ///   - replicates: how many resamples of `counts` tell the error, for `others` as given; below 2 there is none.
  ///   - generator: source of the resamples.
  public static func measure(
    _ counts: Tensor, against others: Tensor, replicates: Int = 100,
    using generator: inout some RandomNumberGenerator
  ) throws -> Score {
    let counts = try counts.converted(to: .float64)
    let other = try others.converted(to: .float64).sum(along: 0, keepingDimensions: true)
    let (samples, value) = (
      counts.shape[0],
      try divergences(counts.sum(along: 0, keepingDimensions: true), other).item()
    )
    guard replicates > 1, samples > 1 else { return Score(value) }
    // How often each resample holds each sample.
    var weights = [Double](repeating: 0, count: replicates * samples)
    for replicate in 0..<replicates {
      for _ in 0..<samples { weights[replicate * samples + generator.index(below: samples)] += 1 }
    }
    let resampled = try Tensor(weights, shape: [replicates, samples]).matmul(counts)
    let variance = try divergences(resampled, other).variance(along: 0).item()
    return Score(value, standardError: variance.squareRoot())
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
