import Metrics

/// The scores that every text evaluation shows, so that all rows of its table are measured alike: n-gram divergences,
/// different samples, copies, distance to the nearest training line, likelihood of held-out lines.
public struct TextScores: Sendable {
  /// The columns of the table, in reading order; keys "jsd1", ..., "unique", "copies", "nearest",
  /// "nearestMedian", "nll".
  public let columns: [EvaluationTable.Column]
  /// How many samples of each row the divergences use: they fall with it, so it is the same for all rows.
  public let divergenceCount: Int
  /// How many samples of each row are compared with all training lines.
  public let nearestCount: Int

  private let divergences: [NGramDivergence]
  private let isTrainingLine: @Sendable ([Int32]) -> Bool
  private let nearest: NearestLine

  /// Counts the training lines.
  ///
  /// - Parameters:
  ///   - training: at least one line of symbol ids, without end and padding.
  ///   - lineLength: what lines are padded to for the divergences: the model's longest line with its end.
  ///   - orders: lengths of the n-grams, none above `lineLength`.
  ///   - divergenceCount: how many samples the divergences use; at most the number of held-out lines.
  ///   - nearestCount: how many samples are compared with all training lines.
  ///   - isTrainingLine: whether a sample is a training line, for corpora of which `training` is only a part;
  ///     by default, whether it is in `training`.
  public init(
    training: [[Int32]], lineLength: Int, orders: [Int] = [1, 2, 3, 4, 6], divergenceCount: Int = 640,
    nearestCount: Int = 640, isTrainingLine: (@Sendable ([Int32]) -> Bool)? = nil
  ) {
    precondition(orders.allSatisfy { (1...lineLength).contains($0) }, "n-grams fit into lines")
    self.divergenceCount = divergenceCount
    self.nearestCount = nearestCount
    divergences = orders.map {
      NGramDivergence(training: training, order: $0, framing: .padded(length: lineLength))
    }
    if let isTrainingLine {
      self.isTrainingLine = isTrainingLine
    } else {
      let lines = Set(training)
      self.isTrainingLine = { lines.contains($0) }
    }
    nearest = NearestLine(training: training)
    columns =
      orders.map {
        .init(
          key: "jsd\($0)", name: "JSD-\($0)", unit: "bits", direction: .lower, digits: $0 < 3 ? 4 : 3,
          sampleCount: divergenceCount)
      } + [
        .init(key: "unique", name: "unique", unit: "%", direction: .higher, digits: 1),
        .init(key: "copies", name: "copies", unit: "%", direction: .neutral, digits: 1),
        .init(
          key: "nearest", name: "nearest", unit: "edits/symbol", direction: .neutral,
          sampleCount: nearestCount),
        .init(
          key: "nearestMedian", name: "median", unit: "edits/symbol", direction: .neutral,
          sampleCount: nearestCount),
        .init(
          key: "nll", name: "NLL", unit: "nats/symbol", direction: .lower,
          errorNote: "± of NLL: over other draws of as many held-out samples, for the source as given."),
      ]
  }

  /// Whether a sample is a copy of a training line.
  func isCopy(_ sample: [Int32]) -> Bool { isTrainingLine(sample) }

  /// Measures one source of samples.
  ///
  /// - Parameters:
  ///   - name: the row's name.
  ///   - source: what the samples come from, in kind.
  ///   - samples: lines of symbol ids in random order; at least one.
  ///   - seed: what they were drawn with.
  ///   - likelihood: the negative log-likelihood that the source gives to held-out lines, or why it has none.
  ///   - generator: source of the draws behind the standard errors.
  /// - Returns: a row that fits `columns`; scores that need more samples than there are, are missing.
  public func row(
    name: String, source: EvaluationTable.Source, samples: [[Int32]], seed: UInt64?,
    likelihood: EvaluationTable.Cell, using generator: inout some RandomNumberGenerator
  ) -> EvaluationTable.Row {
    var values: [String: EvaluationTable.Cell] = [
      "unique": .measured(Novelty.uniqueShare(samples)),
      "copies": .measured(Novelty.copyShare(samples, isTrainingLine: isTrainingLine)),
      "nll": likelihood,
    ]
    let compared = Array(samples.prefix(divergenceCount))
    for divergence in divergences {
      values["jsd\(divergence.training.order)"] =
        compared.count < divergenceCount
        ? .missing(reason: "needs \(divergenceCount) samples")
        : .measured(divergence.measure(compared, using: &generator))
    }
    if samples.count < nearestCount {
      let missing = EvaluationTable.Cell.missing(reason: "needs \(nearestCount) samples")
      values["nearest"] = missing
      values["nearestMedian"] = missing
    } else {
      let distance = nearest.measure(samples, limit: nearestCount, using: &generator)
      values["nearest"] = .measured(distance.mean)
      values["nearestMedian"] = .measured(distance.median)
    }
    return .init(name: name, source: source, sampleCount: samples.count, seed: seed, values: values)
  }

  /// Draws from a Markov generator and measures it, with its likelihood of the held-out lines.
  ///
  /// - Parameters:
  ///   - markov: the baseline.
  ///   - count: how many samples to draw; at least one.
  ///   - maximumLength: the longest line, without its end.
  ///   - heldOut: what its likelihood is measured on.
  ///   - seed: what `generator` was made from.
  ///   - generator: source of the samples, then of the resamples.
  public func row(
    markov: MarkovGenerator, count: Int, maximumLength: Int, heldOut: [[Int32]], seed: UInt64,
    using generator: inout some RandomNumberGenerator
  ) -> EvaluationTable.Row {
    let samples = markov.sample(count: count, maximumLength: maximumLength, using: &generator)
    return row(
      name: "Markov order \(markov.order)", source: .baseline, samples: samples, seed: seed,
      likelihood: .measured(markov.measure(heldOut, using: &generator)), using: &generator)
  }
}
