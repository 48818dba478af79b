import ArgumentParser
import Failures
import Metrics
import ModalityKit
import PointDatasets
import Torch

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
  private static let heldOutLimit = 700
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
    // More of each, for densities.
    var wider: [PointClouds] = []
    let wide = min(corpus.training.count, UnseenLikelihood.limit)
    for (index, row) in request.models.enumerated() {
      if let twin = try request.twin(of: index) {
        var same = rows[twin]
        same.name = row.name
        rows.append(same)
        wider.append(wider[twin])
        continue
      }
      func drawn(_ count: Int) throws -> PointClouds {
        let drawn = try request.tensor(of: row, count: count, options: PointSampling(points: points))
        return PointClouds(
          name: row.name, source: .model, clouds: drawn.tensor,
          fixedLabels: request.hasEqualLabels ? drawn.labels : nil, labels: drawn.labels, seed: request.seed)
      }
      rows.append(try drawn(heldOut.count))
      wider.append(wide > rows[index].count && request.count == nil ? try drawn(wide) : rows[index])
    }
    let redrawn = try (1...Self.redraws).map {
      try PointClouds(
        corpus.training, limit: Self.trainingLimit, points: points, named: "", draw: UInt64($0)
      ).clouds
    }
    let measured = try PointEvaluation.measure(
      rows: rows, wider: wider,
      training: PointClouds(
        corpus.training, limit: Self.trainingLimit, points: points, named: "training"),
      redrawn: redrawn, heldOut: heldOut, labelNames: spec.labels, normalisation: spec.frame.normalisation,
      seed: request.seed)
    var table = measured.table
    let sentences = measured.unseen.compactMap { UnseenLikelihood.sentence($0, name: $1) }
    table.notes += sentences
    table.notes += request.gameEffects(in: table) {
      TwoSampleColumns.Measurement.pairedErrors(measured.twoSample, $0)
    }
    table.notes += request.thinningNotes(
      training: Self.trainingLimit, heldOut: Self.heldOutLimit, noun: "shapes")
    return table
  }
}
