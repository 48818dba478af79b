import Adversarial
import ArgumentParser
import Failures
import Foundation
import Metrics
import ModalityKit
import TextDatasets
import Torch

/// Text as a medium: lines, or windows of running text, written symbol by symbol.
public enum Text: Modality {
  /// The subcommand.
  public static let name = "text"
  /// One line of help.
  public static let summary = "Lines of text, symbol by symbol: names, words, sentences."
  /// Two cores are used better by two halves of a batch than by one operator.
  public static let usualParts = 2
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

  /// Opens a file or folder of text, or makes the built-in corpus of invented names.
  public static func openDataset(_ source: DataSource, recipe: inout TextRecipe) throws -> TextDataset {
    try TextDataset(source, recipe: &recipe)
  }

  /// Fits batch and warm-up to the length of samples and the size of the set.
  public static func fit(_ recipe: inout TextRecipe, to dataset: TextDataset, isGiven: (String) -> Bool) {
    TextFit(dataset.corpus, hasEnd: recipe.data.window == nil).apply(to: &recipe.training, isGiven: isGiven)
  }

  /// Lines, symbols and lengths, and the first samples as they were read.
  public static func inspect(_ source: DataSource, recipe: TextRecipe) throws -> Inspection? {
    try Inspection(text: source, options: recipe.data)
  }

  /// Networks and data.
  public static func makeGame(recipe: TextRecipe, dataset: TextDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try TextGame(recipe: recipe, corpus: dataset.corpus, seed: seed, device: device)
  }

  /// Lines of a preview.
  public static let previewCount = 20

  /// Lines as a text.
  public static func previewItems(of samples: [String], recipe: TextRecipe) -> [PreviewItem] {
    [PreviewItem(fileName: "samples.txt", lines: samples)]
  }

  /// The symbols, and what a discriminator with a lexicon has counted.
  public static func heldData(_ recipe: TextRecipe) throws -> [HeldData] {
    let symbols = try recipe.completeSpec().vocabulary.count
    let vocabulary = HeldData(
      "the \(symbols) symbols", of: "text", in: .recipe, "from which no sample can be made")
    guard recipe.discriminator.lexicalSlots ?? 0 > 0 else { return [vocabulary] }
    return [
      HeldData(
        "hashed counts of words, of runs of up to \(Lexicon.order) symbols and of whole samples",
        of: recipe.data.window == nil ? "lines" : "windows", in: .discriminator,
        "which answer whether a word or a sample is among them"), vocabulary,
    ]
  }

  /// Samples drawn at a time.
  public static let chunkSize = 256

  /// Refuses a prefix that is too long or has symbols that the model does not know.
  public static func check(_ options: TextSampling, generator: TextGenerator, recipe: TextRecipe) throws {
    try options.validate()
    _ = try options.prefixIDs(for: generator.spec)
  }

  /// Ids `[B, T]`, with end symbols.
  public static func draw(
    _ chunk: LatentChunk, generator: TextGenerator, recipe: TextRecipe, options: TextSampling
  ) throws -> Tensor {
    // In the precision that the generator played in.
    try withAutocast(recipe.training.precision.autocast, on: chunk.latents.device) {
      try generator.write(chunk, options: options)
    }
  }

  /// One-hot vectors `[B, T, V]` of ids, filled up with end symbols.
  public static func judged(
    _ samples: Tensor, of chunk: LatentChunk, generator: TextGenerator, recipe: TextRecipe
  ) throws -> Tensor {
    try samples.moved(to: generator.device).symbolVectors(count: generator.spec.vocabulary.count)
  }

  /// Lines of ids `[B, T]`. Where samples are windows, line feeds in them are written as `\n`, carriage returns as `\r`
  /// and backslashes as `\\`.
  public static func samples(of tensor: Tensor, recipe: TextRecipe) throws -> [String] {
    let spec = try recipe.completeSpec()
    return try spec.symbols(of: tensor).map { spec.line(of: $0) }
  }

  /// Writes one sample per line, to a file or to standard output.
  public static func generate(_ request: GenerationRequest<Text>, options: TextGenerateOptions) throws
    -> [URL]
  {
    guard let order = options.markov else {
      return try request.writeLines { body in try request.forEach { line, _ in try body(line) } }
    }
    guard request.labels == .any, request.truncation == 1, request.sampler.selection == nil,
      request.sampler.copies == nil
    else {
      throw UserError(.usage, "--markov: takes neither label nor truncation, select or no-copies")
    }
    let markov = try MarkovText(order: order, model: request.model)
    return try request.writeLines { try markov.forEachLine(count: request.count, seed: request.seed, $0) }
  }

  /// Two-sample tests need many samples; that samples differ says something of two and more.
  public static func evaluationNeeds(hasLabels: Bool) -> [EvaluationNeed] {
    [
      EvaluationNeed(["unique"], heldOut: TextScores.fewestUnique), .nearness,
      .twoSample(["told by features", "told by CNN", "told by GRU"]),
    ]
  }

  /// Measures models beside held-out text and Markov chains.
  public static func evaluate(_ request: EvaluationRequest<Text>, options: TextEvaluateOptions) throws
    -> EvaluationTable
  {
    try TextEvaluation(request, options: options).table()
  }
}
