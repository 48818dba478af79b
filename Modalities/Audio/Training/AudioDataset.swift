import AudioDatasets
import ModalityKit

/// Real sounds to train on and to measure on.
public struct AudioDataset: ModalityDataset, Sendable {
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
    if let path = source.path {
      corpus = try AudioCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options, labels: known)
    } else {
      try source.requireNoParts()
      corpus = try AudioCorpus.drums(options: options, labels: known)
    }
    guard let spec = recipe.spec else {
      recipe.spec = AudioSpec(
        sampleRate: corpus.sampleRate, length: options.length, channels: options.channels,
        labels: corpus.labelNames)
      return
    }
    try DataSource.requireLabels(corpus.labelNames, toBe: spec.labels, in: corpus.report.source)
  }

  /// What was read, left out and split.
  public var descriptionLines: [String] { [corpus.report.description] }
  /// Identifies all parts of the data.
  public var fingerprint: String { corpus.fingerprint }
  /// Samples to choose by.
  public var validationCount: Int { corpus.validation.count }
  /// The label of each training clip.
  public var trainingLabels: [Int?] { (0..<corpus.training.count).map { corpus.training.label(at: $0) } }
}
