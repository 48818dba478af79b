import Adversarial
import Failures
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// A trained generator of point clouds, for programs of one's own.
///
/// ```swift
/// let points = try TrainedPoints(contentsOf: URL(fileURLWithPath: "runs/chairs"))
/// for (number, cloud) in try points.clouds(count: 5, seed: 1).enumerated() {
///   try ShapeFile.write(cloud, to: URL(fileURLWithPath: "\(number).ply"), format: .ply)
/// }
/// ```
///
/// The same checkpoint, seed and number of threads give the same clouds.
public struct TrainedPoints {
  /// What rebuilds the model.
  public let recipe: PointRecipe
  /// Points, frame and labels.
  public let format: PointFormatRecipe
  /// The network.
  public let generator: any PointGenerator
  /// Draws clouds.
  public let sampler: PointSampler

  /// Loads the generator of a run or of a checkpoint.
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint file.
  ///   - pointer: which of a run's checkpoints; does not matter for a file.
  ///   - device: where to compute.
  /// - Throws: `UserError`: no input where there is nothing; bad data for a file that is damaged, comes from a newer
  ///   version, or belongs to another modality.
  public init(contentsOf url: URL, pointer: CheckpointStore.Pointer = .latest, device: Device = .cpu) throws {
    try self.init(TrainedModel<Points>(contentsOf: url, pointer: pointer, device: device))
  }

  init(_ model: TrainedModel<Points>) throws {
    guard let generator = model.generator as? any PointGenerator else {
      throw TorchError("the generator makes no point clouds")
    }
    self.generator = generator
    recipe = model.recipe
    format = try model.recipe.completeFormat()
    sampler = PointSampler(generator, recipe: recipe, format: format, device: model.device)
  }

  /// Draws clouds.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - points: of each; nil for as many as in training.
  ///   - seed: what determines them; the first clouds do not depend on the count.
  ///   - label: a label's name, or `each` for one after the other; nil for any.
  ///   - truncation: what latents are multiplied by: below 1 shapes are more typical and less varied.
  /// - Throws: `UserError` (usage) for an unknown label, and for more points than the network makes.
  public func clouds(
    count: Int, points: Int? = nil, seed: UInt64, label: String? = nil, truncation: Double = 1
  ) throws -> [PointCloud] {
    try sampler.clouds(
      count: count, points: points, seed: seed, labels: LabelChoice(label, labels: format.labels),
      truncation: truncation)
  }
}
