import Adversarial
import ArgumentParser
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
      ["1-NNA-CD", "1-NNA-EMD", "COV-CD", "COV-EMD", "Z_U"], heldOut: minimum, training: minimum),
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
  ///   - normalisation: the rule that the clouds follow.
  ///   - seed: of all draws: what is compared of larger sets, resamples, and the classical model.
  /// - Returns: the table, with notes on how its columns are to be read.
  /// - Throws: `UserError` of category `badData` where training or held-out clouds are none, not finite, or of another number
  ///   of points.
  public static func table(
    rows: [PointClouds], training: PointClouds, redrawn: [Tensor] = [], heldOut: PointClouds,
    normalisation: PointNormalisation, seed: UInt64
  ) throws -> EvaluationTable {
    try measure(
      rows: rows, training: training, redrawn: redrawn, heldOut: heldOut, normalisation: normalisation,
      seed: seed
    ).table
  }

  /// The table, and the two-sample tests of the rows.
  static func measure(
    rows: [PointClouds], training: PointClouds, redrawn: [Tensor], heldOut: PointClouds,
    normalisation: PointNormalisation, seed: UInt64
  ) throws -> (table: EvaluationTable, twoSample: [TwoSampleColumns.Measurement]) {
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

    var table = EvaluationTable(columns: PointScores.columns(points: points) + twoSample.columns)
    func measured(
      _ clouds: Tensor, strata: Strata? = nil, trainingIndices indices: [Int]? = nil
    ) throws -> (scores: [String: EvaluationTable.Cell], test: TwoSampleColumns.Measurement) {
      let test = try twoSample.measure(clouds)
      let cells = try scores.measure(clouds, strata: strata, trainingIndices: indices)
      return (cells.merging(test.cells) { $1 }, test)
    }
    // What all rows are compared with takes about as long as one of them.
    WorkLine.advance()
    func add(_ row: PointClouds, count: Int, _ values: [String: EvaluationTable.Cell]) {
      WorkLine.advance()
      table.add(
        .init(name: row.name, source: row.source, sampleCount: count, seed: row.seed, values: values))
    }
    let indices = draws.indices(count, outOf: trained.count)
    add(
      PointClouds(name: "training sample", source: .real, clouds: trained.clouds, seed: seed), count: count,
      try measured(trained.clouds.gathered(at: Tensor(indices)), trainingIndices: indices).scores)
    // Rows of the same clouds, as of a run that ends with the generator that its game began with, are measured once.
    var known:
      [(clouds: PointClouds, cells: [String: EvaluationTable.Cell], test: TwoSampleColumns.Measurement)] =
        []
    for row in rows {
      if let damage = try damage(of: row, points: points) ?? shortage(of: row, count: count) {
        add(row, count: row.count, table.columns.missing(reason: damage))
        tests.append(twoSample.missing(damage))
      } else {
        let drawn = try row.drawn(count, using: &draws).normalised(normalisation)
        let same = try known.first {
          try $0.clouds.clouds.isEqual(to: drawn.clouds) && $0.clouds.fixedLabels == drawn.fixedLabels
        }
        let (cells, test) =
          try same.map { ($0.cells, $0.test) } ?? measured(drawn.clouds, strata: drawn.strata)
        if same == nil { known.append((drawn, cells, test)) }
        add(row, count: count, cells)
        tests.append(test)
      }
    }
    if trained.count >= fewestTraining {
      let mixture = try baseline(trained, count: count, seed: seed).normalised(normalisation)
      add(mixture, count: count, try measured(mixture.clouds).scores)
    }
    table.notes =
      notes(
        scores, points: points, count: count, training: trained.count, redraws: redrawn.count,
        normalisation: normalisation, gridScale: gridScale, seed: seed) + twoSample.notes
      + [EvaluationTable.errorMeaning]
    return (table, tests)
  }

  /// Draws from a model of the training clouds without a network.
  private static func baseline(_ training: PointClouds, count: Int, seed: UInt64) throws -> PointClouds {
    var stream = RandomStream(seed: seed, name: "evaluation mixture")
    let model = try MixtureOfShapes(training.clouds, using: &stream)
    return PointClouds(
      name: "Gaussian mixture of matched shapes", source: .baseline,
      clouds: try model.clouds(count, using: &stream), seed: seed)
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

/// The flags of `duel points evaluate`, beside those that all media share.
public struct PointEvaluateOptions: ModalitySamplingOptions {
  @Option(
    help: ArgumentHelp(
      "Points of every cloud that is measured. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    name: .customLong("normalize"),
    help: "The normalisation that the numbers are meant for: any other than the model's is refused.")
  var normalisation: PointNormalisation?

  @Option(
    help: ArgumentHelp(
      "How NumPy arrays of --data lie: last, first or grid. (default: as in training)", valueName: "order"))
  var axes: ArrayAxes?

  @Option(
    help: ArgumentHelp(
      "The array of NPZ files of --data that have several. (default: as in training)", valueName: "name"))
  var array: String?

  /// How clouds are drawn.
  public var sampling: PointSampling { PointSampling(points: points) }

  /// How arrays of other data lie.
  public var dataSettings: [Setting] {
    [
      Setting("data.axes", axes, flag: "--axes"), Setting("data.array", array, flag: "--array"),
    ].compactMap(\.self)
  }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    if let points, !(16...65_536).contains(points) {
      throw ValidationError("--points \(points): expected 16 to 65536")
    }
  }
}

/// The evaluation of models of point clouds: rows for a sample of the training shapes, the models of a request, and a model
/// without a network, all measured alike against held-out shapes.
struct PointComparison {
  /// Training shapes that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 2_000
  /// Held-out shapes that are compared with, at most: the cost grows with the square of their number.
  private static let heldOutLimit = 500
  /// How often the training shapes' points are drawn again, to calibrate the rule for copies.
  private static let redraws = 4

  private let request: EvaluationRequest<Points>
  private let options: PointEvaluateOptions
  private let spec: PointSpec
  private let points: Int

  /// Prepares to measure.
  ///
  /// - Throws: `UserError` (usage) for a normalisation that the model was not trained under.
  init(_ request: EvaluationRequest<Points>, options: PointEvaluateOptions) throws {
    self.request = request
    self.options = options
    spec = try request.model.recipe.completeSpec()
    points = options.points ?? spec.points
    let normalisation = spec.frame.normalisation
    if let asked = options.normalisation, asked != normalisation {
      throw UserError(
        .usage,
        "--normalize \(asked.rawValue): the model was trained under \(normalisation.rawValue), and numbers of different "
          + "normalisations cannot be compared")
    }
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where there are too few shapes.
  func table() throws -> EvaluationTable {
    let corpus = request.dataset.corpus
    let heldOut = try PointClouds(
      corpus.heldOut, limit: Self.heldOutLimit, points: points, named: "held-out real")
    var rows: [PointClouds] = []
    for (index, row) in request.models.enumerated() {
      if var same = try request.twin(of: index).map({ rows[$0] }) {
        same.name = row.name
        rows.append(same)
        continue
      }
      let drawn = try request.tensor(of: row, count: heldOut.count, options: PointSampling(points: points))
      rows.append(
        PointClouds(
          name: row.name, source: .model, clouds: drawn.tensor,
          fixedLabels: request.hasEqualLabels ? drawn.labels : nil, seed: request.seed))
    }
    let redrawn = try (1...Self.redraws).map {
      try PointClouds(
        corpus.training, limit: Self.trainingLimit, points: points, named: "", draw: UInt64($0)
      ).clouds
    }
    let measured = try PointEvaluation.measure(
      rows: rows,
      training: PointClouds(
        corpus.training, limit: Self.trainingLimit, points: points, named: "training"),
      redrawn: redrawn, heldOut: heldOut, normalisation: spec.frame.normalisation, seed: request.seed)
    var table = measured.table
    table.notes += request.gameEffects(in: table) {
      TwoSampleColumns.Measurement.pairedErrors(measured.twoSample, $0)
    }
    table.notes += request.thinningNotes(
      training: Self.trainingLimit, heldOut: Self.heldOutLimit, noun: "shapes")
    return table
  }
}
