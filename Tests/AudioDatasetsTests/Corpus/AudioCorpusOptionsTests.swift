import Failures
import Files
import Testing

@testable import AudioDatasets

@Suite struct AudioCorpusOptionsTests {
  @Test(arguments: [
    AudioCorpusOptions(),
    AudioCorpusOptions(
      sampleRate: 16_000, length: 1000, channels: 2, normalisation: .loudness, slicing: .overlapping,
      overlap: 0.5, short: .drop, trimSilence: true, labels: "folder", holdoutPattern: "x", skipBad: true),
  ])
  func codableRoundTrip(options: AudioCorpusOptions) throws {
    #expect(try JSONValue(encoding: options).decoded(as: AudioCorpusOptions.self) == options)
  }

  @Test func storedFormShowsEveryChoice() throws {
    let text = try JSONValue(encoding: AudioCorpusOptions()).text
    #expect(
      text == #"{"channels":1,"holdoutPattern":null,"labels":null,"length":null,"normalisation":"peak","#
        + #""overlap":0.0,"sampleRate":null,"short":"pad","skipBad":false,"slicing":"first","trimSilence":false}"#
    )
  }

  @Test(arguments: [
    (AudioCorpusOptions(sampleRate: 999), "sampleRate: found 999, expected 1000 to 384000"),
    (AudioCorpusOptions(length: 15), "length: found 15, expected 16 to 16777216"),
    (AudioCorpusOptions(channels: 0), "channels: found 0, expected 1 to 8"),
    (AudioCorpusOptions(overlap: 1), "overlap: found 1.0, expected 0.0 to 0.95"),
    (AudioCorpusOptions(overlap: .nan), "overlap: found nan, expected 0.0 to 0.95"),
  ])
  func rangesAreChecked(options: AudioCorpusOptions, message: String) {
    #expect(throws: UserError(.usage, message)) { try options.validate() }
  }

  @Test(arguments: [
    (AudioCorpusOptions(labels: "("), "--labels: found '('"),
    (AudioCorpusOptions(holdoutPattern: "[a"), "--holdout-pattern: found '[a'"),
  ])
  func malformedExpressionsNameTheirFlag(options: AudioCorpusOptions, message: String) {
    let error = #expect(throws: UserError.self) { try options.validate() }
    #expect(error?.category == .usage)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [(0.0, 100), (0.5, 50), (0.95, 5), (0.333, 67)])
  func hopIsTheShareOfAWindowThatTheNextOneDoesNotRepeat(overlap: Double, hop: Int) {
    #expect(AudioCorpusOptions(length: 100, overlap: overlap).hop == hop)
  }
}
