import Failures
import Files
import Testing

@testable import TextDatasets

@Suite struct TextCorpusOptionsTests {
  @Test(arguments: [
    TextCorpusOptions(),
    TextCorpusOptions(
      window: 64, symbols: .graphemes, maximumLength: 7, longLines: .drop, vocabularyLimit: 5,
      labels: "folder"
    ),
  ])
  func codableRoundTrip(options: TextCorpusOptions) throws {
    #expect(try JSONValue(encoding: options).decoded(as: TextCorpusOptions.self) == options)
  }

  @Test func storedFormShowsEveryChoice() throws {
    let text = try JSONValue(encoding: TextCorpusOptions()).text
    #expect(
      text == #"{"labels":"none","longLines":"cut","maximumLength":32,"symbols":"scalars","#
        + #""vocabularyLimit":1024,"window":null}"#)
  }

  @Test(arguments: [
    (TextCorpusOptions(window: 0), "window: found 0, expected 1 to 1000000"),
    (TextCorpusOptions(maximumLength: 0), "maximumLength: found 0, expected 1 to 1000000"),
    (TextCorpusOptions(maximumLength: 1_000_001), "maximumLength: found 1000001, expected 1 to 1000000"),
    (TextCorpusOptions(vocabularyLimit: 0), "vocabularyLimit: found 0, expected at least 1"),
  ])
  func rangesAreChecked(options: TextCorpusOptions, message: String) {
    #expect(throws: UserError(.usage, message)) {
      try TextCorpus(text: "a\nb\n", name: "x", options: options)
    }
  }
}
