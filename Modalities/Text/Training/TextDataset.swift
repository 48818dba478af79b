import Corpora
import ModalityKit
import TextDatasets

/// Real text to train on and to measure on.
public struct TextDataset: CorpusDataset {
  /// The samples, split.
  public let corpus: TextCorpus
  /// The grammar that the samples were drawn from, for the built-in corpus: it knows their true likelihood.
  public let grammar: GrammarCorpus?
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
    grammar = source.path == nil ? GrammarCorpus() : nil
    corpus = try source.corpus(labels: recipe.spec?.labels) { path in
      try TextCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options,
        vocabulary: vocabulary)
    } builtIn: {
      try GrammarCorpus().corpus(options: options, vocabulary: vocabulary)
    }
    guard recipe.spec == nil else { return }
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: options.window == nil,
      labels: corpus.labelNames)
  }
}
