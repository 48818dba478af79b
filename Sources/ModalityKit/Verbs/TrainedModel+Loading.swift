import Adversarial
import Failures
import Files
import Foundation
import Torch

extension TrainedModel {
  /// Loads the generator of a run or of a checkpoint: all that is needed to make samples in a program of one's own.
  ///
  /// ```swift
  /// let model = try TrainedModel<Text>(contentsOf: URL(fileURLWithPath: "runs/names"))
  /// ```
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint file.
  ///   - pointer: which of a run's checkpoints; does not matter for a file.
  ///   - device: where to compute.
  /// - Throws: `UserError`: `.noInput` where there is nothing, `.badData` for a file that is damaged, comes from a
  ///   newer version, or belongs to another modality.
  public init(contentsOf url: URL, pointer: CheckpointStore.Pointer = .latest, device: Device = .cpu) throws {
    self = try CheckpointStore.load(url, pointer: pointer) { file in
      try Self(Checkpoint(contentsOf: file, modality: M.name), file: file, device: device)
    }
  }

  private init(_ checkpoint: Checkpoint, file: URL, device: Device) throws {
    let recipe = try M.recipe(in: checkpoint, file: file)
    let generator = try M.makeGenerator(recipe: recipe, device: device)
    do {
      try generator.load(checkpoint.tensors(of: "averaged"))
    } catch let error as TorchError {
      throw UserError(
        .badData, "\(file.relativePath): the generator does not fit its recipe: \(error.message)")
    }
    self.init(
      recipe: recipe, generator: generator, step: checkpoint.step, seed: checkpoint.seed, device: device,
      file: file)
  }
}

extension Modality {
  /// The recipe in a checkpoint.
  ///
  /// - Throws: `UserError(.badData)` when it is not one of this modality.
  static func recipe(in checkpoint: Checkpoint, file: URL) throws -> Recipe {
    do {
      return try JSONValue(parsing: Array(checkpoint.recipe.utf8)).decoded()
    } catch let error as JSONError {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    }
  }
}

extension CheckpointStore.Pointer {
  /// The spelling of each on the command line.
  static var spellings: [String] { allCases.map(\.rawValue) }
}
