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
  private let spec: TextSpec

  /// Counts the training samples of the run that a checkpoint belongs to.
  ///
  /// - Throws: `UserError` where the checkpoint lies in no run, or the run's data is no longer there or has changed.
  init(order: Int, model: TrainedModel<Text>) throws {
    let folder = model.file.deletingLastPathComponent().deletingLastPathComponent()
    guard let run = try? RunFolder.open(folder) else {
      throw UserError(
        .usage, "--markov: found no run around \(model.file.relativePath), expected one with its data")
    }
    let dataset = try Run<Text>.open(run.url).dataset()
    try self.init(order: order, corpus: dataset.corpus, spec: model.recipe.completeSpec())
  }

  /// Counts a corpus's training samples.
  init(order: Int, corpus: TextCorpus, spec: TextSpec) {
    self.spec = spec
    markov = MarkovGenerator(
      training: corpus.training.indices.map { corpus.training.encoded($0) }, order: order,
      vocabularySize: spec.vocabulary.count, hasEnd: spec.hasEnd)
  }

  /// Draws lines one after the other; the first lines do not depend on the count.
  func forEachLine(count: Int, seed: UInt64, _ body: (String) throws -> Void) rethrows {
    var stream = RandomStream(seed: seed, name: "markov")
    for _ in 0..<count {
      try body(spec.line(of: markov.sample(maximumLength: spec.maximumLength, using: &stream)))
    }
  }
}
