import Metrics
import Torch

/// Scores of sets of log-mel features: how far from the training clips, how good and how varied, how much copied.
///
/// All but the kernel distance depend on how many samples there are, so they use the same number of each row, drawn at
/// random from it, of each fixed label in proportion.
package struct FeatureScores {
  /// Bins of NDB, at most.
  static let bins = 50
  /// Neighbours that balls reach to.
  static let neighbours = 5
  /// The fewest samples that are compared.
  static let minimum = 10

  /// How many samples of each row are compared.
  let comparedCount: Int
  private let training: Tensor
  private let frechet: FrechetDistance
  private let kernel: KernelDistance
  private let bins: BinOccupancy
  /// As many training samples as are compared.
  private let reference: Tensor
  private let seed: UInt64
  /// Mean distances of the held-out samples, within and to the training set.
  private var heldOut: Distances?
  private var nearness: NearnessTest?

  private struct Distances {
    var own: Score
    var training: Score
    /// To the nearest training sample, of each sample.
    var each: [Double]
  }

  /// Features of clips, with what has to be known of these.
  package struct Row {
    /// `[N, D]`.
    package var features: Tensor
    /// Their labels, where other draws would have as many of each; nil where labels were drawn too.
    package var fixedLabels: [Int]?
    /// Whether these are the held-out samples that ratios are taken to.
    package var isHeldOut: Bool

    /// Gathers them.
    package init(features: Tensor, fixedLabels: [Int]? = nil, isHeldOut: Bool = false) {
      (self.features, self.fixedLabels, self.isHeldOut) = (features, fixedLabels, isHeldOut)
    }
  }

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - training: features `[M, D]` of at least `minimum` samples.
  ///   - heldOut: held-out samples.
  ///   - comparedCount: how many samples of each row are compared.
  ///   - seed: of the bins, and of what is drawn of each row.
  package init(training: Tensor, heldOut: Row, comparedCount: Int, seed: UInt64) throws {
    self.training = training
    self.seed = seed
    self.comparedCount = min(comparedCount, training.shape[0])
    frechet = try FrechetDistance(reference: training)
    kernel = try KernelDistance(reference: training)
    var stream = RandomStream(seed: seed, name: "evaluation bins")
    bins = try BinOccupancy(reference: training, bins: Self.bins, using: &stream)
    var choice = RandomStream(seed: seed, name: "evaluation reference")
    reference = try training.gathered(
      at: Tensor(choice.indices(self.comparedCount, outOf: training.shape[0])))
    if heldOut.features.shape[0] >= self.comparedCount, self.comparedCount >= Self.minimum {
      let distances = try distances(drawn(heldOut))
      self.heldOut = distances
      nearness = NearnessTest(heldOut: distances.each)
    }
  }

  /// The columns that `measure` fills.
  package var columns: [EvaluationTable.Column] {
    func column(
      _ key: String, _ name: String, _ direction: EvaluationTable.Direction, errorNote: String? = nil
    ) -> EvaluationTable.Column {
      .init(
        key: key, name: name, direction: direction, digits: 2, sampleCount: comparedCount,
        errorNote: errorNote)
    }
    let ratioNote =
      "The errors of held-out clips are in those of ratios to them; their own is 1 by construction."
    return [
      // Unbiased at any number of clips, which the Fréchet distance is not.
      .init(key: "mmd", name: "MMD²", direction: .lower, digits: 4),
      column("frechet", "Fréchet", .lower),
      column("ndb", "NDB", .lower), column("precision", "precision", .higher),
      column("recall", "recall", .higher), column("density", "density", .higher),
      column("coverage", "coverage", .higher), column("self", "|D|self", .neutral),
      column("selfRatio", "|D|self / real", .neutral, errorNote: ratioNote),
      column("train", "|D|train", .neutral),
      column("trainRatio", "|D|train / real", .neutral, errorNote: ratioNote),
      .nearness(count: comparedCount),
    ]
  }

  /// Cells by column key.
  package func measure(_ row: Row) throws -> [String: EvaluationTable.Cell] {
    var cells: [String: EvaluationTable.Cell] = [:]
    for column in columns {
      cells[column.key] = .missing(reason: "needs \(max(comparedCount, Self.minimum)) samples")
    }
    let count = row.features.shape[0]
    guard count > 1 else { return cells }
    cells["mmd"] = .measured(
      try kernel.measure(row.features, strata: Strata(labels: row.fixedLabels, count: count)))
    guard comparedCount >= Self.minimum, count >= comparedCount else { return cells }
    let drawn = try drawn(row)
    let strata = Strata(labels: drawn.fixedLabels, count: comparedCount)
    var stream = RandomStream(seed: seed, name: "evaluation errors")
    cells["frechet"] = .measured(try frechet.measure(drawn.features, strata: strata, using: &stream))
    cells["ndb"] = .measured(try bins.measure(drawn.features))
    let manifold = try ManifoldScores(
      real: reference, generated: drawn.features, neighbours: Self.neighbours, strata: strata)
    cells["precision"] = .measured(manifold.precision)
    cells["recall"] = .measured(manifold.recall)
    cells["density"] = .measured(manifold.density)
    cells["coverage"] = .measured(manifold.coverage)
    let distances = try distances(drawn)
    cells["self"] = .measured(distances.own)
    cells["train"] = .measured(distances.training)
    if let heldOut {
      cells["selfRatio"] = .measured(row.isHeldOut ? Score(1) : distances.own.ratio(to: heldOut.own))
      cells["trainRatio"] = .measured(
        row.isHeldOut ? Score(1) : distances.training.ratio(to: heldOut.training))
    }
    if let nearness { cells["nearnessZ"] = nearness.cell(row.isHeldOut ? nil : distances.each) }
    return cells
  }

  private func distances(_ row: Row) throws -> Distances {
    let strata = Strata(labels: row.fixedLabels, count: row.features.shape[0])
    var stream = RandomStream(seed: seed, name: "evaluation halves")
    let each: [Double] = try NearestNeighbours.distances(from: row.features, to: training).array()
    return Distances(
      own: try NearestNeighbours.meanDistance(within: row.features, strata: strata, using: &stream),
      training: Score(meanOf: each, strata: strata), each: each)
  }

  /// As many samples of a row as are compared.
  private func drawn(_ row: Row) throws -> Row {
    let indices = Self.indices(comparedCount, of: row.fixedLabels, outOf: row.features.shape[0], seed: seed)
    return Row(
      features: try row.features.gathered(at: Tensor(indices)),
      fixedLabels: row.fixedLabels.map { labels in
        indices.map { labels[$0] }
      })
  }

  /// Which samples of a row are compared: different ones at random, of each label in proportion; all of them, in another
  /// order, where there are just as many.
  static func indices(_ count: Int, of labels: [Int]?, outOf total: Int, seed: UInt64) -> [Int] {
    var stream = RandomStream(seed: seed, name: "evaluation row")
    return Strata(labels: labels, count: total).drawn(count, using: &stream)
  }
}
