import Failures
import Foundation
import Metrics
import ModalityKit
import PointDatasets
import Torch

/// The evaluation of a model of point clouds: rows for a sample of the training shapes, the model, what its game
/// began with, other runs beside it, and a model without a network, all measured alike against held-out shapes.
struct PointComparison {
  /// Training shapes that metrics compare with, at most; a larger set is thinned evenly.
  private static let trainingLimit = 2_000
  /// Held-out shapes that are compared with, at most: the cost grows with the square of their number.
  private static let heldOutLimit = 500
  /// How often the training shapes' points are drawn again, to tell what a copy is.
  private static let redraws = 4

  private let request: EvaluationRequest<Points>
  private let options: PointEvaluateOptions
  private let model: TrainedPoints
  private let points: Int

  /// Prepares to measure.
  ///
  /// - Throws: `UserError` (usage) for a normalisation that the model was not trained under.
  init(_ request: EvaluationRequest<Points>, options: PointEvaluateOptions) throws {
    self.request = request
    self.options = options
    model = try TrainedPoints(request.model)
    points = options.points ?? model.format.points
    let normalisation = model.format.frame.normalisation
    if let asked = options.normalisation, asked != normalisation {
      throw UserError(
        .usage,
        "--normalize \(asked.rawValue): the model was trained under \(normalisation.rawValue), and numbers of different "
          + "normalisations cannot be compared")
    }
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where a run beside the model makes other shapes, or there are too few of them.
  func table() throws -> EvaluationTable {
    let corpus = request.dataset.corpus
    let heldOut = try real(corpus.heldOut, limit: Self.heldOutLimit, named: "held-out real")
    let count = request.count ?? heldOut.count
    var rows = [
      try generated(model.sampler, count: count, named: "this model (\(description(of: request.model)))")
    ]
    if let generator = model.generator as? LatentGenerator {
      let untrained = try generator.untrained(as: model.recipe, seed: request.model.seed)
      rows.append(
        try generated(
          PointSampler(
            untrained, recipe: model.recipe, format: model.format, device: request.model.device),
          count: count, named: "before the game"))
    }
    if let warmStart = request.warmStart {
      rows.append(
        try generated(
          TrainedPoints(warmStart).sampler, count: count, named: "warm start (\(description(of: warmStart)))")
      )
    }
    for path in options.beside { rows.append(try beside(path, count: count)) }
    let redrawn = try (1...Self.redraws).map {
      try real(corpus.training, limit: Self.trainingLimit, named: "", draw: UInt64($0)).clouds
    }
    var table = try PointEvaluation.table(
      rows: rows, training: real(corpus.training, limit: Self.trainingLimit, named: "training"),
      redrawn: redrawn, heldOut: heldOut, normalisation: model.format.frame.normalisation, seed: request.seed)
    for (part, set, limit) in [
      ("Training", corpus.training, Self.trainingLimit), ("Held out", corpus.heldOut, Self.heldOutLimit),
    ] where set.count > limit {
      table.notes.append("\(part): \(limit) of \(set.count) shapes, evenly spread.")
    }
    if let note = options.labels.note(classes: model.format.labels.count) { table.notes.append(note) }
    if options.truncation != 1 { table.notes.append("Latents were multiplied by \(options.truncation).") }
    return table
  }

  private func description(of model: TrainedModel<Points>) -> String {
    "\(model.recipe.network.rawValue), step \(model.step)"
  }

  /// A run that is measured like the model.
  private func beside(_ path: String, count: Int) throws -> PointClouds {
    let url = URL(fileURLWithPath: path)
    let other = try TrainedModel<Points>(contentsOf: url, device: request.model.device)
    let points = try TrainedPoints(other)
    guard points.format.frame == model.format.frame, points.format.labels == model.format.labels else {
      throw UserError(
        .badData,
        "--beside \(path): found \(points.format.summary), expected the model's \(model.format.summary)")
    }
    return try generated(
      points.sampler, count: count, named: "\(url.lastPathComponent) (\(description(of: other)))")
  }

  private func generated(_ sampler: PointSampler, count: Int, named name: String) throws -> PointClouds {
    let training = request.dataset.corpus.training
    let labels = options.labels.choice(
      of: (0..<training.count).lazy.map { training.label(at: $0) }, classes: model.format.labels.count)
    let drawn = try sampler.tensor(
      count: count, points: points, seed: request.seed, labels: labels, truncation: options.truncation)
    return PointClouds(
      name: name, source: .model, clouds: drawn.clouds,
      fixedLabels: options.labels.areEqual ? drawn.labels : nil,
      seed: request.seed)
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
