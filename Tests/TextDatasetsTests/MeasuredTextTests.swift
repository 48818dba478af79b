import Failures
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct MeasuredTextTests {
  @Test func linesAreMeasuredWholeAndInTheirOrder() throws {
    try withTemporaryFolder { folder in
      let long = String(repeating: "é", count: 300)
      let path = try folder.write("a.txt", "bb\n\na\r\nbb\n" + long)
      // Lines are not cut here, and repetitions stay.
      let text = try MeasuredText(contentsOf: path, options: TextCorpusOptions(maximumLength: 1))
      #expect((text.lines, text.emptyLines, text.samples) == (5, 1, 4))
      #expect(text.lengths == [1: 1, 2: 2, 300: 1] && text.symbols == ["a": 1, "b": 4, "é": 300])
      #expect(text.first == ["bb", "a", "bb", String(long.prefix(200))])
    }
  }

  @Test func longLinesAreMeasuredWhole() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", "b\n" + String(repeating: "a", count: 1_200_000) + "\n")
      let options = TextCorpusOptions(longLines: .drop)
      let text = try MeasuredText(contentsOf: path, options: options)
      #expect(text.lengths == [1: 1, 1_200_000: 1] && text.symbolsBeyond == 0)
      let most = MeasuredText.longestLine
      try folder.write("a.txt", String(repeating: "a", count: most + 5))
      let cut = try MeasuredText(contentsOf: path, options: options)
      #expect(cut.lengths == [most: 1] && cut.symbolsBeyond == 5)
    }
  }

  @Test func digestsAreThoseOfTheTextWhateverItsEncoding() throws {
    try withTemporaryFolder { folder in
      let utf16 = "\u{feff}é\r\n\r\nb".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      let paths = [try folder.write("a.txt", "é\nb\n"), try folder.write("b.txt", utf16)]
      for path in paths {
        // printf 'é\0b\0' | sha256sum
        #expect(
          try MeasuredText(contentsOf: path, options: TextCorpusOptions()).digest
            == "0185b470f0b3c28a75c7f429c675745ad44d01ae3750f8f68173d2c9f6ac8f7b")
      }
    }
  }

  @Test func windowsHaveLineFeeds() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.txt", "ab\r\ncd\r\ne")
      let text = try MeasuredText(contentsOf: path, options: TextCorpusOptions(window: 3))
      #expect(text.first == ["ab\n", "cd\n"] && text.lengths == [3: 2] && text.symbols["\n"] == 2)
    }
  }

  @Test func oneLineWillDoAndWhatIsNoTextIsAFault() throws {
    try withTemporaryFolder { folder in
      try folder.write("a.txt", "one")
      try folder.write("b.txt", [0x61, 0x00, 0x62])
      let survey = try MeasuredText.survey(folder.path, options: TextCorpusOptions())
      #expect(survey.entries.map(\.item.samples) == [1])
      #expect(survey.faults.count == 1 && survey.faults[0].message.contains("b.txt line 1, byte offset 1"))
    }
  }
}
