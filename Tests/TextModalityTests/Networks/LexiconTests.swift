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

  /// What each symbol has to do with: the words' ends, the unknown word, and the likelihood that numbers are made of.
  @Test func evidenceLiesAtItsSymbols() throws {
    let (lexicon, spec, _) = try lexicon(extra: [])
    let line = try spec.vocabulary.encode("ab aab ba", allowingUnknown: false).map(Int.init)
    let ids = line + Array(repeating: 0, count: spec.sequenceLength - line.count)
    let evidence = try lexicon.evidence(of: Fixtures.ids([ids]))
    #expect(evidence.shape == [1, spec.sequenceLength, 7])
    let rows = try evidence.selected(0).unbound().map { try $0.array(of: Float.self) }
    #expect(rows.indices.filter { rows[$0][3] == 1 } == [2, 6, 9])
    #expect(rows.indices.filter { rows[$0][4] == 1 } == [6])
    // After "a" of "aab" no text goes on with "a".
    let likelihoods = rows.map { $0[0] }
    #expect(likelihoods[..<10].min() == likelihoods[4] && likelihoods[4] < -2)
    #expect(rows[10...].allSatisfy { $0.allSatisfy { $0 == 0 } })
    #expect(rows.allSatisfy { abs($0[1] - $0[0] * $0[0]) < 1e-4 })
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
