import Adversarial
import Foundation
import Testing
import TextDatasets
import Torch

@testable import TextModality

@Suite struct LexiconTests {
  /// Many lines of the words ab and ba, and a few whose words occur nowhere else.
  private func lexicon(extra: [String]) throws -> (lexicon: Lexicon, spec: TextSpec, corpus: TextCorpus) {
    let common = (0..<64).map { index in
      (0..<6).map { index >> $0 & 1 == 1 ? "ab" : "ba" }.joined(separator: " ")
    }
    let corpus = try TextCorpus(text: (common + extra).joined(separator: "\n"), name: "test")
    let spec = TextSpec(vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength)
    let lexicon = try Lexicon(spec: spec, slots: Lexicon.slots(symbols: corpus.training.symbolCount))
    try lexicon.count(corpus.training)
    return (lexicon, spec, corpus)
  }

  private func numbers(_ lexicon: Lexicon, _ spec: TextSpec, _ lines: [String]) throws -> [[Float]] {
    let ids = try lines.map { line in
      let ids = try spec.vocabulary.encode(line, allowingUnknown: false).map(Int.init)
      return ids + Array(repeating: 0, count: spec.sequenceLength - ids.count)
    }
    let values = try lexicon(Fixtures.ids(ids))
    #expect(values.shape == [lines.count, 2 * Lexicon.width])
    let flat: [Float] = try values.array()
    return lines.indices.map { Array(flat[$0 * 2 * Lexicon.width..<($0 + 1) * 2 * Lexicon.width]) }
  }

  /// Where the number of unknown words stands.
  private let unknown = 5

  @Test func unknownWordsAreTold() throws {
    let (lexicon, spec, _) = try lexicon(extra: [])
    let found = try numbers(
      lexicon, spec, ["ab ba ab ba ab", "ab ba aab ba ab", "aab bba aaa bbb"])
    // Numbers are cut off at eight deviations, which a text of two words soon reaches.
    #expect(found[0][unknown] < found[1][unknown] && found[1][unknown] <= found[2][unknown])
    // What is likely under the text's runs is likelier.
    #expect(found[0][0] > found[1][0] && found[1][0] >= found[2][0])
  }

  /// A training sample has no advantage of being one.
  @Test func trainingSamplesAreJudgedAsIfTheTextDidNotHaveThem() throws {
    let strange = (0..<12).map { String(repeating: "a", count: 3 + $0) + " bb" }
    let (lexicon, spec, corpus) = try lexicon(extra: strange)
    let own = try #require(strange.first { line in corpus.training.contains { $0 == line } })
    let word = own.split(separator: " ")[0]
    // Its first word is its own; the second one is in others, too.
    let others = ["\(word) ab", "\(String(repeating: "b", count: 12)) ab"]
    let (asTraining, elsewhere) = (try numbers(lexicon, spec, [own]), try numbers(lexicon, spec, others))
    #expect(asTraining[0][unknown] == elsewhere[1][unknown])
    #expect(asTraining[0][unknown] > elsewhere[0][unknown])
  }

  @Test func theTablesAreState() throws {
    let (lexicon, spec, _) = try lexicon(extra: [])
    let other = try Lexicon(spec: spec, slots: Lexicon.slots(symbols: 1))
    let lines = ["ab ba ab", "bb aa"]
    #expect(try numbers(lexicon, spec, lines) != numbers(other, spec, lines))
    try other.load(Dictionary(uniqueKeysWithValues: lexicon.state.map { ($0.name, $0.tensor) }))
    #expect(try numbers(lexicon, spec, lines) == numbers(other, spec, lines))
  }

  @Test(arguments: [(0, 4_096), (4_096, 4_096), (4_097, 8_192), (1 << 30, 1 << 20)])
  func tablesGrowWithTheTextToABound(symbols: Int, slots: Int) {
    #expect(Lexicon.slots(symbols: symbols) == slots)
  }
}

@Suite struct WeightedLikelihoodTests {
  @Test func weightsAreRatiosLessOneUpToABound() throws {
    let weights: [Float] = try WeightedLikelihood.weights(Tensor([0, 0.6931472, -100, 100] as [Float]))
      .array()
    for (weight, expected) in zip(weights, [0, 1, -1, 4]) { #expect(abs(weight - Float(expected)) < 1e-5) }
  }

  /// What it weighs is the likelihood that evaluation measures.
  @Test(arguments: [true, false]) func sequencesHaveTheirLikelihood(hasEnd: Bool) throws {
    let spec = try Fixtures.spec(hasEnd: hasEnd)
    let generator = try Fixtures.generator(spec, dropout: 0.5)
    let ids = try Fixtures.ids([[1, 2, 3, 1, 2, 3], [1, 2, 0, 0, 0, 0]])
    let latents = try Fixtures.latents(2)
    let one: [Float] = try generator.sequenceCrossEntropy(of: ids, latents: latents, labels: nil).array()
    let other: [Float] = try generator.negativeLogLikelihood(
      of: ids, latents: latents.expandingDimension(at: 0), labels: nil
    ).array()
    for (left, right) in zip(one, other) { #expect(abs(left - right) < 1e-4) }
  }

  @Test(arguments: TextObjective.allCases) func bothGamesMoveTheGenerator(objective: TextObjective) throws {
    let run = try TextRun(warmUp: 2, duel: 3) { $0.objective = objective }
    let (start, end) = (try run.model(.start), try run.model(.latest))
    #expect(start.step == 2 && end.step == 5)
    let report = try #require(
      String(contentsOf: run.folder.metricsFile, encoding: .utf8).split(separator: "\n").last)
    #expect(report.contains("generator.largestWeight") == (objective == .weighted))
  }
}
