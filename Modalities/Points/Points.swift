import Adversarial
import ArgumentParser
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Shape as a medium: objects in space, as clouds of points on their surfaces.
public enum Points: Modality {
  /// The subcommand.
  public static let name = "points"
  /// One line of help.
  public static let summary = "Shapes as point clouds, from folders of meshes, scans and clouds."
  /// A folder of shape files.
  public static let sampleOutput = SampleOutput.files(folder: "shapes")

  /// The flags of `train`.
  public typealias TrainOptions = PointTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = PointGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = PointEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = PointRecipe
  /// Clouds, split.
  public typealias Dataset = PointDataset

  /// Beside the verbs of every medium: a walk through the latents, the exchange of parts, and given shapes as
  /// their codes tell them.
  public static var verbs: [any ParsableCommand.Type] { [Interpolate.self, Edit.self, Reconstruct.self] }

  /// Sixteen shapes, each label in turn, with a picture of all.
  public static let demonstration = ["--count", "16", "--label", "each", "--sheet"]

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> PointRecipe { PointRecipe(preset: preset) }

  /// Opens a file or folder of shapes, or makes the built-in furniture.
  public static func openDataset(_ source: DataSource, recipe: inout PointRecipe) throws -> PointDataset {
    try PointDataset(source, recipe: &recipe)
  }

  /// Networks and data.
  public static func makeGame(recipe: PointRecipe, dataset: PointDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try PointGame(recipe: recipe, dataset: dataset, seed: seed, device: device)
  }

  /// A generator to load weights into.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public static func makeGenerator(recipe: PointRecipe, device: Device) throws -> any Generator {
    try recipe.makeGenerator(seed: 0, device: device)
  }

  /// Writes one file for each cloud into a folder.
  public static func generate(
    from model: TrainedModel<Points>, request: GenerationRequest, options: PointGenerateOptions
  ) throws -> [URL] {
    try CloudWriting(model: model, options: options).write(request)
  }

  /// Measures a trained generator beside held-out shapes, other runs and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Points>, options: PointEvaluateOptions) throws
    -> EvaluationTable
  {
    try PointComparison(request, options: options).table()
  }
}
