import Foundation
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

/// The distribution of a line chosen at random among the distinct strings of many draws from a grammar: what a
/// corpus without repetitions is a sample of.
///
/// A string of probability p is among the strings of n draws with probability `1 - (1 - p)^n`, so a line is that string with
/// probability `q = (1 - (1 - p)^n) / Z`, Z being the expected number of distinct strings: frequent strings are rarer than
/// in the grammar. The entropy of q is the lowest cross-entropy that a model of such lines can be expected to reach, unless
/// it knows which strings the training part has used up.
public struct DistinctDraws: Sendable {
  /// How many strings are drawn, repetitions included.
  public let draws: Int
  /// The expected number of distinct strings, the Z above.
  public let expectedCount: Double
  /// The entropy of q, in nats per string.
  public let entropy: Double
  /// The cross-entropy of the grammar itself under q, in nats per string: more than the entropy of q.
  public let crossEntropyOfGrammar: Double
  /// The expected number of symbols (Unicode scalars) of a string under q, ends not counted.
  public let meanLength: Double
  private let grammar: StringGrammar

  /// Works the distribution out, by going through every string of the grammar.
  ///
  /// - Parameters:
  ///   - grammar: of so few strings that they fit in memory.
  ///   - draws: how many strings are drawn; positive.
  public init(of grammar: StringGrammar, draws: Int) {
    precondition(draws > 0, "a corpus has draws")
    self.grammar = grammar
    self.draws = draws
    // Sorted, because a dictionary's order differs between processes, and with it the rounding of sums.
    let strings = grammar.probabilities().sorted { $0.key < $1.key }
    var (count, plainLogs, logs, symbols) = (0.0, 0.0, 0.0, 0.0)
    for (text, probability) in strings {
      let inclusion = Self.inclusion(of: log(probability), draws: draws)
      count += inclusion
      plainLogs += inclusion * log(probability)
      logs += inclusion * log(inclusion)
      symbols += inclusion * Double(text.unicodeScalars.count)
    }
    expectedCount = count
    entropy = log(count) - logs / count
    crossEntropyOfGrammar = -plainLogs / count
    meanLength = symbols / count
  }

  /// The natural logarithm of a string's probability under q, -infinity where the grammar cannot write it.
  public func logLikelihood(of text: String) -> Double {
    let logLikelihood = grammar.logLikelihood(of: text)
    guard logLikelihood > -.infinity else { return logLikelihood }
    return log(Self.inclusion(of: logLikelihood, draws: draws)) - log(expectedCount)
  }

  /// The probability to be among the draws, exact for small ones too.
  private static func inclusion(of logProbability: Double, draws: Int) -> Double {
    let probability = exp(logProbability)
    return probability < 1 ? -expm1(Double(draws) * log1p(-probability)) : 1
  }
}
