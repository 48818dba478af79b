import Adversarial

/// Measures sets of samples against all training lines by the Jensen-Shannon divergence of their n-grams, with a
/// bootstrap standard error.
///
/// The training lines are counted once for any number of sets.
public struct NGramDivergence: Sendable {
  /// The counts of the training lines.
  public let training: NGramCounts

  /// Counts the training lines.
  ///
  /// - Parameters:
  ///   - training: all training lines, without end and padding.
  ///   - order: the length of the runs.
  ///   - framing: which runs a line has; `padded` gives the classic metric.
  public init(training: some Sequence<[Int32]>, order: Int, framing: NGramCounts.Framing) {
    self.training = NGramCounts(training, order: order, framing: framing)
  }

  /// The divergence in bits, 0 to 1, of samples from the training lines.
  public func callAsFunction(_ samples: some Sequence<[Int32]>) -> Double {
    NGramCounts(samples, order: training.order, framing: training.framing).divergence(from: training)
  }

  /// The divergence with its standard error over the draw of samples; the training lines count as fixed.
  ///
  /// - Parameters:
  ///   - samples: at least one line.
  ///   - replicates: how many resamples the error is estimated from.
  ///   - generator: source of the resamples.
  public func measure(
    _ samples: [[Int32]], replicates: Int = 200, using generator: inout some RandomNumberGenerator
  ) -> Score {
    // Runs get small numbers once, so that a resample only adds up arrays.
    var numbers: [NGramKey: Int] = [:]
    var trainingCounts: [Int] = []
    let runs = samples.map { sample in
      NGramCounts.keys(of: sample, order: training.order, framing: training.framing).map { key in
        if let number = numbers[key] { return number }
        let number = trainingCounts.count
        numbers[key] = number
        trainingCounts.append(training.count(of: key))
        return number
      }
    }
    let error = Bootstrap.standardError(
      count: samples.count, replicates: replicates, using: &generator
    ) { indices in
      var counts = [Int](repeating: 0, count: trainingCounts.count)
      var total = 0
      for index in indices {
        total += runs[index].count
        for number in runs[index] { counts[number] += 1 }
      }
      return jensenShannon(zip(counts, trainingCounts), totals: (total, training.total))
    }
    return Score(self(samples), standardError: error)
  }
}
