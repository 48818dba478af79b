import Foundation
import RandomNumbers
import Testing

@testable import TextDatasets

@Suite struct GrammarTests {
  /// "a" or "ab", then "c" or "bc": "abc" can be written in two ways.
  private let ambiguous = StringGrammar(states: [
    [.init("a", weight: 3, to: 1), .init("ab", weight: 1, to: 1)],
    [.init("c", weight: 1, to: 2), .init("bc", weight: 1, to: 2)],
    [],
  ])

  /// Every walk of a grammar with its string and probability.
  private static func walk(
    _ grammar: StringGrammar, from state: Int = 0, text: String = "", probability: Double = 1,
    _ body: (String, Double) -> Void
  ) {
    if grammar.states[state].isEmpty { body(text, probability) }
    for arc in grammar.states[state] {
      walk(
        grammar, from: arc.target, text: text + arc.text, probability: probability * arc.weight, body)
    }
  }

  @Test func likelihoodsSumOverAllWalks() {
    #expect(abs(ambiguous.logLikelihood(of: "ac") - log(3.0 / 8)) < 1e-12)
    #expect(abs(ambiguous.logLikelihood(of: "abc") - log(4.0 / 8)) < 1e-12)
    #expect(abs(ambiguous.logLikelihood(of: "abbc") - log(1.0 / 8)) < 1e-12)
    for impossible in ["", "a", "abcc", "c", "é"] {
      #expect(ambiguous.logLikelihood(of: impossible) == -.infinity)
    }
    #expect(ambiguous.walkCount == 4)
  }

  @Test func entropyOfASmallGrammarInClosedForm() {
    let grammar = StringGrammar(states: [
      [.init("x", weight: 1, to: 2), .init("y", weight: 1, to: 1)],
      [.init("1", weight: 1, to: 2), .init("2", weight: 3, to: 2)],
      [],
    ])
    let expected = 0.5 * log(2) + 0.125 * log(8) + 0.375 * log(8.0 / 3)
    #expect(abs(grammar.entropy - expected) < 1e-12)
  }

  @Test func samplesComeAtTheirProbability() {
    var generator = SplitMix64(seed: 3)
    var counts: [String: Int] = [:]
    let draws = 20_000
    for _ in 0..<draws { counts[ambiguous.sample(using: &generator), default: 0] += 1 }
    #expect(counts.count == 3)
    for (text, count) in counts {
      let probability = exp(ambiguous.logLikelihood(of: text))
      let deviation = (probability * (1 - probability) / Double(draws)).squareRoot()
      #expect(abs(Double(count) / Double(draws) - probability) < 4 * deviation)
    }
  }

  @Test func inventedNamesAreDistinctAndTheirLikelihoodsSumToOne() {
    let grammar = StringGrammar.inventedNames
    var names: Set<String> = []
    names.reserveCapacity(grammar.walkCount)
    var total = 0.0
    var entropy = 0.0
    var lengths: (shortest: Int, longest: Int) = (.max, 0)
    Self.walk(grammar) { name, probability in
      if names.count % 1000 == 0 { #expect(abs(grammar.logLikelihood(of: name) - log(probability)) < 1e-9) }
      names.insert(name)
      total += probability
      entropy -= probability * log(probability)
      lengths = (min(lengths.shortest, name.utf8.count), max(lengths.longest, name.utf8.count))
    }
    // As many names as walks: none can be written in two ways, so the entropy is exact.
    #expect(names.count == grammar.walkCount)
    #expect(names.count > 400_000)
    #expect(abs(total - 1) < 1e-9)
    #expect(abs(entropy - grammar.entropy) < 1e-6)
    #expect(lengths.shortest == 3)
    #expect(lengths.longest == 12)
  }

  @Test(arguments: [
    ("ana", true), ("kano", true), ("kana", false), ("keino", false), ("leminel", false), ("shalan", true),
  ])
  func namesKeepToHarmonyAndAgreement(name: String, isGrammatical: Bool) {
    #expect((StringGrammar.inventedNames.logLikelihood(of: name) > -.infinity) == isGrammatical)
  }

  @Test func drawsHaveTheEntropyAsMeanLogLikelihood() {
    let corpus = GrammarCorpus()
    var generator = SplitMix64(seed: 7)
    let names = (0..<4000).map { _ in corpus.sample(using: &generator) }
    let likelihoods = names.map { corpus.logLikelihood(of: $0) }
    let mean = corpus.meanLogLikelihood(of: names)
    let variance = likelihoods.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(names.count)
    #expect(abs(mean + corpus.entropy) < 4 * (variance / Double(names.count)).squareRoot())
    #expect(corpus.grammaticalShare(of: names) == 1)
    #expect(corpus.grammaticalShare(of: ["kano", "xyz"]) == 0.5)
  }

  @Test func theBuiltInCorpusIsGolden() throws {
    let corpus = try GrammarCorpus().corpus()
    #expect(corpus.report.items == 20_000)
    #expect(corpus.training.count + corpus.validation.count + corpus.heldOut.count == 18_027)
    #expect(corpus.validation.count == 1623)
    #expect(corpus.heldOut.count == 1803)
    #expect(corpus.sequenceLength == 13)
    #expect(!corpus.vocabulary.hasUnknown)
    #expect(try GrammarCorpus(seed: 1).corpus().fingerprint != corpus.fingerprint)
    #expect(corpus.fingerprint == "77496a9ac0ac47e8-86855273d45a2ad0-dd275b554a7c83c8")
  }

  @Test func distinctDrawsAreMoreEvenThanTheGrammar() throws {
    // Two strings of probability .9 and .1, drawn twice: one is among the draws with .99, the other with .19.
    let grammar = StringGrammar(states: [
      [.init("ab", weight: 9, to: 1), .init("c", weight: 1, to: 1)], [],
    ])
    let lines = DistinctDraws(of: grammar, draws: 2)
    #expect(abs(lines.expectedCount - 1.18) < 1e-12)
    #expect(abs(lines.logLikelihood(of: "c") - log(0.19 / 1.18)) < 1e-12)
    #expect(lines.logLikelihood(of: "x") == -.infinity)
    let shares = (0.99 / 1.18, 0.19 / 1.18)
    #expect(abs(lines.entropy + shares.0 * log(shares.0) + shares.1 * log(shares.1)) < 1e-12)
    #expect(abs(lines.crossEntropyOfGrammar + shares.0 * log(0.9) + shares.1 * log(0.1)) < 1e-12)
    #expect(abs(lines.meanLength - (2 * shares.0 + shares.1)) < 1e-12)
    // Strings that can be written in two ways count once.
    let twice = StringGrammar(states: [
      [.init("a", weight: 1, to: 1), .init("", weight: 1, to: 1)],
      [.init("", weight: 1, to: 2), .init("a", weight: 1, to: 2)], [],
    ])
    #expect(twice.probabilities() == ["": 0.25, "a": 0.5, "aa": 0.25])
  }

  @Test func theBoundOfTheBuiltInCorpusIsThatOfItsDistinctLines() throws {
    let built = GrammarCorpus()
    let lines = built.distinctDraws
    let symbols = lines.meanLength + 1
    #expect(abs(lines.entropy / symbols - 1.4581) < 2e-4)
    #expect(abs(lines.crossEntropyOfGrammar / symbols - 1.4594) < 2e-4)
    // Several corpora: the held-out part of one alone has an error of .003.
    var (bound, grammar, count, distinct) = (0.0, 0.0, 0, 0)
    for seed in 0..<4 {
      let corpus = try GrammarCorpus(seed: UInt64(seed)).corpus()
      for text in corpus.heldOut {
        bound -= lines.logLikelihood(of: text)
        grammar -= built.logLikelihood(of: text)
        count += text.count + 1
      }
      distinct += corpus.training.count + corpus.validation.count + corpus.heldOut.count
    }
    #expect(abs(Double(distinct) / 4 - lines.expectedCount) < 100)
    #expect(abs(bound / Double(count) - lines.entropy / symbols) < 0.006)
    #expect(bound < grammar)
  }

  /// The rules that span a name must cost an order-2 chain dearly, or the corpus could not tell models apart.
  @Test func aMarkovChainOfOrderTwoFallsShort() throws {
    let built = GrammarCorpus()
    let corpus = try built.corpus()
    var counts: [[Int32]: Double] = [:]
    func windows(_ ids: [Int32]) -> [[Int32]] {
      let padded = [0, 0] + ids + [0]
      return (2..<padded.count).map { Array(padded[($0 - 2)...$0]) }
    }
    for index in 0..<corpus.training.count {
      for window in windows(corpus.training.encoded(index)) {
        counts[window, default: 0] += 1
        counts[Array(window.prefix(2)), default: 0] += 1
      }
    }
    let texts = Array(corpus.heldOut.prefix(600))
    var chain = 0.0
    for index in texts.indices {
      for window in windows(corpus.heldOut.encoded(index)) {
        let (seen, context) = (counts[window, default: 0], counts[Array(window.prefix(2)), default: 0])
        chain += log((seen + 0.01) / (context + 0.01 * Double(corpus.vocabulary.count)))
      }
    }
    chain /= Double(texts.count)
    let truth = built.meanLogLikelihood(of: texts)
    #expect(truth - chain > 1, "\(truth) and \(chain) nats per name")
    #expect(abs(truth + built.entropy) < 0.6)
  }
}
