import Adversarial
import Failures
import Foundation
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// The evaluation of clouds: one row each for a sample of the training clouds, for every set of generated ones, and for a
/// classical model without a network, all measured alike against held-out clouds.
public enum PointEvaluation {
  /// The fewest clouds of each row, and held-out ones, whose neighbours are compared: of fewer, a cloud's neighbours are mostly of
  /// the other set by chance alone.
  public static let minimum = 10
  /// The fewest training clouds that a model without a network is fitted to.
  static let fewestTraining = 2

  /// What columns need of the data.
  static let needs = [
    EvaluationNeed(
      ["1-NNA-CD", "1-NNA-EMD", "COV-CD", "COV-EMD", "Z_U", "unseen", "gap"], heldOut: minimum,
      training: minimum),
    .twoSample(["told by features", "told by network"], training: TwoSampleAccuracy.minimumCount),
  ]

  /// Measures everything.
  ///
  /// All clouds have equally many points, drawn already; under the rules that bring each shape by itself into a box or a
  /// sphere, every cloud is brought there once more, as its points were a choice among the shape's.
  ///
  /// - Parameters:
  ///   - rows: sets of generated clouds. Of each as many are compared as there are held-out clouds, or as the smallest set
  ///     has, if that is at least `minimum` or as many as there are real ones. Columns that need more are missing.
  ///   - training: the clouds that were trained on. A large set should be thinned evenly.
  ///   - redrawn: the training shapes with other points drawn, a tensor like `training` for each of at least two times; what
  ///     the rule for copies is calibrated by. Without, the column stays empty.
  ///   - heldOut: real clouds that were not trained on.
  ///   - labelNames: the names of the clouds' labels, by index, for a table of each label apart; none where all of a kind have
  ///     no labels.
  ///   - normalisation: the rule that the clouds follow.
  ///   - seed: of all draws: what is compared of larger sets, resamples, and the classical model.
  /// - Returns: the table, with notes on how its columns are to be read.
  /// - Throws: `UserError` of category `badData` where training or held-out clouds are none, not finite, or of another number
  ///   of points.
  public static func table(
    rows: [PointClouds], training: PointClouds, redrawn: [Tensor] = [], heldOut: PointClouds,
    labelNames: [String] = [], normalisation: PointNormalisation, seed: UInt64
  ) throws -> EvaluationTable {
    try measure(
      rows: rows, training: training, redrawn: redrawn, heldOut: heldOut, labelNames: labelNames,
      normalisation: normalisation, seed: seed
    ).table
  }

  /// What is measured of rows.
  struct Comparison {
    let table: EvaluationTable
    /// Of each row of `rows`.
    let twoSample: [TwoSampleColumns.Measurement]
    /// Of each kind of samples of `rows` what it makes of unseen shapes, and its name.
    let unseen: [(cells: [String: EvaluationTable.Cell], name: String)]
  }

  /// The same with what else is known of the rows.
  ///
  /// - Parameter wider: for each row more of its clouds, or the same, for the density of unseen shapes; none for the rows' own.
  static func measure(
    rows: [PointClouds], wider: [PointClouds] = [], training: PointClouds, redrawn: [Tensor],
    heldOut: PointClouds, labelNames: [String] = [], normalisation: PointNormalisation, seed: UInt64
  ) throws -> Comparison {
    let points = heldOut.pointCount
    for (name, real) in [("training", training), ("held-out", heldOut)] {
      if let damage = try damage(of: real, points: points) {
        throw UserError(.badData, "\(name) clouds: \(damage)")
      }
    }
    WorkLine.begin("measuring rows", total: rows.count + 3)
    var draws = RandomStream(seed: seed, name: "evaluation rows")
    // Rows that are too small to be compared at all do not make the comparison smaller for the others.
    let least = min(minimum, heldOut.count, training.count)
    let count = ([heldOut, training] + rows).map(\.count).filter { $0 >= least }.min() ?? least
    let real = try heldOut.drawn(count, using: &draws).normalised(normalisation)
    let trained = try training.normalised(normalisation)
    let copies = try redrawn.map {
      try PointClouds(name: "", source: .real, clouds: $0).normalised(normalisation).clouds
    }
    let gridScale = try gridScale(of: real.clouds, normalisation: normalisation)
    var scores = try PointScores(
      heldOut: real.clouds,
      nearness: TrainingNearness(training: trained.clouds, redrawn: copies, heldOut: real.clouds),
      gridScale: gridScale, seed: seed)

    let twoSample = try CloudTwoSampleTest(heldOut: real.clouds, seed: seed)
    var tests: [TwoSampleColumns.Measurement] = []
    var apart = LabelsApart(names: labelNames, heldOut: real.labels ?? [])

    var stream = RandomStream(seed: seed, name: "evaluation mixture")
    let mixtures =
      trained.count < fewestTraining
      ? nil
      : try MixtureOfShapes(trained.clouds, labels: real.labels == nil ? nil : trained.labels, using: &stream)
    let likelihood =
      count < minimum
      ? nil
      : try mixtures.map {
        try UnseenLikelihood(model: $0, training: trained, again: copies.first, heldOut: real)
      }
    let noDensity = UnseenLikelihood.columns.missing(
      reason: "needs \(minimum) held-out clouds and \(fewestTraining) training clouds")

    var table = EvaluationTable(
      columns: PointScores.columns(points: points) + UnseenLikelihood.columns + twoSample.columns)
    func measured(
      _ row: PointClouds, wider: PointClouds? = nil, trainingIndices indices: [Int]? = nil
    ) throws -> Measured {
      let (test, features) = try twoSample.measure(row.clouds)
      let (cells, neighbourhood) = try scores.compare(
        row.clouds, strata: row.strata, trainingIndices: indices)
      let unseen =
        try likelihood.map {
          try indices == nil ? $0.measure((wider ?? row).normalised(normalisation)) : $0.measureTraining()
        } ?? noDensity
      return Measured(
        clouds: row, cells: cells.merging(test.cells) { $1 }.merging(unseen) { $1 }, test: test,
        neighbourhood: neighbourhood, features: features)
    }
    // What all rows are compared with takes about as long as one of them.
    WorkLine.advance()
    func add(_ row: PointClouds, count: Int, _ values: [String: EvaluationTable.Cell]) {
      WorkLine.advance()
      table.add(
        .init(name: row.name, source: row.source, sampleCount: count, seed: row.seed, values: values))
    }
    func add(_ row: PointClouds, _ measured: Measured) {
      add(row, count: count, measured.cells)
      guard let neighbourhood = measured.neighbourhood, let labels = measured.clouds.labels,
        real.labels != nil
      else { return }
      apart.add(
        .init(
          name: row.name, source: row.source, seed: row.seed, labels: labels, neighbourhood: neighbourhood,
          features: measured.features))
    }
    let indices = draws.indices(count, outOf: trained.count)
    let sample = PointClouds(
      name: "training sample", source: .real, clouds: try trained.clouds.gathered(at: Tensor(indices)),
      labels: trained.labels.map { labels in indices.map { labels[$0] } }, seed: seed)
    add(sample, try measured(sample, trainingIndices: indices))
    // Rows of the same clouds, as of a run that ends with the generator that its game began with, are measured once.
    var known: [Measured] = []
    var unseen: [(cells: [String: EvaluationTable.Cell], name: String)] = []
    for (index, row) in rows.enumerated() {
      if let damage = try damage(of: row, points: points) ?? shortage(of: row, count: count) {
        add(row, count: row.count, table.columns.missing(reason: damage))
        tests.append(twoSample.missing(damage))
      } else {
        let drawn = try row.drawn(count, using: &draws).normalised(normalisation)
        let same = try known.first {
          try $0.clouds.clouds.isEqual(to: drawn.clouds) && $0.clouds.fixedLabels == drawn.fixedLabels
        }
        let found = try same ?? measured(drawn, wider: wider.isEmpty ? row : wider[index])
        if same == nil {
          known.append(found)
          unseen.append((found.cells, row.name))
        }
        add(row, found)
        tests.append(found.test)
      }
    }
    if let mixtures {
      func drawn(_ count: Int, labels: [Int]?) throws -> PointClouds {
        try baseline(mixtures, count: count, labels: labels, seed: seed, using: &stream)
          .normalised(normalisation)
      }
      let mixture = try drawn(count, labels: known.first?.clouds.labels ?? sample.labels)
      let places = EvenSpread.indices(UnseenLikelihood.limit, outOf: trained.count)
      let wider = try drawn(
        places.count, labels: trained.labels.map { labels in places.map { labels[$0] } })
      add(mixture, try measured(mixture, wider: wider))
    }
    let byLabel = try apart.tables(points: points, scores: &scores, tests: twoSample, seed: seed)
    table.parts = byLabel.parts
    table.notes =
      notes(
        scores, points: points, count: count, training: trained.count, redraws: redrawn.count,
        normalisation: normalisation, gridScale: gridScale, seed: seed) + (likelihood?.notes ?? [])
      + twoSample.notes + byLabel.notes
      + [EvaluationTable.errorMeaning]
    return Comparison(table: table, twoSample: tests, unseen: unseen)
  }

  /// A row's clouds with what was measured of them.
  private struct Measured {
    let clouds: PointClouds
    let cells: [String: EvaluationTable.Cell]
    let test: TwoSampleColumns.Measurement
    /// nil for too few clouds.
    let neighbourhood: PointScores.Neighbourhood?
    let features: Tensor
  }

  /// Draws from a model of the training clouds without a network: of some labels where there are labels, as what a model with
  /// labels has to beat knows them, too.
  private static func baseline(
    _ model: MixtureOfShapes, count: Int, labels: [Int]?, seed: UInt64, using stream: inout RandomStream
  ) throws -> PointClouds {
    guard let labels, model.mixtures[0].label != nil else {
      return PointClouds(
        name: "Gaussian mixture of matched shapes", source: .baseline,
        clouds: try model.clouds(count, using: &stream), seed: seed)
    }
    return PointClouds(
      name: "Gaussian mixture of matched shapes, by label", source: .baseline,
      clouds: try model.clouds(labels: labels, using: &stream), labels: labels, seed: seed)
  }

  /// What brings clouds into the cube from -0.5 to 0.5: a half where a rule bounds their coordinates by 1.
  private static func gridScale(of clouds: Tensor, normalisation: PointNormalisation) throws -> Double {
    switch normalisation {
    case .box, .sphere: return 0.5
    case .global, .none:
      let size = try clouds.absolute().max().item()
      return size > 0 ? 0.5 / size : 0.5
    }
  }

  /// Why clouds cannot be measured; nil where they can.
  private static func damage(of row: PointClouds, points: Int) throws -> String? {
    guard row.count > 0 else { return "there are no clouds" }
    guard row.pointCount == points else {
      return "found \(row.pointCount) points a cloud, expected \(points)"
    }
    let finite = try row.clouds.isFinite().converted(to: .int32).min(along: 2).min(along: 1).sum().item()
    let damaged = row.count - Int(finite)
    return damaged > 0 ? "\(damaged) of \(row.count) clouds hold coordinates that are not finite" : nil
  }

  private static func shortage(of row: PointClouds, count: Int) -> String? {
    row.count < count ? "needs \(count) clouds, found \(row.count)" : nil
  }

  private static func notes(
    _ scores: PointScores, points: Int, count: Int, training: Int, redraws: Int,
    normalisation: PointNormalisation, gridScale: Double, seed: UInt64
  ) -> [String] {
    let each = [.box, .sphere].contains(normalisation) ? ", each cloud by itself after drawing" : ""
    var notes = [
      "\(count) clouds of each row against \(count) held-out ones, \(points) points each,"
        + " normalisation \(normalisation.rawValue)\(each), seed \(seed).",
      "CD: mean squared distance to the nearest point, both ways added.",
    ]
    if scores.pairs.count > 0 {
      let share = 100 * Double(scores.pairs.solved) / Double(scores.pairs.count)
      let quality =
        PointScores.isApproximate(points: points)
        // Rounded up: it is a promise.
        ? String(
          format: "approximate by auction, at most %.2f %% above the exact",
          (scores.largestGap * 10_000).rounded(.up) / 100)
        : "exact"
      notes.append(
        "EMD: mean distance of points matched one to one at the least total, \(quality); bounds left "
          + String(format: "%.1f %% of %d pairs to solve.", share, scores.pairs.count))
    }
    return notes + [
      "1-NNA: 50 where no neighbour tells a row from held-out clouds; below, clouds are copies of those. COV, MMD, JSD: read"
        + " them beside the training sample's, which is as good as can be.",
      "JSD: 28³ cells of the ball of radius 0.5, coordinates times "
        + String(format: "%.4g", gridScale) + "; points beyond it count for its shell.",
      "|D|train / real: CD to the nearest of \(training) training clouds over that of held-out clouds; the training sample's"
        + " to the others.",
      redraws > 1
        ? String(
          format:
            "Copies: clouds as near to a training cloud as %.0f %% of copies of its shape are, their points drawn anew.",
          100 * TrainingNearness.copyRate)
        : "Copies: not told, as no training shape was drawn again.",
    ]
  }
}
