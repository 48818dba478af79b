import Foundation
import RandomNumbers
import Testing

@testable import TextDatasets

@Suite struct LineLengthTests {
  private func limit(_ lines: [(symbols: Int, count: Int)]) -> Int {
    var lengths = LineLengths()
    for (symbols, count) in lines { for _ in 0..<count { lengths.add(symbols) } }
    return lengths.limit
  }

  @Test(
    arguments: [
      // Short lines cost little, whatever their lengths.
      ([(5, 1000), (32, 1)], 32), ([(5, 10)], 5), ([(300, 1)], 256), ([(40, 1)], 40),
      // The longest line, as long as it is not much longer than what 99.5 % of the lines keep to.
      ([(80, 995), (120, 5)], 120), ([(80, 995), (121, 5)], 80),
      ([(60, 9), (81, 990), (121, 2), (122, 1)], 121),
      ([(80, 994), (200, 6)], 200), ([(60, 100), (90, 1)], 90), ([(60, 100), (91, 1)], 60),
      ([(10, 50), (33, 1)], 10),
      ([(10, 500), (31, 1), (33, 1)], 31),
      // Never more than 256.
      ([(200, 1000), (256, 3)], 256), ([(200, 1000), (257, 3)], 200), ([(254, 1000), (900, 1)], 254),
      ([(1000, 1000)], 256), ([(10, 900), (1000, 100)], 256), ([(10, 3), (100_000, 1)], 10),
    ] as [([(Int, Int)], Int)])
  func theRuleHolds(lines: [(Int, Int)], expected: Int) {
    #expect(limit(lines.map { (symbols: $0.0, count: $0.1) }) == expected)
  }

  @Test func whatIsCutIsCounted() {
    var lengths = LineLengths()
    for symbols in [3, 40, 41, 60, 300, 1000] { lengths.add(symbols) }
    #expect(lengths.excess(over: 40) == (4, 1 + 20 + 260 + 960))
    #expect(lengths.excess(over: 256) == (2, 44 + 744))
  }

  @Test(arguments: LongLineRule.allCases, [SymbolKind.scalars, .graphemes])
  func oneEndlessLineDoesNotDecide(rule: LongLineRule, kind: SymbolKind) throws {
    let short = (0..<400).map { "é\(String(repeating: "x", count: 40))\($0)" }
    let text = (short + [String(repeating: "ü", count: 100_000)]).joined(separator: "\n")
    let corpus = try TextCorpus(text: text, name: "text", options: .init(symbols: kind, longLines: rule))
    #expect(corpus.longest == 44)
    #expect(
      corpus.report.description.contains(
        rule == .cut ? "(1 cut to 44 symbols, which leaves out 99956 symbols)" : "(1 longer than 44 symbols)")
    )
    // The number that follows, given, makes the same samples.
    let again = try TextCorpus(
      text: text, name: "text", options: .init(symbols: kind, maximumLength: 44, longLines: rule))
    #expect(again.fingerprint == corpus.fingerprint && again.report == corpus.report)
  }

  @Test func symbolsAreCountedAndNotBytes() throws {
    let lines = (0..<20).map { "\($0 % 10)\($0 / 10)" + String(repeating: "字", count: 8) }
    let corpus = try TextCorpus(
      text: (lines + [String(repeating: "字", count: 90)]).joined(separator: "\n"), name: "text")
    #expect(corpus.longest == 10 && corpus.report[.cutLine(to: 10, leavingOut: 80)] == 1)
  }

  @Test func theLongestLineDecides() throws {
    let lines = (0..<60).map { String(repeating: "y", count: 10 + 2 * $0) }
    let corpus = try TextCorpus(text: lines.joined(separator: "\r"), name: "text")
    #expect(corpus.longest == 128 && corpus.report.leftOut.isEmpty)
    let cut = try TextCorpus(
      text: lines.joined(separator: "\n"), name: "text", options: .init(maximumLength: 100))
    #expect(cut.longest == 100)
    #expect(cut.report[.cutLine(to: 100, leavingOut: 2 * (1 + 14) * 14 / 2)] == 14)
  }

  @Test func longParagraphsAreCutAtTheBound() throws {
    let lines = (0..<30).map { "\($0)" + String(repeating: "字", count: 300 + $0) }
    let corpus = try TextCorpus(text: lines.joined(separator: "\n"), name: "text")
    #expect(corpus.longest == 256)
    #expect(corpus.report.description.contains("(30 cut to 256 symbols, which leaves out "))
  }
}

@Suite struct CoverageTests {
  /// Lines of Chinese characters whose frequencies fall as one over the rank.
  private static func chinese(symbols: Int, lines: Int) -> String {
    var generator = SplitMix64(seed: 7)
    // Every one occurs once at least.
    let all = (0..<symbols).map { UInt32(0x4E00 + $0) }
    var text = String.UnicodeScalarView()
    func write(_ code: UInt32) { if let scalar = Unicode.Scalar(code) { text.append(scalar) } }
    for (index, code) in all.enumerated() {
      write(code)
      if index % 20 == 19 { text.append("\n") }
    }
    for _ in 0..<lines {
      for _ in 0..<20 {
        let share = Double.random(in: 0..<1, using: &generator)
        write(all[Int(pow(Double(symbols), share)) - 1])
      }
      text.append("\n")
    }
    return String(text)
  }

  @Test func theShareOfTheTextDecides() throws {
    let text = Self.chinese(symbols: 4_000, lines: 4_000)
    func corpus(coverage: Double, limit: Int = 4096) throws -> TextCorpus {
      try TextCorpus(
        text: text, name: "text", options: .init(vocabularyCoverage: coverage, vocabularyLimit: limit))
    }
    var before = 256
    for coverage in [0.9, 0.99, 0.999] {
      let found = try corpus(coverage: coverage)
      let training = found.training
      let share = 1 - Double(training.unknownCount) / Double(training.symbolCount)
      #expect(share >= coverage && share < coverage + 0.001)
      #expect(found.vocabulary.symbols.count > before)
      before = found.vocabulary.symbols.count
    }
    #expect(try corpus(coverage: 1).training.unknownCount == 0)
    #expect(try corpus(coverage: 0.01).vocabulary.symbols.count == 256)
    let limited = try corpus(coverage: 0.999, limit: 1000)
    #expect(limited.vocabulary.symbols.count == 1000 && limited.vocabulary.hasUnknown)
    #expect(
      limited.report.description.contains(
        "a vocabulary of 1002, which lists 1000 of 4000 distinct symbols and so covers 8"))
    #expect(try corpus(coverage: 0.999, limit: 3).vocabulary.symbols.count == 3)
  }

  @Test func fewSymbolsAreAllKept() throws {
    let rare = (0..<250).compactMap { Unicode.Scalar(0x100 + $0).map { "aaaaaaaaaa\(Character($0))" } }
    let text = (rare + rare.map { $0 + "b" } + ["😀aa😀", "👩‍👩‍👧a"]).joined(separator: "\n")
    for kind in SymbolKind.allCases {
      let corpus = try TextCorpus(
        text: text, name: "text", options: .init(symbols: kind, vocabularyCoverage: 0.5))
      #expect(corpus.training.unknownCount == 0)
    }
  }
}
