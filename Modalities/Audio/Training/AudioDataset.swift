import AudioDatasets
import Failures
import ModalityKit

/// Real sounds to train on and to measure on.
public struct AudioDataset: Sendable {
  /// The clips, split.
  public let corpus: AudioCorpus

  /// Opens the user's sounds, or makes the built-in drums when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is read at the model's rate.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  public init(_ source: DataSource, recipe: inout AudioRecipe) throws {
    var options = recipe.data
    if let format = recipe.format { options.sampleRate = format.sampleRate }
    let known = recipe.format?.labels
    if let path = source.path {
      corpus = try AudioCorpus(path: path, holdout: source.holdout, options: options, labels: known)
    } else {
      guard source.holdout == nil else {
        throw UserError(.usage, "--holdout: expected --data beside it; the built-in set is split by itself")
      }
      corpus = try AudioCorpus.drums(options: options, labels: known)
    }
    guard let format = recipe.format else {
      recipe.format = AudioFormatRecipe(
        sampleRate: corpus.sampleRate, length: options.length, channels: options.channels,
        labels: corpus.labelNames)
      return
    }
    guard format.labels == corpus.labelNames else {
      func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
      throw UserError(
        .badData,
        "\(corpus.report.source): found the labels \(list(corpus.labelNames)), expected the model's \(list(format.labels))"
      )
    }
  }
}
