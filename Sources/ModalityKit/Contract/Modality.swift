import Adversarial
import ArgumentParser
import Foundation
import Metrics
import Pictures
import Torch

/// What a medium brings. Everything else is shared: runs, sampling, evaluation rows, the command line.
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

  /// The medium's own flags of `train`; each becomes a setting of the recipe.
  associatedtype TrainOptions: ModalityTrainOptions
  /// The medium's own flags of `generate`.
  associatedtype GenerateOptions: ModalitySamplingOptions
  /// The medium's own flags of `evaluate`.
  associatedtype EvaluateOptions: ModalitySamplingOptions
  where EvaluateOptions.Sampling == GenerateOptions.Sampling
  /// Everything that rebuilds the model; stored in each run and checkpoint.
  associatedtype Recipe: ModalityRecipe
  /// Real samples, opened from files or made by the built-in procedure.
  associatedtype Dataset: ModalityDataset
  /// One sample as users get it: a line, a clip, a cloud.
  associatedtype Sample

  /// Commands that only this medium has, beside train, generate, evaluate, info and inspect.
  static var verbs: [any ParsableCommand.Type] { get }
  /// The flags of `generate` in `duel demo`: a number of samples worth looking at or listening to.
  static var demonstration: [String] { get }

  /// Minutes of training in `duel demo`, at most: how long the medium needs to show something.
  static var demonstrationMinutes: Double { get }

  /// The recipe of a preset, before data, file and flags.
  static func recipe(preset: Preset) -> Recipe

  /// Parts of a batch that are computed at the same time, where the user does not say: more than 1 only where losses are means over
  /// samples (`Game.lossWeight(at:)`), and where a game's batches, losses and networks may be asked for by several threads at a time.
  static var usualParts: Int { get }

  /// Opens the user's data, or makes the built-in set when `source.path` is nil, and completes the recipe with what
  /// the data decides, such as a vocabulary.
  ///
  /// What a recipe holds already stays as it is: a run that is resumed or evaluated opens its data with a recipe that is
  /// complete, and the data is then read with the model's settings.
  /// - Throws: `UserError` that names the file and where in it data is missing or malformed.
  static func openDataset(_ source: DataSource, recipe: inout Recipe) throws -> Dataset

  /// Reads the user's files one by one, without dividing them, for `inspect`: a single file will do.
  ///
  /// - Parameters:
  ///   - source: the data; its path is given.
  ///   - recipe: how files are read, as in `openDataset`.
  /// - Returns: nil where `inspect` shows only what `openDataset` finds.
  /// - Throws: `UserError` where nothing can be read; single files that cannot are faults of the inspection.
  static func inspect(_ source: DataSource, recipe: Recipe) throws -> Inspection?

  /// Fits values of a new run's recipe to its data, such as the batch to the length of samples: a pure function of both.
  ///
  /// - Parameters:
  ///   - recipe: the recipe, completed by the data.
  ///   - dataset: the data.
  ///   - isGiven: whether a dotted key was given by the user, whose values stay as they are.
  static func fit(_ recipe: inout Recipe, to dataset: Dataset, isGiven: (String) -> Bool)

  /// A data set of fewer samples, for steps that are tried where preparing all samples for a game would take long.
  ///
  /// - Parameters:
  ///   - dataset: a data set of the recipe.
  ///   - limit: samples of each part, at most.
  ///   - recipe: the recipe, completed by the data; is changed to suit as few.
  /// - Returns: nil where a game needs no preparation.
  static func thinned(_ dataset: Dataset, to limit: Int, recipe: inout Recipe) throws -> Dataset?

  /// Networks and data as the trainer needs them, a pure function of recipe, data and seed.
  static func makeGame(recipe: Recipe, dataset: Dataset, seed: UInt64, device: Device) throws -> any Game

  /// What the checkpoints of a recipe that is complete hold of the training samples; empty for nothing. There is no default:
  /// what a medium does not say would pass for nothing.
  static func heldData(_ recipe: Recipe) throws -> [HeldData]

  /// Samples that a generator draws at a time. Part of what a seed means.
  static var chunkSize: Int { get }
  /// Refuses options that a model does not support, before anything is sampled.
  ///
  /// - Throws: `UserError` (usage) that names the flag.
  static func check(_ options: Sampling, generator: Recipe.Generator, recipe: Recipe) throws
  /// Draws a chunk of samples `[B, ...]`, without gradients.
  static func draw(
    _ chunk: LatentChunk, generator: Recipe.Generator, recipe: Recipe, options: Sampling
  ) throws -> Tensor
  /// What a discriminator takes of samples that `draw` returned, such as one-hot vectors of symbols.
  ///
  /// - Parameters:
  ///   - samples: what `draw` returned, moved to the CPU.
  ///   - chunk: what they were drawn from.
  ///   - generator: what drew them.
  ///   - recipe: what rebuilds it.
  static func judged(
    _ samples: Tensor, of chunk: LatentChunk, generator: Recipe.Generator, recipe: Recipe
  ) throws -> Tensor
  /// The samples of a tensor that `draw` returned, moved to the CPU.
  static func samples(of tensor: Tensor, recipe: Recipe) throws -> [Sample]
  /// Samples that a preview shows, and that `duel watch` draws.
  static var previewCount: Int { get }
  /// Samples as people look at them or listen to them, in plain data.
  static func previewItems(of samples: [Sample], recipe: Recipe) throws -> [PreviewItem]
  /// How near samples lie to the training samples of a data set, by the measure of the medium's evaluation; nil where it has
  /// none, and `generate --no-copies` is then refused.
  ///
  /// - Parameters:
  ///   - dataset: whose training part samples are compared with, in bounded memory.
  ///   - recipe: the model's.
  ///   - options: how samples are drawn.
  static func trainingDistances(in dataset: Dataset, recipe: Recipe, options: Sampling) throws
    -> TrainingDistances?

  /// Writes the samples of a request, in memory that does not grow with their number.
  ///
  /// - Returns: the files written, empty when the samples went to standard output.
  static func generate(_ request: GenerationRequest<Self>, options: GenerateOptions) throws -> [URL]
  /// What columns of an evaluation need of the data, so that what few samples will lack is said before the training.
  ///
  /// - Parameter hasLabels: whether the data has several labels; without, columns of labels are not named.
  static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed]
  /// Measures models beside held-out data and classical baselines: what the data has too few samples for is missing in the
  /// table.
  static func evaluate(_ request: EvaluationRequest<Self>, options: EvaluateOptions) throws -> EvaluationTable
}

extension Modality {
  /// How a medium's samples are drawn, beside seed, labels and truncation.
  public typealias Sampling = GenerateOptions.Sampling

  /// None.
  public static var verbs: [any ParsableCommand.Type] { [] }
  /// A thousand samples.
  public static var demonstration: [String] { ["--count", "1000"] }
  /// Games need no preparation.
  public static func thinned(_ dataset: Dataset, to limit: Int, recipe: inout Recipe) throws -> Dataset? {
    nil
  }
  /// Columns need nothing.
  public static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed] { [] }
  /// The whole batch at once.
  public static var usualParts: Int { 1 }
  /// As many as the demo is given.
  public static var demonstrationMinutes: Double { .infinity }
  /// The samples themselves.
  public static func judged(
    _ samples: Tensor, of chunk: LatentChunk, generator: Recipe.Generator, recipe: Recipe
  ) throws -> Tensor { samples }
  /// No measure.
  public static func trainingDistances(in dataset: Dataset, recipe: Recipe, options: Sampling) throws
    -> TrainingDistances?
  { nil }
  /// What `openDataset` finds.
  public static func inspect(_ source: DataSource, recipe: Recipe) throws -> Inspection? { nil }
  /// All options are followed.
  public static func check(_ options: Sampling, generator: Recipe.Generator, recipe: Recipe) throws {}
  /// Leaves presets as they are.
  public static func fit(_ recipe: inout Recipe, to dataset: Dataset, isGiven: (String) -> Bool) {}
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
  /// Needs a GPU.
  case base
  /// Needs a GPU: the largest model that the medium has a recipe for.
  case large
}

/// Flags of a medium that set values of its recipe.
public protocol ModalityTrainOptions: ParsableArguments {
  /// The settings that the user gave, in the order of the flags; flags not given are left out.
  var settings: [Setting] { get }
}

/// Flags of a medium for verbs that sample.
public protocol ModalitySamplingOptions: ParsableArguments {
  /// How samples are drawn, beside seed, labels and truncation, which all media share.
  associatedtype Sampling: Sendable
  /// What the flags say of it.
  var sampling: Sampling { get }
  /// Samples that they ask for instead of `--count`; nil where they do not.
  var sampleCount: Int? { get }
  /// Settings of the recipe that say how files are read: of `evaluate`, for data that `--data` names.
  var dataSettings: [Setting] { get }
}

extension ModalitySamplingOptions {
  /// As many as `--count` says.
  public var sampleCount: Int? { nil }
  /// As the model's own data was read.
  public var dataSettings: [Setting] { [] }
}

/// No options beside seed, labels and truncation.
public struct PlainSampling: Sendable, Equatable {
  /// The one way.
  public init() {}
}

/// No flags beside those that all media share.
public struct NoSamplingOptions: ModalitySamplingOptions {
  /// Nothing to choose.
  public var sampling: PlainSampling { PlainSampling() }
  /// No flags given.
  public init() {}
}

/// Real samples of a medium as runs and verbs see them.
public protocol ModalityDataset {
  /// One or a few lines that say what the data is: counts, what was left out, how it was split.
  var descriptionLines: [String] { get }
  /// Identifies all parts of the data: a run refuses to go on with other data.
  var fingerprint: String { get }
  /// Samples of the validation part, by which checkpoints are chosen in training; 0 where the data is too small for a
  /// part of its own, and held-out samples are used instead.
  var validationCount: Int { get }
  /// The label of each training sample, nil without.
  var trainingLabels: [Int?] { get }
}

extension PreviewItem {
  /// A picture as a PNG file.
  ///
  /// - Throws: `UserError(.inputOutput)` when libpng fails.
  public init(fileName: String, picture: Picture) throws {
    self.init(
      fileName: fileName,
      content: .picture(width: picture.width, height: picture.height, pixels: picture.bytes),
      fileBytes: Array(try picture.pngData()))
  }
}
