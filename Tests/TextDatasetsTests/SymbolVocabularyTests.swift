import Failures
import Foundation
import Testing

@testable import TextDatasets

@Suite struct SymbolVocabularyTests {
  @Test func idsFollowScalarValues() throws {
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["é", "b", "a", "😀", " "])
    #expect(vocabulary.symbols == [" ", "a", "b", "é", "😀"])
    #expect(vocabulary.count == 6)
    #expect(vocabulary.unknown == nil)
    #expect(try vocabulary.encode("b é😀") == [3, 1, 4, 5])
    #expect(try vocabulary.encode("") == [])
  }

  @Test func decodingStopsAtTheEndSymbol() throws {
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"], hasUnknown: true)
    #expect(vocabulary.decode([1, 2, 0, 1]) == "ab")
    #expect(vocabulary.decode([0]) == "")
    #expect(vocabulary.decode([1, 3, 2]) == "a\u{FFFD}b")
    #expect(vocabulary.decode([-1, 99]) == "\u{FFFD}\u{FFFD}")
  }

  @Test func unlistedSymbols() throws {
    let open = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"], hasUnknown: true)
    #expect(open.count == 4)
    #expect(open.unknown == 3)
    #expect(try open.encode("axbé") == [1, 3, 2, 3])
    #expect(open.unknownCount(in: "axbé") == 2)
    let closed = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"])
    #expect(throws: UserError(.badData, "found \"é\" (U+00E9), expected one of the vocabulary's 2 symbols")) {
      try closed.encode("aé")
    }
  }

  @Test(arguments: ["🇫🇷🇩🇪", "👨‍👩‍👧x", "e\u{301}e", "한국", "a\u{308}\u{304}"])
  func graphemesStayWhole(text: String) throws {
    let symbols = Set(text.map(String.init))
    let vocabulary = try SymbolVocabulary(kind: .graphemes, symbols: symbols)
    let ids = try vocabulary.encode(text)
    #expect(ids.count == text.count)
    #expect(vocabulary.decode(ids) == text)
  }

  @Test func equivalentGraphemesAreOneSymbolButScalarsAreNot() throws {
    let graphemes = try SymbolVocabulary(kind: .graphemes, symbols: ["e\u{301}"])
    #expect(try graphemes.encode("\u{E9}e\u{301}") == [1, 1])
    #expect(Array(graphemes.decode([1]).unicodeScalars) == ["\u{E9}"])
    let scalars = try SymbolVocabulary(kind: .scalars, symbols: ["\u{212B}", "\u{C5}"])
    #expect(try scalars.encode("\u{C5}\u{212B}") == [1, 2])
    #expect(try scalars != SymbolVocabulary(kind: .scalars, symbols: ["\u{C5}", "\u{C6}"]))
    #expect(
      try SymbolVocabulary(kind: .scalars, symbols: ["\u{C5}"])
        != SymbolVocabulary(kind: .scalars, symbols: ["\u{212B}"]))
  }

  @Test(arguments: [
    (SymbolKind.scalars, ["ab"]), (.scalars, [""]), (.scalars, ["a", "b", "a"]), (.scalars, ["é", "é"]),
    (.scalars, ["\0"]), (.graphemes, ["ab"]), (.graphemes, [""]), (.graphemes, ["\u{E9}", "e\u{301}"]),
  ])
  func illFormedSymbolsAreRefused(kind: SymbolKind, symbols: [String]) {
    let error = #expect(throws: UserError.self) { try SymbolVocabulary(kind: kind, symbols: symbols) }
    #expect(error?.category == .badData)
  }

  @Test(arguments: SymbolKind.allCases, [false, true])
  func codableRoundTrip(kind: SymbolKind, hasUnknown: Bool) throws {
    let symbols = ["a", "\"", "\\", "\n", "\u{2028}", "\u{FFFF}", "\u{301}", "é", "😀", "\u{10FFFF}", "/"]
    let vocabulary = try SymbolVocabulary(kind: kind, symbols: symbols, hasUnknown: hasUnknown)
    let data = try JSONEncoder().encode(vocabulary)
    #expect(try JSONDecoder().decode(SymbolVocabulary.self, from: data) == vocabulary)
  }

  @Test func storedFormIsPlain() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let vocabulary = try SymbolVocabulary(kind: .scalars, symbols: ["b", "a"])
    let text = String(decoding: try encoder.encode(vocabulary), as: UTF8.self)
    #expect(text == #"{"kind":"scalars","symbols":["a","b"],"unknown":false}"#)
  }

  @Test(arguments: [
    #"{"kind":"scalars","symbols":["b","a"],"unknown":false}"#,
    #"{"kind":"scalars","symbols":["a","a"],"unknown":false}"#,
    #"{"kind":"scalars","symbols":["ab"],"unknown":false}"#,
    #"{"kind":"words","symbols":["a"],"unknown":false}"#,
    #"{"kind":"scalars","symbols":["a"]}"#,
  ])
  func damagedStoredFormIsRefused(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SymbolVocabulary.self, from: Data(json.utf8))
    }
  }

  /// Scalars are counted in blocks of 64.
  @Test func everyScalarIsCountedApart() throws {
    let codes: [UInt32] = [1, 0x3f, 0x40, 0x7f, 0x80, 0xffff, 0x1_0000, 0x10_ffc0, 0x10_ffff]
    let symbols = codes.compactMap { Unicode.Scalar($0).map { String($0) } }
    let text = symbols.enumerated().map { String(repeating: $1, count: $0 + 1) }.joined()
    for kind in [SymbolKind.scalars, .graphemes] {
      var counts = SymbolCounts(kind: kind)
      let length = Array(text.utf8).withUnsafeBufferPointer { counts.add($0) }
      #expect(length == 45 && counts.total == 45)
      let found = Dictionary(uniqueKeysWithValues: counts.entries().map { ($0.symbol, $0.count) })
      #expect(found == Dictionary(uniqueKeysWithValues: symbols.enumerated().map { ($1, $0 + 1) }))
    }
  }
}
