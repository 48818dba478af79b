import Adversarial
import ArgumentParser
import Foundation
import Torch

/// What a medium brings. Everything else is shared: training, checkpoints, the command line.
///
/// A modality is a namespace of static members, named once in the registry. `docs/adding-a-modality.md` walks
/// through a small one.
public protocol Modality: Sendable {
  /// The registry's key and the subcommand: lower-case letters, as in `audio`.
  static var name: String { get }
  /// One line of help.
  static var summary: String { get }
  /// What the medium's samples are written to.
  static var sampleOutput: SampleOutput { get }

  /// The plugin's own flags of `train`; each becomes a setting of the recipe.
  associatedtype TrainOptions: ModalityTrainOptions
  /// The plugin's own flags of `generate`.
  associatedtype GenerateOptions: ParsableArguments
  /// The plugin's own flags of `evaluate`.
  associatedtype EvaluateOptions: ParsableArguments
  /// Everything that rebuilds the model; stored in each run and checkpoint.
  associatedtype Recipe: ModalityRecipe
  /// Real samples, opened from files or made by the built-in procedure.
  associatedtype Dataset

  /// Commands that only this medium has, beside train, generate, evaluate and info.
  static var verbs: [any ParsableCommand.Type] { get }

  /// The flags of `generate` in `duel demo`: a number of samples worth looking at or listening to.
  static var demonstration: [String] { get }

  /// Minutes of training in `duel demo`, at most: how long the medium needs to show something.
  static var demonstrationMinutes: Double { get }

  /// The recipe of a preset, before data, file and flags.
  static func recipe(preset: Preset) -> Recipe

  /// Opens the user's data, or makes the built-in set when `source.path` is nil, and completes the recipe with what
  /// only the data can tell, such as a vocabulary.
  ///
  /// What a recipe says already stays as it is: a run that is resumed or evaluated opens its data with a recipe that is
  /// complete, and the data is then read as the model knows it.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  static func openDataset(_ source: DataSource, recipe: inout Recipe) throws -> Dataset
  /// One or a few lines that say what the data is: counts, what was dropped, how it was split.
  static func describe(_ dataset: Dataset) -> [String]
  /// Samples that choose while training, none of which is trained on or held out; 0 where the data is too small for a
  /// part of its own, and held-out samples choose.
  static func validationCount(_ dataset: Dataset) -> Int
  /// A fingerprint of the data, all parts of it: a run refuses to go on with other data.
  static func fingerprint(_ dataset: Dataset) -> String

  /// Networks and data as the trainer needs them, a pure function of recipe, data and seed.
  static func makeGame(recipe: Recipe, dataset: Dataset, seed: UInt64, device: Device) throws -> any Game
  /// A generator with the recipe's architecture whose weights will be loaded from a checkpoint.
  static func makeGenerator(recipe: Recipe, device: Device) throws -> any Generator

  /// Writes `count` samples of a trained generator, in memory that does not grow with the count. The same seed gives
  /// the same bytes.
  ///
  /// - Returns: the files written, empty when the samples went to standard output.
  static func generate(from model: TrainedModel<Self>, request: GenerationRequest, options: GenerateOptions)
    throws
    -> [URL]
  /// Measures trained generators beside held-out data and classical baselines.
  static func evaluate(_ request: EvaluationRequest<Self>, options: EvaluateOptions) throws -> EvaluationTable
}

extension Modality {
  /// None.
  public static var verbs: [any ParsableCommand.Type] { [] }
  /// A thousand samples.
  public static var demonstration: [String] { ["--count", "1000"] }
  /// As many as the demo is given.
  public static var demonstrationMinutes: Double { .infinity }
}

/// What the samples of a medium are written to.
public enum SampleOutput: Hashable, Sendable {
  /// Text: standard output, or a file of this name where a file is wanted.
  case text(file: String)
  /// Files of their own: a folder of this name unless the user gives another.
  case files(folder: String)

  /// The name of the file or the folder.
  var name: String {
    switch self {
    case .text(let name), .files(let name): name
    }
  }
}

/// The size of a model and of its training, named.
public enum Preset: String, CaseIterable, Sendable, Codable, ExpressibleByArgument {
  /// Trains in a minute or two on two cores: for demonstrations and tests.
  case tiny
  /// Trains in about ten minutes on two cores.
  case small
  /// Wants a GPU.
  case base
  /// Wants a GPU and patience: the largest model that the medium has a recipe for.
  case large
}

/// A modality's recipe: what the core needs to train, beside what the medium's networks need.
public protocol ModalityRecipe: Codable, Equatable, Sendable {
  /// Losses, optimisers, schedules, averaging: the core's part.
  var training: TrainingRecipe { get set }
  /// What makes no sense in the medium's own part, with keys as in the recipe's document.
  var faults: [RecipeFault] { get }
}

extension ModalityRecipe {
  /// None.
  public var faults: [RecipeFault] { [] }
}

/// Flags of a plugin that set values of its recipe.
public protocol ModalityTrainOptions: ParsableArguments {
  /// The settings that the user gave, in the order of the flags; flags not given are left out.
  var settings: [Setting] { get }
}
