import ModalityKit
import TextDatasets

/// Real text to train on and to measure on.
public struct TextDataset: ModalityDataset, Sendable {
  /// The samples, split.
  public let corpus: TextCorpus
  /// The grammar that the samples were drawn from, for the built-in corpus: it knows their true likelihood.
  public let grammar: GrammarCorpus?

  /// What was read, left out and split.
  public var descriptionLines: [String] { [corpus.report.description] }
  /// Identifies all parts of the data.
  public var fingerprint: String { corpus.fingerprint }
  /// Samples to choose by.
  public var validationCount: Int { corpus.validation.count }
  /// The label of each training sample.
  public var trainingLabels: [Int?] { corpus.training.indices.map { corpus.training.label($0) } }
}

extension TextDataset {
  /// Opens the user's data, or makes the built-in corpus when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is read with the model's symbols, and
  /// lines are at most as long as the model's.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  public init(_ source: DataSource, recipe: inout TextRecipe) throws {
    var options = recipe.data
    if let spec = recipe.spec, spec.hasEnd {
      options.maximumLength = min(options.maximumLength, spec.maximumLength)
    }
    let vocabulary = recipe.spec?.vocabulary
    if let path = source.path {
      grammar = nil
      corpus = try TextCorpus(
        TextSource(path), validation: source.validation.map { try TextSource($0) },
        holdout: source.holdout.map { try TextSource($0) }, options: options, vocabulary: vocabulary)
    } else {
      try source.requireNoParts()
      let builtIn = GrammarCorpus()
      grammar = builtIn
      corpus = try builtIn.corpus(options: options, vocabulary: vocabulary)
    }
    guard let spec = recipe.spec else {
      recipe.spec = TextSpec(
        vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: options.window == nil,
        labels: corpus.labelNames)
      return
    }
    try DataSource.requireLabels(corpus.labelNames, toBe: spec.labels, in: corpus.report.source)
  }
}
