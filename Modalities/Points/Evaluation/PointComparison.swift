import Failures
import Foundation
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// The evaluation of models of point clouds: rows for a sample of the training shapes, the models of a request, and a model
/// without a network, all measured alike against held-out shapes.
struct PointComparison {
  /// Training shapes that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 2_000
  /// Held-out shapes that are compared with, at most: the cost grows with the square of their number.
  private static let heldOutLimit = 500
  /// How often the training shapes' points are drawn again, to tell what a copy is.
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
    let heldOut = try real(corpus.heldOut, limit: Self.heldOutLimit, named: "held-out real")
    let rows = try request.models.map { row in
      let drawn = try request.tensor(of: row, count: heldOut.count, options: PointSampling(points: points))
      return PointClouds(
        name: row.name, source: .model, clouds: drawn.tensor,
        fixedLabels: request.hasEqualLabels ? drawn.labels : nil, seed: request.seed)
    }
    let redrawn = try (1...Self.redraws).map {
      try real(corpus.training, limit: Self.trainingLimit, named: "", draw: UInt64($0)).clouds
    }
    var table = try PointEvaluation.table(
      rows: rows, training: real(corpus.training, limit: Self.trainingLimit, named: "training"),
      redrawn: redrawn, heldOut: heldOut, normalisation: spec.frame.normalisation, seed: request.seed)
    table.notes += request.gameEffects(in: table)
    table.notes += [
      ("Training", corpus.training, Self.trainingLimit), ("Held out", corpus.heldOut, Self.heldOutLimit),
    ]
    .compactMap { part, set, limit in
      EvaluationRequest<Points>.thinningNote(part, looked: limit, of: set.count, samples: "shapes")
    }
    return table
  }

  /// Shapes of a part, evenly spread, with points drawn the same way each time.
  private func real(_ set: PointSet, limit: Int, named name: String, draw: UInt64 = 0) throws -> PointClouds {
    let places = EvenSpread.places(limit, outOf: set.count)
    var coordinates: [Float] = []
    coordinates.reserveCapacity(places.count * points * 3)
    for place in places {
      var stream = RandomStream(seed: draw, step: place, name: "evaluation points")
      coordinates += try set.points(at: place, count: points, draw: stream.next())
    }
    return PointClouds(
      name: name, source: .real, clouds: try Tensor(coordinates, shape: [places.count, points, 3]))
  }
}
