import Adversarial
import Failures
import Files
import Foundation
import Torch

/// A trained generator with all that is known of it.
public struct TrainedModel<M: Modality> {
  /// What rebuilds the model.
  public let recipe: M.Recipe
  /// The generator: the moving average of the trained one.
  public let generator: M.Recipe.Generator
  /// The step that it was saved at.
  public let step: Int
  /// The step that the generator is of, where the run ended with an earlier one than its last.
  public let keptStep: Int
  /// The run's seed.
  public let seed: UInt64
  /// Where it lies.
  public let device: Device
  /// The checkpoint's file.
  public let file: URL
  /// How far its samples are from the data, and which of them to keep; nil where no discriminator was trained after the game.
  public let verdict: Verdict?

  /// Gathers what is known of a generator.
  public init(
    _ generator: M.Recipe.Generator, recipe: M.Recipe, step: Int, keptStep: Int? = nil, seed: UInt64,
    device: Device = .cpu, file: URL, verdict: Verdict? = nil
  ) {
    (self.generator, self.recipe, self.step, self.seed) = (generator, recipe, step, seed)
    self.keptStep = keptStep ?? step
    (self.device, self.file, self.verdict) = (device, file, verdict)
  }

  /// Loads the generator of a run or of a checkpoint.
  ///
  /// - Parameters:
  ///   - url: a run's folder, or a checkpoint file.
  ///   - pointer: which of a run's checkpoints; nil for the best or, where nothing was scored, the latest; does not matter
  ///     for a file.
  ///   - device: where to compute.
  /// - Throws: `UserError`: `.noInput` where there is nothing, `.badData` for a file that is damaged, comes from a
  ///   newer version, or belongs to another modality.
  public init(contentsOf url: URL, pointer: CheckpointStore.Pointer? = nil, device: Device = .cpu) throws {
    self = try CheckpointStore.load(url, pointer: pointer) { file in
      try Self(
        Checkpoint(contentsOf: file, modality: M.name, parts: ["averaged", "verdict"]), file: file,
        device: device)
    }
  }

  /// Makes the generator of a checkpoint that has been read.
  ///
  /// - Throws: `UserError(.badData)` for a recipe that makes no sense or that the tensors do not fit.
  init(_ checkpoint: Checkpoint, file: URL, device: Device = .cpu) throws {
    let recipe = try M.recipe(in: checkpoint, file: file)
    let generator = try M.blaming(file, "the generator does not fit its recipe") {
      let generator = try recipe.makeGenerator(seed: 0, device: device)
      try M.Recipe.coreGenerator(generator).load(checkpoint.tensors(of: "averaged"))
      return generator
    }
    let verdict = try M.blaming(file, "the verdict does not fit its recipe") {
      try checkpoint.verdict { try recipe.makeDiscriminator(seed: 0, device: device) }
    }
    self.init(
      generator, recipe: recipe, step: checkpoint.step, keptStep: checkpoint.keptStep, seed: checkpoint.seed,
      device: device, file: file, verdict: verdict)
  }

  /// Draws its samples.
  ///
  /// - Parameters:
  ///   - options: how.
  ///   - count: of how many samples one is kept, by the verdict; 1 keeps all, as does any number where there is no verdict or it
  ///     turned itself off.
  ///   - copies: what leaves out copies of training samples; nil where they stay.
  /// - Throws: `UserError` (usage) for options that the model cannot follow.
  public func sampler(_ options: M.Sampling, oneOf count: Int = 1, withoutCopies copies: CopyFilter? = nil)
    throws -> Sampler<M>
  {
    try Sampler(
      generator, recipe: recipe, device: device, options: options, selection: selection(oneOf: count),
      copies: copies)
  }

  /// Keeps one of so many samples; nil where all are kept.
  ///
  /// - Parameter count: at least 1.
  public func selection(oneOf count: Int) -> Selection? {
    guard count > 1, let verdict, verdict.record.isUseful else { return nil }
    return verdict.selection(oneOf: count)
  }

  /// What keeping one of so many samples does, or why it does nothing: a sentence.
  ///
  /// - Parameter count: more than 1.
  public func selectionSentence(oneOf count: Int) -> String {
    let flag = "--select \(count)"
    guard let verdict else {
      return
        "\(flag): this checkpoint has no verdict, so no sample is left out; a run has one when it ends, unless it is "
        + "trained with --no-verdict"
    }
    guard let selection = selection(oneOf: count) else {
      return "\(flag): the verdict is \(verdict.record.summary), so no sample is left out"
    }
    let outlook = selection.outlook
    return String(
      format:
        "%@: keeps %.1f %% of samples; effective sample size %.0f %% of those kept; left to the data: total variation %.3f, "
        + "divergence %.3f nats a sample (before: %.3f)",
      flag, 100 * outlook.acceptance, 100 * outlook.effectiveShare, outlook.totalVariation,
      outlook.divergence,
      verdict.selection(oneOf: 1).outlook.divergence)
  }

  /// The generator of the same run as its game began with: as the warm-up left it or, without a warm-up, untrained. Nil
  /// outside a run, and where the model itself is no later.
  ///
  /// - Throws: `UserError` as `init(contentsOf:)`.
  public func start() throws -> TrainedModel<M>? {
    let run = file.deletingLastPathComponent().deletingLastPathComponent()
    guard let folder = try? RunFolder.open(run),
      let start = try CheckpointStore(folder: folder.checkpoints, keeping: 1).target(of: .start),
      start.standardizedFileURL != file.standardizedFileURL
    else { return nil }
    let model = try TrainedModel(contentsOf: start, device: device)
    return model.step < step ? model : nil
  }
}

extension Modality {
  /// The recipe in a checkpoint.
  ///
  /// - Throws: `UserError(.badData)` when it is not one of this modality or makes no sense.
  static func recipe(in checkpoint: Checkpoint, file: URL) throws -> Recipe {
    do {
      let recipe = try recipe(from: JSONValue(parsing: Array(checkpoint.recipe.utf8)))
      // Other keys may have come later than the file; without what its data decided it fits no network.
      guard recipe.spec != nil else {
        throw JSONMismatch(key: "spec", message: "found nothing, expected what the data decided")
      }
      return try validated(recipe, file)
    } catch let error as JSONError {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): the recipe in it: \(error)")
    }
  }

  /// Reads a recipe that this or an earlier version has written; keys that the earlier one did not know have the values of
  /// the defaults.
  ///
  /// - Throws: `JSONMismatch` where it is none.
  static func recipe(from document: JSONValue) throws -> Recipe {
    let defaults = try JSONValue(encoding: recipe(preset: RunRequest<Self>.defaultPreset))
    var document = document
    while true {
      do {
        return try document.decoded()
      } catch let missing as JSONMismatch {
        // Only what is not there at all is filled in, and each key once, so that this ends.
        guard document[dotted: missing.key] == nil, let value = defaults[dotted: missing.key] else {
          throw missing
        }
        document[dotted: missing.key] = value
      }
    }
  }

  /// A recipe that a file holds: networks are made of it only when both the core and the medium find no fault.
  ///
  /// - Throws: `UserError(.badData)` that names the first fault.
  static func validated(_ recipe: Recipe, _ file: URL) throws -> Recipe {
    guard let fault = recipe.faults.first else { return recipe }
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
