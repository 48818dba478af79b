import Adversarial
import ArgumentParser
import AudioDatasets
import Foundation
import ModalityKit
import Torch

/// Sound as a medium: short clips of one length, as waveforms.
public enum Audio: Modality {
  /// The subcommand.
  public static let name = "audio"
  /// One line of help.
  public static let summary = "Short sounds, from folders of sound files: drums, words, calls."
  /// A folder of sound files.
  public static let sampleOutput = SampleOutput.files(folder: "clips")

  /// The flags of `train`.
  public typealias TrainOptions = AudioTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = AudioGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = AudioEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = AudioRecipe
  /// Clips, split.
  public typealias Dataset = AudioDataset

  /// Beside the verbs of every medium: a walk through the latents.
  public static var verbs: [any ParsableCommand.Type] { [Interpolate.self] }

  /// Twenty clips, each label in turn, with their pictures.
  public static let demonstration = ["--count", "20", "--label", "each", "--pictures"]

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> AudioRecipe { AudioRecipe(preset: preset) }

  /// Opens a file or folder of sounds, or makes the built-in drums.
  public static func openDataset(_ source: DataSource, recipe: inout AudioRecipe) throws -> AudioDataset {
    try AudioDataset(source, recipe: &recipe)
  }

  /// Networks and data.
  public static func makeGame(recipe: AudioRecipe, dataset: AudioDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try AudioGame(recipe: recipe, corpus: dataset.corpus, seed: seed, device: device)
  }

  /// A generator to load weights into.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public static func makeGenerator(recipe: AudioRecipe, device: Device) throws -> any Generator {
    try recipe.makeGenerator(seed: 0, device: device)
  }

  /// Writes one file for each clip into a folder, or all of them into one file.
  public static func generate(
    from model: TrainedModel<Audio>, request: GenerationRequest, options: AudioGenerateOptions
  ) throws -> [URL] {
    try ClipWriting(model: model, options: options).write(request)
  }

  /// Measures a trained generator beside held-out sounds, other runs and a Gaussian mixture.
  public static func evaluate(_ request: EvaluationRequest<Audio>, options: AudioEvaluateOptions) throws
    -> EvaluationTable
  {
    try AudioComparison(request, options: options).table()
  }
}
