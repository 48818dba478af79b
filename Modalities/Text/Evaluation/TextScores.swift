import Metrics

/// The scores that every text evaluation shows, so that all rows of its table are measured alike: n-gram divergences,
/// different samples, copies, distance to the nearest training line and whether held-out lines are as far, likelihood of
/// held-out lines.
public struct TextScores: Sendable {
  /// The columns of the table, in reading order; keys "jsd1", ..., "unique", "copies", "nearest",
  /// "nearestMedian", "nearnessZ", "nll".
  public let columns: [EvaluationTable.Column]
  /// The fewest samples whose share of different ones says anything.
  static let fewestUnique = 2
  /// How many samples of each row the divergences use: they fall with it, so it is the same for all rows.
  public let divergenceCount: Int
  /// How many samples of each row are compared with all training lines.
  public let nearestCount: Int

  private let divergences: [NGramDivergence]
  private let isTrainingLine: @Sendable ([Int32]) -> Bool
  private let nearest: NearestLine
  private let heldOutDistances: [Double]?

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
  ///   - heldOut: held-out lines in random order, whose distances others are compared with; none by default.
  public init(
    training: [[Int32]], lineLength: Int, orders: [Int] = [1, 2, 3, 4, 6], divergenceCount: Int = 640,
    nearestCount: Int = 640, isTrainingLine: (@Sendable ([Int32]) -> Bool)? = nil, heldOut: [[Int32]] = []
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
    let nearest = NearestLine(training: training)
    self.nearest = nearest
    heldOutDistances =
      heldOut.count < nearestCount ? nil : heldOut.prefix(nearestCount).map { nearest.distance(to: $0) }
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
        .nearness(count: nearestCount),
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
  ///   - isHeldOut: whether the samples are the held-out lines that others' distances are compared with.
  ///   - generator: source of the draws behind the standard errors.
  /// - Returns: a row that fits `columns`; scores that need more samples than there are, are missing.
  public func row(
    name: String, source: EvaluationTable.Source, samples: [[Int32]], seed: UInt64?,
    likelihood: EvaluationTable.Cell, isHeldOut: Bool = false,
    using generator: inout some RandomNumberGenerator
  ) -> EvaluationTable.Row {
    var values: [String: EvaluationTable.Cell] = [
      "unique": samples.count < Self.fewestUnique
        ? .missing(reason: "needs \(Self.fewestUnique) samples")
        : .measured(Novelty.uniqueShare(samples)),
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
      for key in ["nearest", "nearestMedian", "nearnessZ"] { values[key] = missing }
    } else {
      let known = isHeldOut ? heldOutDistances : nil
      let distances = known ?? samples.prefix(nearestCount).map { nearest.distance(to: $0) }
      let summary = NearestLine.summary(of: distances, using: &generator)
      values["nearest"] = .measured(summary.mean)
      values["nearestMedian"] = .measured(summary.median)
      values["nearnessZ"] =
        heldOutDistances.map { NearnessTest(heldOut: $0).cell(isHeldOut ? nil : distances) }
        ?? .missing(reason: "needs \(nearestCount) held-out samples")
    }
    return .init(name: name, source: source, sampleCount: samples.count, seed: seed, values: values)
  }

  /// Measures what was drawn from a Markov generator, with its likelihood of the held-out lines.
  ///
  /// - Parameters:
  ///   - markov: the baseline.
  ///   - samples: its lines; at least one.
  ///   - heldOut: what its likelihood is measured on.
  ///   - seed: what they were drawn with.
  ///   - generator: source of the resamples.
  public func row(
    markov: MarkovGenerator, samples: [[Int32]], heldOut: [[Int32]], seed: UInt64,
    using generator: inout some RandomNumberGenerator
  ) -> EvaluationTable.Row {
    row(
      name: "Markov order \(markov.order)", source: .baseline, samples: samples, seed: seed,
      likelihood: .measured(markov.measure(heldOut, using: &generator)), using: &generator)
  }
}
