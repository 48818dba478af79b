import Failures
import RandomNumbers
import Testing

@testable import TextDatasets

@Suite struct LineCorpusTests {
  private static let words = "l k j i h g f e d c b a A é Z a k\n".split(separator: " ").joined(
    separator: "\n")

  @Test func everyTenthDistinctLineByByteValueIsHeldOut() throws {
    let corpus = try TextCorpus(text: Self.words, name: "words")
    // Distinct by bytes: A Z a b c d e f g h i j k l é; numbers 0 and 10 are held out.
    #expect(Array(corpus.heldOut) == ["A", "i"])
    #expect(Array(corpus.training) == ["Z", "a", "b", "c", "d", "e", "f", "g", "h", "j", "k", "l", "é"])
    #expect(corpus.report.items == 17)
    #expect(corpus.report[.duplicate] == 2)
    #expect(corpus.labelNames.isEmpty)
    #expect(corpus.training.label(at: 0) == nil)
  }

  @Test func theOrderOfLinesAndTheFormOfLineEndsDoNotMatter() throws {
    let corpus = try TextCorpus(text: Self.words, name: "words")
    let lines = Self.words.split(separator: "\n")
    let other = try TextCorpus(
      text: "\u{FEFF}" + lines.reversed().joined(separator: "\r\n\r\n"), name: "words")
    #expect(Array(other.training) == Array(corpus.training))
    #expect(Array(other.heldOut) == Array(corpus.heldOut))
    #expect(other.fingerprint == corpus.fingerprint)
    #expect(other.report[.emptyLine] == 16)
    let changed = try TextCorpus(text: Self.words + "m\n", name: "words")
    #expect(changed.training.fingerprint != corpus.training.fingerprint)
    #expect(changed.heldOut.fingerprint == corpus.heldOut.fingerprint)
  }

  @Test func spacesAndLaterByteOrderMarksArePartOfALine() throws {
    let corpus = try TextCorpus(text: " a\na \n\u{FEFF}x\nlast", name: "text")
    #expect(Array(corpus.heldOut) + Array(corpus.training) == [" a", "a ", "last", "\u{FEFF}x"])
  }

  @Test(arguments: ["\r", "\r\n", "\n\r", "\n\r\r\n"]) func anyLineEndWillDo(end: String) throws {
    let corpus = try TextCorpus(text: ["ab", "cd", "ef", ""].joined(separator: end), name: "text")
    #expect(Array(corpus.heldOut) + Array(corpus.training) == ["ab", "cd", "ef"])
    #expect(corpus.vocabulary.symbols == ["c", "d", "e", "f"])
  }

  @Test func vocabularyComesFromTheTrainingPart() throws {
    // Held out is "Ax", the first by bytes. Only it has A and x.
    let corpus = try TextCorpus(text: "cab\nAx\nbac\nabc", name: "text")
    #expect(corpus.vocabulary.symbols == ["a", "b", "c"])
    #expect(corpus.vocabulary.hasUnknown)
    #expect(corpus.heldOut.encoded(0) == [4, 4])
    #expect(corpus.heldOut.unknownCount == 2)
    #expect(corpus.training.unknownCount == 0)
    #expect(corpus.training.symbolCount + corpus.heldOut.symbolCount == 11)
    #expect(corpus.vocabulary.count == 5)
  }

  @Test func rareSymbolsBeyondTheLimitAreUnknown() throws {
    let options = TextCorpusOptions(vocabularyLimit: 2)
    // Training: b 3 times, c twice, a and d once; of c and others frequency decides, then the scalar value.
    let corpus = try TextCorpus(text: "bb\nabc\nbcb\nbd", name: "text", options: options)
    #expect(Array(corpus.heldOut) == ["abc"])
    #expect(corpus.vocabulary.symbols == ["b", "c"])
    #expect(corpus.training.unknownCount == 1)
    #expect(corpus.heldOut.unknownCount == 1)
    #expect(corpus.training.encoded(2) == [1, 3])
    #expect(corpus.vocabulary.decode(corpus.training.encoded(2)) == "b\u{FFFD}")
  }

  @Test(arguments: SymbolKind.allCases)
  func longLinesAreCutOrDroppedBeforeDuplicates(kind: SymbolKind) throws {
    let text = "abcd\nabce\nab\néèàù\nx\n"
    let cut = try TextCorpus(text: text, name: "text", options: .init(symbols: kind, maximumLength: 3))
    #expect(Array(cut.heldOut) + Array(cut.training) == ["ab", "abc", "x", "éèà"])
    #expect(cut.report[.cutLine(to: 3, leavingOut: 3)] == 3)
    #expect(cut.report[.duplicate] == 1)
    #expect(cut.longest == 3)
    #expect(cut.sequenceLength == 4)
    let drop = try TextCorpus(
      text: text, name: "text", options: .init(symbols: kind, maximumLength: 3, longLines: .drop))
    #expect(Array(drop.heldOut) + Array(drop.training) == ["ab", "x"])
    #expect(drop.report[.longLine(limit: 3)] == 3)
    #expect(drop.longest == 2)
  }

  @Test func graphemesAreCutWhole() throws {
    let text = "🇫🇷🇩🇪🇮🇹\ne\u{301}e\u{301}e\u{301}\nabc\n"
    let corpus = try TextCorpus(
      text: text, name: "text", options: .init(symbols: .graphemes, maximumLength: 2))
    #expect(Array(corpus.heldOut) + Array(corpus.training) == ["ab", "e\u{301}e\u{301}", "🇫🇷🇩🇪"])
    #expect(corpus.vocabulary.symbols == ["é", "🇩🇪", "🇫🇷"])
    #expect(corpus.training.encoded(1) == [3, 2])
    let scalars = try TextCorpus(text: text, name: "text", options: .init(maximumLength: 2))
    #expect(Array(scalars.training) == ["e\u{301}", "🇫🇷"])
  }

  @Test func canonicallyEquivalentLinesAreDistinctSamples() throws {
    let corpus = try TextCorpus(
      text: "a\n\u{E9}\ne\u{301}\n", name: "text", options: .init(symbols: .graphemes))
    #expect(corpus.training.count == 2)
    #expect(corpus.vocabulary.symbols == ["é"])
    #expect(corpus.training.hasSample("\u{E9}"))
  }

  @Test func batchesAreCutAndFilledUp() throws {
    let corpus = try TextCorpus(text: "a\nb\nab\nbbab\n", name: "text")
    #expect(Array(corpus.training) == ["ab", "b", "bbab"])
    #expect(corpus.training.batch([2, 1], length: corpus.sequenceLength) == [2, 2, 1, 2, 0, 2, 0, 0, 0, 0])
    #expect(corpus.training.batch([2, 0], length: 2) == [2, 2, 1, 2])
  }

  @Test func samplesAreFoundByTheirBytes() throws {
    let corpus = try TextCorpus(text: Self.words, name: "words")
    for text in corpus.training { #expect(corpus.training.hasSample(text)) }
    for text in ["A", "i", "", "aa", "zz", "e\u{301}"] { #expect(!corpus.training.hasSample(text)) }
  }

  @Test func aGivenVocabularyIsUsedAndChecked() throws {
    let wide = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b", "c", "z"])
    let corpus = try TextCorpus(text: "ab\nb\nc\n", name: "text", vocabulary: wide)
    #expect(corpus.vocabulary == wide)
    let narrow = try SymbolVocabulary(kind: .scalars, symbols: ["a", "b"])
    #expect(
      throws: UserError(
        .badData, "text line 4: found \"c\" (U+0063), expected one of the vocabulary's 2 symbols")
    ) { try TextCorpus(text: "ab\nb\n\nc\n", name: "text", vocabulary: narrow) }
  }

  @Test func reportReadsAsOneParagraph() throws {
    let corpus = try TextCorpus(
      text: "abcd\n\nab\nab\nxyzä\nq\n", name: "text", options: .init(maximumLength: 3, vocabularyLimit: 3))
    #expect(
      corpus.report.description
        == "text: 6 lines in 1 file (1 empty, 2 cut to 3 symbols, which leaves out 2 symbols, 1 duplicate); 3 samples to "
        + "train on, none for validation (too few), 1 held out, the longest of 3 symbols; 9 symbols in all, a "
        + "vocabulary of 5, which lists 3 of 7 distinct symbols and so covers 42.85 % of the training text, 4 unknown "
        + "symbols (4 in training, 0 held out)."
    )
  }

  /// Texts with long common beginnings, of lengths around multiples of eight, against the standard library's
  /// sort.
  @Test func theOrderIsThatOfBytes() throws {
    var generator = SplitMix64(seed: 5)
    let texts = (0..<2000).map { _ in
      let prefix = String(repeating: "x", count: Int.random(in: 0...24, using: &generator))
      let rest = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        ["\u{1}", "x", "é", "😀"][Int.random(in: 0..<4, using: &generator)]
      }
      return prefix + rest.joined()
    }
    var distinct: [[UInt8]] = []
    for bytes in texts.map({ Array($0.utf8) }).sorted(by: { $0.lexicographicallyPrecedes($1) })
    where distinct.last != bytes { distinct.append(bytes) }
    let corpus = try TextCorpus(text: texts.joined(separator: "\n"), name: "text")
    func bytes(_ samples: TextSamples) -> [[UInt8]] { samples.map { Array($0.utf8) } }
    func parts(_ lines: [[UInt8]]) -> (tenth: [[UInt8]], others: [[UInt8]]) {
      let numbered = lines.enumerated()
      return (
        numbered.filter { $0.offset % 10 == 0 }.map(\.element),
        numbered.filter { $0.offset % 10 != 0 }.map(\.element)
      )
    }
    let (heldOut, others) = parts(distinct)
    let (validation, training) = parts(others)
    let areEqual = [
      bytes(corpus.heldOut) == heldOut, bytes(corpus.validation) == validation,
      bytes(corpus.training) == training,
    ]
    #expect(areEqual == [true, true, true])
  }
}
