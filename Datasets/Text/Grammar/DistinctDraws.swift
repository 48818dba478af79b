import Foundation

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
