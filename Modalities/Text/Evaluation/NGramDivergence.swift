import Metrics

/// Measures sets of samples against all training lines by the Jensen-Shannon divergence of their n-grams, with its error.
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

  /// The divergence with its standard error over the draw of samples, by jackknife; the training lines count as fixed.
  ///
  /// A bootstrap would double the noise of each run's count, of which a small divergence consists.
  ///
  /// - Parameters:
  ///   - samples: at least one line; without an error for fewer than four.
  ///   - generator: deals the samples to the jackknife's groups.
  public func measure(_ samples: [[Int32]], using generator: inout some RandomNumberGenerator) -> Score {
    let whole = self(samples)
    guard let jackknife = Jackknife(Strata(count: samples.count), using: &generator) else {
      return Score(whole)
    }
    // Runs get small numbers once, so that counts are arrays.
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
    var counts = [Int](repeating: 0, count: trainingCounts.count)
    for line in runs { for number in line { counts[number] += 1 } }
    let total = counts.reduce(0, +)
    let values = jackknife.leftOut.map { positions in
      var (kept, left) = (counts, total)
      for position in positions {
        left -= runs[position].count
        for number in runs[position] { kept[number] -= 1 }
      }
      return jensenShannon(zip(kept, trainingCounts), totals: (left, training.total))
    }
    return Score(whole, standardError: jackknife.standardError(whole: whole, without: values))
  }
}
