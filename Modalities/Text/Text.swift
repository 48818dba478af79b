import Adversarial
import ArgumentParser
import Foundation
import ModalityKit
import TextDatasets
import Torch

/// Text as a medium: lines, or windows of running text, written symbol by symbol.
public enum Text: Modality {
  /// The subcommand.
  public static let name = "text"
  /// One line of help.
  public static let summary = "Lines of text, symbol by symbol: names, words, sentences."
  /// Standard output, one sample per line.
  public static let sampleOutput = SampleOutput.text(file: "samples.txt")

  /// The flags of `train`.
  public typealias TrainOptions = TextTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = TextGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = TextEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = TextRecipe
  /// Text, split.
  public typealias Dataset = TextDataset

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> TextRecipe { TextRecipe(preset: preset) }

  /// Opens a file or folder of UTF-8 text, or makes the built-in corpus of invented names.
  public static func openDataset(_ source: DataSource, recipe: inout TextRecipe) throws -> TextDataset {
    try TextDataset(source, recipe: &recipe)
  }

  /// Networks and data.
  public static func makeGame(recipe: TextRecipe, dataset: TextDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try TextGame(recipe: recipe, corpus: dataset.corpus, seed: seed, device: device)
  }

  /// A generator to load weights into.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public static func makeGenerator(recipe: TextRecipe, device: Device) throws -> any Generator {
    guard let format = recipe.format else {
      throw TorchError("the recipe has no format: no data has completed it")
    }
    var stream = RandomStream(seed: 0, name: "generator")
    let generator = try TextGenerator(
      recipe: recipe.generator, format: format, latentDimension: recipe.training.latentDimension,
      using: &stream)
    try generator.move(to: device)
    return generator
  }

  /// Writes one sample per line, to a file or to standard output.
  public static func generate(
    from model: TrainedModel<Text>, request: GenerationRequest, options: TextGenerateOptions
  ) throws -> [URL] {
    let lines: (_ body: (String) throws -> Void) throws -> Void
    if let order = options.markov {
      let markov = try MarkovText(order: order, model: model)
      lines = { try markov.forEachLine(count: request.count, seed: request.seed, $0) }
    } else {
      let text = try TrainedText(model)
      lines = {
        try text.forEachLine(count: request.count, seed: request.seed, options: options.sampling, $0)
      }
    }
    return try request.writeLines(lines)
  }

  /// Measures a trained generator beside held-out text, its own warm start and Markov chains.
  public static func evaluate(_ request: EvaluationRequest<Text>, options: TextEvaluateOptions) throws
    -> EvaluationTable
  {
    try TextEvaluation(request, options: options).table()
  }
}
