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
