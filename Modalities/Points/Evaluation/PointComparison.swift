import Adversarial
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// The evaluation of a model of point clouds: rows for held-out shapes, the model, and other runs beside it, all measured
/// alike.
struct PointComparison {
  private let request: EvaluationRequest<Points>
  private let options: PointEvaluateOptions
  private let model: TrainedPoints

  /// Prepares to measure.
  init(_ request: EvaluationRequest<Points>, options: PointEvaluateOptions) throws {
    self.request = request
    self.options = options
    model = try TrainedPoints(request.model)
  }

  /// Measures everything.
  ///
  /// - Throws: `UserError` where a run beside the model makes other shapes, or there are too few clouds.
  func table() throws -> EvaluationTable {
    throw UserError(.usage, "evaluate: no metrics of point clouds are there yet")
  }
}
