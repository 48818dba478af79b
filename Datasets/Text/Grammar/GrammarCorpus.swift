import RandomNumbers

/// The built-in corpus: draws from a grammar whose true likelihood is known, for trying things without any
/// data and for measuring how far a model is from the truth.
///
/// The corpus is distinct draws, as of any data. So frequent strings are rarer in it than in the grammar, which is no
/// bound for what a model can reach on its held-out part: `DistinctDraws` is.
public struct GrammarCorpus: Sendable {
  /// What the corpus is called in reports and recipes.
  public static let name = "invented-names"
  /// How many strings are drawn unless asked otherwise.
  public static let defaultDraws = 20_000

  /// The distribution of the strings.
  public let grammar: StringGrammar
  /// How many strings are drawn, duplicates included.
  public let draws: Int
  /// What determines the draws.
  public let seed: UInt64

  /// Describes a corpus; nothing is drawn yet.
  public init(grammar: StringGrammar = .inventedNames, draws: Int = Self.defaultDraws, seed: UInt64 = 0) {
    self.grammar = grammar
    self.draws = draws
    self.seed = seed
  }

  /// Draws the strings, one per line, and splits them as any data.
  ///
  /// - Throws: `UserError` as `TextCorpus` does: usage for options out of range, bad data for too few draws.
  public func corpus(
    options: TextCorpusOptions = TextCorpusOptions(), vocabulary: SymbolVocabulary? = nil
  ) throws -> TextCorpus {
    var generator = SplitMix64(seed: seed)
    var text = ""
    for _ in 0..<draws { text += sample(using: &generator) + "\n" }
    return try TextCorpus(text: text, name: Self.name, options: options, vocabulary: vocabulary)
  }

  /// Draws a string.
  public func sample(using generator: inout some RandomNumberGenerator) -> String {
    grammar.sample(using: &generator)
  }

  /// The natural logarithm of a string's probability, -infinity when the grammar cannot write it.
  public func logLikelihood(of text: String) -> Double { grammar.logLikelihood(of: text) }

  /// The entropy of the grammar in nats per string.
  public var entropy: Double { grammar.entropy }

  /// The grammar's mean log-likelihood of texts in nats per text: how well generated texts keep to the grammar (-infinity
  /// as soon as one does not).
  public func meanLogLikelihood(of texts: some Collection<String>) -> Double {
    texts.reduce(0) { $0 + logLikelihood(of: $1) } / Double(texts.count)
  }

  /// The distribution of the corpus's lines, by which a model of them is to be judged.
  public var distinctDraws: DistinctDraws { DistinctDraws(of: grammar, draws: draws) }

  /// The share of texts that the grammar can write, 0 to 1.
  public func grammaticalShare(of texts: some Collection<String>) -> Double {
    Double(texts.count { logLikelihood(of: $0) > -.infinity }) / Double(texts.count)
  }
}
