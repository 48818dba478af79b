import Adversarial
import Failures
import Files
import Foundation
import ModalityKit
import TextDatasets
import Torch

/// A Markov chain fitted to the data that a model was trained on: the baseline to hold the model's samples against.
struct MarkovText {
  private let markov: MarkovGenerator
  private let format: TextFormat

  /// Counts the training samples of the run that a checkpoint belongs to.
  ///
  /// - Throws: `UserError` where the checkpoint lies in no run, or the run's data is no longer there or has changed.
  init(order: Int, model: TrainedModel<Text>) throws {
    let file = model.file.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      "run.json")
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .usage, "--markov: found no run around \(model.file.relativePath), expected one with its data")
    }
    let description = try RunDescription(contentsOf: file)
    let source: DataSource
    do {
      source = try (description.data[dotted: "source"] ?? JSONValue.object([:])).decoded()
    } catch let error as JSONMismatch {
      throw UserError(.badData, "\(file.relativePath): data.source: \(error)")
    }
    var recipe = model.recipe
    let dataset = try TextDataset(source, recipe: &recipe)
    if let known = description.data[dotted: "fingerprint"],
      known != JSONValue.string(dataset.corpus.fingerprint)
    {
      throw UserError(
        .badData, "\(source.path ?? "the built-in set"): found other data than the run was trained on")
    }
    self.init(order: order, corpus: dataset.corpus, format: recipe.format)
  }

  /// Counts a corpus's training samples.
  init(order: Int, corpus: TextCorpus, format: TextFormat?) {
    guard let format else { preconditionFailure("a recipe is completed by its data first") }
    self.format = format
    markov = MarkovGenerator(
      training: corpus.training.indices.map { corpus.training.encoded($0) }, order: order,
      vocabularySize: format.vocabulary.count, hasEnd: format.hasEnd)
  }

  /// Draws lines one after the other; the first lines do not depend on the count.
  func forEachLine(count: Int, seed: UInt64, _ body: (String) throws -> Void) rethrows {
    var stream = RandomStream(seed: seed, name: "markov")
    for _ in 0..<count {
      try body(format.line(of: markov.sample(maximumLength: format.maximumLength, using: &stream)))
    }
  }
}
