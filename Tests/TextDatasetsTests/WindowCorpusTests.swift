import RandomNumbers
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct WindowCorpusTests {
  /// The samples by the stated rule, from plain strings.
  private static func expected(_ text: String, window: Int, kind: SymbolKind) -> (
    training: [String], heldOut: [String]
  ) {
    let symbols = kind == .scalars ? text.unicodeScalars.map { String($0) } : text.map { String($0) }
    let ends = stride(from: window, through: symbols.count, by: window)
    var distinct: [[UInt8]] = []
    for end in ends {
      let bytes = Array(symbols[(end - window)..<end].joined().utf8)
      if !distinct.contains(bytes) { distinct.append(bytes) }
    }
    let texts = distinct.map { String(decoding: $0, as: UTF8.self) }
    let numbered = texts.enumerated()
    return (
      numbered.filter { $0.offset % 10 != 0 }.map(\.element),
      numbered.filter { $0.offset % 10 == 0 }.map(\.element)
    )
  }

  @Test func everyTenthWindowIsHeldOut() throws {
    let text = "ab\ncdefghijklmnopqrstuvwxyz"
    let corpus = try TextCorpus(text: text, name: "text", options: .init(window: 2))
    #expect(Array(corpus.heldOut) == ["ab", "tu"])
    #expect(Array(corpus.training) == ["\nc", "de", "fg", "hi", "jk", "lm", "no", "pq", "rs", "vw", "xy"])
    #expect(corpus.report[.beyondWindows] == 1)
    #expect(corpus.sequenceLength == 2)
    #expect(corpus.training.encoded(0) == [1, 2])
    #expect(corpus.training.hasSample("pq"))
    #expect(!corpus.training.hasSample("ab"))
  }

  @Test(arguments: SymbolKind.allCases, [1, 2, 3, 7])
  func windowsFollowTheStatedRule(kind: SymbolKind, window: Int) throws {
    var generator = SplitMix64(seed: UInt64(window))
    let pieces = ["a", "b", "c", "\n", "\n", "é", "e\u{301}", "🇫🇷", "longer ascii run", "\r"]
    for _ in 0..<60 {
      let length = Int.random(in: 30...60, using: &generator)
      let text = (0..<length).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }
        .joined()
      let plain = text.replacingCarriageReturns()
      let expected = Self.expected(plain, window: window, kind: kind)
      for form in [text, plain, "\u{FEFF}" + plain, plain.withCarriageReturns()] {
        let corpus = try TextCorpus(text: form, name: "text", options: .init(window: window, symbols: kind))
        #expect(corpus.training.map { Array($0.utf8) } == expected.training.map { Array($0.utf8) })
        #expect(corpus.heldOut.map { Array($0.utf8) } == expected.heldOut.map { Array($0.utf8) })
      }
    }
  }

  @Test func windowsDoNotCrossFiles() throws {
    try withTemporaryFolder { folder in
      try folder.write("a.txt", "abc")
      try folder.write("b.txt", "")
      try folder.write("c.txt", "defgh")
      let corpus = try TextCorpus(path: folder.path, options: .init(window: 2))
      #expect(Array(corpus.heldOut) + Array(corpus.training) == ["ab", "de", "fg"])
      #expect(corpus.report[.beyondWindows] == 2)
    }
  }
}

extension String {
  /// The text with one line feed for each line end: the form that readers see.
  fileprivate func replacingCarriageReturns() -> String {
    var scalars = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in unicodeScalars {
      if scalar != "\n" || previous != "\r" { scalars.append(scalar == "\r" ? "\n" : scalar) }
      previous = scalar
    }
    return String(scalars)
  }

  fileprivate func withCarriageReturns() -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar == "\n" { scalars.append("\r") }
      scalars.append(scalar)
    }
    return String(scalars)
  }
}
