import Metrics
import ModalityKit
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
  /// The fewest samples whose distributions and neighbours are compared; of fewer, distances alone say something.
  static let minimum = 10
  /// The fewest samples whose distances to each other are taken, and the fewest training samples that features are standardised
  /// by.
  static let fewest = 2

  /// What the columns need of the data.
  static let needs = [
    EvaluationNeed(["MMD²", "|D|train", "|D|train / real"], heldOut: 1, training: fewest),
    EvaluationNeed(["|D|self", "|D|self / real"], heldOut: fewest, training: fewest),
    EvaluationNeed(
      ["Fréchet", "NDB", "precision", "recall", "density", "coverage", "Z_U"], heldOut: minimum,
      training: minimum),
  ]
  /// Held-out samples that are not farther from training samples are these: rounding is a hundredth of it.
  private static let leastDistance = 1e-4

  /// How many samples of each row are compared.
  let comparedCount: Int
  private let training: Tensor
  /// Both nil for fewer than `fewest` training samples.
  private let frechet: FrechetDistance?
  private let kernel: KernelDistance?
  private let bins: BinOccupancy
  /// As many training samples as are compared.
  private let reference: Tensor
  private let seed: UInt64
  /// Mean distances of the held-out samples, within and to the training set.
  private var heldOut: Distances?
  private var nearness: NearnessTest?

  private struct Distances {
    /// nil for a single sample.
    var own: Score?
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
  ///   - training: features `[M, D]`.
  ///   - heldOut: held-out samples.
  ///   - comparedCount: how many samples of each row are compared.
  ///   - seed: of the bins, and of what is drawn of each row.
  package init(training: Tensor, heldOut: Row, comparedCount: Int, seed: UInt64) throws {
    self.training = training
    self.seed = seed
    self.comparedCount = min(comparedCount, training.shape[0])
    let isEnough = training.shape[0] >= Self.fewest
    frechet = isEnough ? try FrechetDistance(reference: training) : nil
    kernel = isEnough ? try KernelDistance(reference: training) : nil
    var stream = RandomStream(seed: seed, name: "evaluation bins")
    bins = try BinOccupancy(reference: training, bins: Self.bins, using: &stream)
    var choice = RandomStream(seed: seed, name: "evaluation reference")
    reference = try training.gathered(
      at: Tensor(choice.indices(self.comparedCount, outOf: training.shape[0])))
    if heldOut.features.shape[0] >= self.comparedCount, self.comparedCount > 0 {
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
    guard let frechet, let kernel else {
      return columns.missing(reason: "needs \(Self.fewest) clips to train on")
    }
    var cells = columns.missing(reason: "needs \(max(comparedCount, Self.minimum)) samples")
    let count = row.features.shape[0]
    cells["mmd"] =
      count < Self.fewest
      ? .missing(reason: "needs \(Self.fewest) samples")
      : .measured(
        try kernel.measure(row.features, strata: Strata(labels: row.fixedLabels, count: count)))
    guard comparedCount > 0, count >= comparedCount else { return cells }
    let drawn = try drawn(row)
    let distances = try distances(drawn)
    cells.merge(distanceCells(distances, isHeldOut: row.isHeldOut)) { $1 }
    guard comparedCount >= Self.minimum else { return cells }
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
    return cells
  }

  /// Distances within a row and to the training samples, and what they are beside those of held-out samples.
  private func distanceCells(_ distances: Distances, isHeldOut: Bool) -> [String: EvaluationTable.Cell] {
    let few = EvaluationTable.Cell.missing(reason: "needs \(Self.fewest) samples, and as many held-out ones")
    let copies = EvaluationTable.Cell.missing(reason: "held-out clips are training clips")
    func ratio(_ own: Score?, _ held: Score?, orElse none: EvaluationTable.Cell) -> EvaluationTable.Cell {
      guard let own, let held else { return few }
      guard held.value > Self.leastDistance else { return none }
      return .measured(isHeldOut ? Score(1) : own.ratio(to: held))
    }
    let isApart = heldOut.map { $0.training.value > Self.leastDistance } ?? false
    return [
      "self": distances.own.map { .measured($0) } ?? few, "train": .measured(distances.training),
      "selfRatio": ratio(distances.own, heldOut?.own, orElse: .missing(reason: "held-out clips are alike")),
      "trainRatio": ratio(distances.training, heldOut?.training, orElse: copies),
      "nearnessZ": nearness.map { isApart ? $0.cell(isHeldOut ? nil : distances.each) : copies } ?? few,
    ]
  }

  private func distances(_ row: Row) throws -> Distances {
    let strata = Strata(labels: row.fixedLabels, count: row.features.shape[0])
    var stream = RandomStream(seed: seed, name: "evaluation halves")
    let each: [Double] = try NearestNeighbours.distances(from: row.features, to: training).array()
    return Distances(
      own: row.features.shape[0] < Self.fewest
        ? nil : try NearestNeighbours.meanDistance(within: row.features, strata: strata, using: &stream),
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
