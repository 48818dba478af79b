import Metrics

/// Whether samples repeat each other or the training lines.
public enum Novelty {
  /// How many of the samples are different, in percent of all, with its error by `DistinctCount`.
  ///
  /// It falls with the number of samples.
  ///
  /// - Parameter samples: at least one; without an error for a single one.
  public static func uniqueShare(_ samples: [[Int32]]) -> Score {
    precondition(!samples.isEmpty, "a share needs samples")
    let error = DistinctCount.standardError(of: samples, strata: Strata(count: samples.count))
    let count = Double(samples.count)
    return Score(
      100 * Double(Set(samples).count) / count, standardError: error.map { 100 * $0 / count })
  }

  /// How many of the samples are exact copies of training lines, in percent, with the binomial standard error.
  ///
  /// - Parameters:
  ///   - samples: at least one; repetitions count each time.
  ///   - training: the training lines.
  public static func copyShare(_ samples: [[Int32]], of training: Set<[Int32]>) -> Score {
    copyShare(samples) { training.contains($0) }
  }

  /// How many of the samples are known, in percent, with the binomial standard error.
  ///
  /// - Parameters:
  ///   - samples: at least one; repetitions count each time.
  ///   - isTrainingLine: tells whether a sample is a training line; for corpora that do not fit into a set.
  public static func copyShare(
    _ samples: [[Int32]], isTrainingLine: ([Int32]) throws -> Bool
  ) rethrows -> Score {
    Score(percentage: try samples.count(where: isTrainingLine), of: samples.count)
  }
}
