import Foundation
import Metrics
import RandomNumbers
import Testing
import TextDatasets

@testable import TextModality

@Suite("Lexical features")
struct LexicalFeaturesTests {
  private let vocabulary: SymbolVocabulary

  init() throws {
    vocabulary = try SymbolVocabulary(
      kind: .scalars, symbols: Set("ABCabcdeé12 ,.\n春雨夜").map(String.init), hasUnknown: true)
  }

  private func features(_ training: [String], hasEnd: Bool = true) throws -> LexicalFeatures {
    LexicalFeatures(
      training: try training.map { try vocabulary.encode($0) }, vocabulary: vocabulary, hasEnd: hasEnd)
  }

  @Test("Words, unknown words, line feeds and capitals, by hand")
  func counts() throws {
    let features = try features(["ab, cab", "AB 12é"])
    let values = features.values(of: try vocabulary.encode("ab ba\nAB. 12é12"))
    // ab and AB are known, ba and 12é12 are not.
    #expect(Array(values[1...]) == [0.5, 2, 4, 1, 2])
    #expect(Array(features.values(of: [])[1...]) == [0, 0, 0, 0, 0])
    #expect(LexicalFeatures.names.count == values.count)
    // The symbol for all others stands in words; scripts without spaces have runs between punctuation.
    let verse = try self.features(["春雨,夜", "a\u{FFFD}"]).values(of: try vocabulary.encode("夜,春雨.雨 aZ"))
    #expect(Array(verse[1...3]) == [0.25, 1, 4])
  }

  @Test("Windows do not count the words that they cut")
  func windows() throws {
    let features = try features(["ab cab ab a"], hasEnd: false)
    #expect(features.values(of: try vocabulary.encode("ab cab abc d"))[1...3] == [0.5, 1, 2])
    #expect(features.values(of: try vocabulary.encode("abc"))[3] == 0)
  }

  @Test("The likelihood is that of the interpolated chain of the same counts", arguments: [true, false])
  func likelihood(hasEnd: Bool) throws {
    var numbers = SplitMix64(seed: 1)
    let symbols = Array("abc ,")
    let training = (0..<50).map { _ in
      String((0..<12).map { _ in symbols[Int(numbers.next() % 5) * Int(numbers.next() % 5) / 4] })
    }
    let features = try features(training, hasEnd: hasEnd)
    #expect(features.order == 7 && MarkovGenerator.weights.contains(features.weight))
    let lines = try training.map { try vocabulary.encode($0) }
    let followers = Double(vocabulary.count - (hasEnd ? 0 : 1))
    /// The chain's definition, with nothing but loops.
    func probability(_ line: ArraySlice<Int32>, in text: [[Int32]]) -> Double {
      var probability = 1 / followers
      for length in 1...min(7, line.count) {
        let run = Array(line.suffix(length))
        var (count, context) = (0.0, 0.0)
        for other in text {
          for end in (hasEnd ? 1 : 0)..<other.count where end + 1 >= length {
            let found = other[(end + 1 - length)...end]
            if found.dropLast() == run.dropLast()[...] {
              context += 1
              if found.last == run.last { count += 1 }
            }
          }
        }
        probability = (count + features.weight * probability) / (context + features.weight)
      }
      return probability
    }
    func framed(_ line: [Int32]) -> [Int32] { hasEnd ? [0] + line + [0] : line }
    for (index, leavingOut) in [(0, false), (3, true), (7, true)] {
      var text = lines
      if leavingOut { text.remove(at: index) }
      let line = framed(lines[index])
      let nats = ((hasEnd ? 1 : 0)..<line.count).reduce(0) {
        $0 + log(probability(line[...$1], in: text.map(framed)))
      }
      let found = features.values(of: lines[index], leavingOut: leavingOut)[0]
      #expect(abs(found * Double(lines[index].count + (hasEnd ? 1 : 0)) - nats) < 1e-9)
    }
  }

  @Test("A sample that is left out knows no word but those of others")
  func leavingOut() throws {
    let features = try features(["ab cab cab", "ab ba"])
    #expect(features.values(of: try vocabulary.encode("ab cab cab"), leavingOut: true)[2] == 2)
    #expect(features.values(of: try vocabulary.encode("ab cab cab"))[2] == 0)
    #expect(features.values(of: try vocabulary.encode("ab cab cab"), leavingOut: true)[0] < -1)
  }

  @Test(
    "Real lines against real lines are told in half of the cases, those of a chain that is not theirs often")
  func telling() throws {
    let grammar = GrammarCorpusLines.lines(1200)
    let symbols = Set(grammar.flatMap { Array($0) }).map(String.init)
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: symbols)
    let lines = try grammar.map { try vocabulary.encode($0) }
    let features = LexicalFeatures(training: Array(lines[..<600]), vocabulary: vocabulary, hasEnd: true)
    let chain = MarkovGenerator(
      training: Array(lines[..<600]), order: 1, vocabularySize: vocabulary.count)
    var stream = SplitMix64(seed: 4)
    let samples = chain.sample(count: 300, maximumLength: 60, using: &stream)
    func accuracy(_ real: ArraySlice<[Int32]>, _ generated: [[Int32]]) throws -> Score {
      var stream = SplitMix64(seed: 5)
      return try TwoSampleTest()(
        real: features.tensor(of: Array(real)), generated: features.tensor(of: generated), using: &stream
      ).score
    }
    let same = try accuracy(lines[600..<900], Array(lines[900...]))
    #expect(abs(same.value - 50) < 2.5 * (same.standardError ?? 0))
    #expect(try accuracy(lines[600..<900], samples).value > 90)
  }
}

/// Lines of words that repeat, by a plain grammar.
private enum GrammarCorpusLines {
  static func lines(_ count: Int) -> [String] {
    var numbers = SplitMix64(seed: 3)
    func one(of words: String) -> String {
      let words = words.split(separator: " ")
      return String(words[Int(numbers.next() % UInt64(words.count))])
    }
    return (0..<count).map { _ in
      "\(one(of: "the a one")) \(one(of: "grey small odd")) \(one(of: "horse mouse house")) \(one(of: "runs stands eats"))"
    }
  }
}
