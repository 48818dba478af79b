import AudioDatasets
import Corpora
import ModalityKit

/// Real sounds to train on and to measure on.
public struct AudioDataset: CorpusDataset {
  /// The clips, split.
  public let corpus: AudioCorpus

  /// Opens the user's sounds, or makes the built-in drums when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is read at the model's rate.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  public init(_ source: DataSource, recipe: inout AudioRecipe) throws {
    var options = recipe.data
    if let spec = recipe.spec { options.sampleRate = spec.sampleRate }
    let known = recipe.spec?.labels
    corpus = try source.corpus(labels: known) { path in
      try AudioCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options, labels: known)
    } builtIn: {
      try AudioCorpus.drums(options: options, labels: known)
    }
    guard recipe.spec == nil else { return }
    recipe.spec = AudioSpec(
      sampleRate: corpus.sampleRate, length: options.length, channels: options.channels,
      labels: corpus.labelNames)
  }
}
