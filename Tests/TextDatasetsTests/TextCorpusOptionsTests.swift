import Failures
import Files
import Testing

@testable import TextDatasets

@Suite struct TextCorpusOptionsTests {
  @Test(arguments: [
    TextCorpusOptions(),
    TextCorpusOptions(
      window: 64, symbols: .graphemes, maximumLength: 7, longLines: .drop, encoding: .windows1252,
      vocabularyCoverage: 0.5, vocabularyLimit: 5, labels: "folder", holdoutPattern: "x", skipBad: true),
  ])
  func codableRoundTrip(options: TextCorpusOptions) throws {
    #expect(try JSONValue(encoding: options).decoded(as: TextCorpusOptions.self) == options)
  }

  @Test func storedFormShowsEveryChoice() throws {
    let text = try JSONValue(encoding: TextCorpusOptions()).text
    #expect(
      text
        == #"{"encoding":"auto","holdoutPattern":null,"labels":null,"longLines":"cut","maximumLength":null,"#
        + #""skipBad":false,"symbols":"scalars","vocabularyCoverage":0.999,"vocabularyLimit":4096,"window":null}"#
    )
  }

  @Test func optionsOfEarlierRunsAreRead() throws {
    let text =
      #"{"holdoutPattern":null,"labels":null,"longLines":"cut","maximumLength":32,"skipBad":false,"#
      + #""symbols":"scalars","vocabularyLimit":1024,"window":null}"#
    let options: TextCorpusOptions = try JSONValue(parsing: Array(text.utf8)).decoded()
    #expect(options == TextCorpusOptions(maximumLength: 32, vocabularyLimit: 1024))
  }

  @Test(arguments: [
    (TextCorpusOptions(window: 0), "window: found 0, expected 1 to 1000000"),
    (TextCorpusOptions(maximumLength: 0), "maximumLength: found 0, expected 1 to 1000000"),
    (TextCorpusOptions(maximumLength: 1_000_001), "maximumLength: found 1000001, expected 1 to 1000000"),
    (TextCorpusOptions(vocabularyLimit: 0), "vocabularyLimit: found 0, expected at least 1"),
    (
      TextCorpusOptions(vocabularyCoverage: 0),
      "vocabularyCoverage: found 0.0, expected a share above 0 and at most 1"
    ),
    (
      TextCorpusOptions(vocabularyCoverage: 1.5),
      "vocabularyCoverage: found 1.5, expected a share above 0 and at most 1"
    ),
  ])
  func rangesAreChecked(options: TextCorpusOptions, message: String) {
    #expect(throws: UserError(.usage, message)) {
      try TextCorpus(text: "a\nb\n", name: "x", options: options)
    }
  }
}
