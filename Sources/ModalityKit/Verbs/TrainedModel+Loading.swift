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

  /// The generator of the same run as the warm-up left it; nil outside a run, without a warm-up, or where the model itself
  /// is no later.
  ///
  /// - Throws: `UserError` as `init(contentsOf:)`.
  public func warmStart() throws -> TrainedModel<M>? {
    let run = file.deletingLastPathComponent().deletingLastPathComponent()
    guard let folder = try? RunFolder.open(run),
      let start = try CheckpointStore(folder: folder.checkpoints, keeping: 1).target(of: .warmStart),
      start.standardizedFileURL != file.standardizedFileURL
    else { return nil }
    let model = try TrainedModel(contentsOf: start, device: device)
    return model.step < step ? model : nil
  }

  /// Makes the generator of a checkpoint that has been read.
  ///
  /// - Throws: `UserError(.badData)` for a recipe that makes no sense or that the tensors do not fit.
  init(_ checkpoint: Checkpoint, file: URL, device: Device = .cpu) throws {
    let recipe = try M.recipe(in: checkpoint, file: file)
    let generator = try M.blaming(file, "the generator does not fit its recipe") {
      let generator = try M.makeGenerator(recipe: recipe, device: device)
      try generator.load(checkpoint.tensors(of: "averaged"))
      return generator
    }
    self.init(
      recipe: recipe, generator: generator, step: checkpoint.step, seed: checkpoint.seed, device: device,
      file: file)
  }
}

extension Modality {
  /// The recipe in a checkpoint.
  ///
  /// - Throws: `UserError(.badData)` when it is not one of this modality or makes no sense.
  static func recipe(in checkpoint: Checkpoint, file: URL) throws -> Recipe {
    do {
      return try validated(JSONValue(parsing: Array(checkpoint.recipe.utf8)).decoded(), file)
    } catch let error as JSONError {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    }
  }

  /// A recipe that a file holds: networks are made of it only when both the core and the medium find no fault.
  ///
  /// - Throws: `UserError(.badData)` that names the first fault.
  static func validated(_ recipe: Recipe, _ file: URL) throws -> Recipe {
    guard let fault = (recipe.training.faults + recipe.faults).first else { return recipe }
    throw UserError(.badData, "\(file.relativePath): the recipe in it: \(fault.key): \(fault.message)")
  }

  /// Makes networks from what a file says; what the engine refuses is then the file's fault, unless it is memory that
  /// is missing.
  ///
  /// - Throws: `UserError(.badData)` in place of such an error of the engine.
  static func blaming<Content>(_ file: URL, _ reason: String, _ make: () throws -> Content) throws -> Content
  {
    do {
      return try make()
    } catch let error as TorchError where !error.isOutOfMemory {
      throw UserError(.badData, "\(file.relativePath): \(reason): \(error.message)")
    }
  }
}
