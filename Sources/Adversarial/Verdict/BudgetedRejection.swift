import Foundation

/// Which of a generator's samples to keep when a share of them may be thrown away.
///
/// Optimal budgeted rejection sampling (Verine et al., 2024, "Optimal budgeted rejection sampling for generative models"): a
/// sample whose density ratio is r = p / q is kept with the probability min(1, r / c), where c is such that the wanted share is
/// kept on average. Of all rules that keep that share none leaves less of any f-divergence. Ratios need no normalisation.
public struct BudgetedRejection: Hashable, Sendable {
  /// The logarithm of c: the ratio from which on every sample is kept. Minus infinity where all are kept whatever their ratio.
  public let logCeiling: Double
  /// What was expected of the rule on pilot samples.
  public let outlook: Outlook

  /// What a rule keeps and what distance it leaves, as pilot samples of the generator say.
  public struct Outlook: Hashable, Sendable {
    /// The share of samples that are kept.
    public var acceptance: Double
    /// What a kept sample is worth: Kish's effective sample size of the weights that would make the kept ones perfect, over
    /// their number. 1 where kept samples follow p.
    public var effectiveShare: Double
    /// The total variation between the kept samples' distribution and p, from 0 to 1.
    public var totalVariation: Double
    /// The divergence KL(p || kept), in nats a sample.
    public var divergence: Double
  }

  /// Finds the rule for a share to keep.
  ///
  /// - Parameters:
  ///   - logRatios: logarithms of the density ratios of pilot samples, at least one; finite.
  ///   - kept: the share of samples to keep, above 0; 1 keeps all.
  public init(logRatios: [Double], keeping kept: Double) {
    precondition(kept > 0 && kept <= 1, "a share to keep lies above 0 and is at most 1")
    let (lowest, highest) = (logRatios.min() ?? 0, logRatios.max() ?? 0)
    // At the highest ratio over the share no more than the share is kept, and at the lowest ratio all are.
    logCeiling =
      kept == 1 || logRatios.isEmpty
      ? -.infinity
      : falling(from: lowest, to: highest - log(kept)) { ceiling in
        logRatios.map { Self.acceptance(logRatio: $0, logCeiling: ceiling) }.mean - kept
      }
    outlook = Self.outlook(logRatios: logRatios, logCeiling: logCeiling)
  }

  /// The probability with which a sample is kept.
  ///
  /// - Parameter logRatio: the logarithm of its density ratio.
  public func acceptance(logRatio: Double) -> Double {
    Self.acceptance(logRatio: logRatio, logCeiling: logCeiling)
  }

  private static func acceptance(logRatio: Double, logCeiling: Double) -> Double {
    min(1, exp(logRatio - logCeiling))
  }

  /// With z the acceptance of a sample, Z its mean and r normalised to a mean of 1 over samples of q, kept samples have the
  /// density q z / Z, and p over that density is r Z / z.
  private static func outlook(logRatios: [Double], logCeiling: Double) -> Outlook {
    guard !logRatios.isEmpty else {
      return Outlook(acceptance: 1, effectiveShare: 1, totalVariation: 0, divergence: 0)
    }
    let accepted = logRatios.map { acceptance(logRatio: $0, logCeiling: logCeiling) }
    let share = accepted.mean
    let weights = Weights(logarithms: logRatios)
    let count = Double(logRatios.count)
    var (common, squares, divergence) = (0.0, 0.0, 0.0)
    for (index, ratio) in weights.relative.enumerated() where ratio > 0 {
      // By logarithms, as the acceptance of a sample may be too small to divide by.
      let logLeft =
        logRatios[index] - weights.logMean - min(0, logRatios[index] - logCeiling) + log(share)
      common += min(ratio, accepted[index] / share) / count
      squares += ratio * exp(logLeft) / count
      divergence += ratio * logLeft / count
    }
    return Outlook(
      acceptance: share, effectiveShare: min(1 / squares, 1), totalVariation: max(1 - common, 0),
      divergence: max(divergence, 0))
  }
}
