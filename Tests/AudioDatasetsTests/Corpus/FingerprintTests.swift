import TestSupport
import Testing

@testable import AudioDatasets

@Suite struct FingerprintTests {
  private func fingerprint(
    _ folder: TemporaryFolder, _ names: [String], seeds: [Int], format: AudioFormat = .wavFloat,
    options: AudioCorpusOptions = AudioCorpusOptions(length: 100)
  ) throws -> String {
    let place = "\(names.joined())-\(seeds)-\(format)"
    for (name, seed) in zip(names, seeds) {
      // Whole steps of 16 bits, so that every format holds them exactly.
      let samples = noise(200, seed: seed).map { ($0 * 1024).rounded() / 32_768 }
      try folder.sound("\(place)/\(name).\(format.fileExtension)", samples, format: format)
    }
    return try AudioCorpus(path: folder.path + "/" + place, options: options).fingerprint
  }

  @Test func dependsOnTheDecodedSoundAndNotOnPathsOrFormats() throws {
    try withTemporaryFolder { folder in
      let first = try fingerprint(folder, ["a", "b", "c"], seeds: [1, 2, 3])
      #expect(first.wholeMatch(of: /[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}/) != nil)
      #expect(try fingerprint(folder, ["a", "b", "c"], seeds: [1, 2, 3]) == first)
      #expect(try fingerprint(folder, ["x", "y", "z"], seeds: [1, 2, 3]) == first)
      #expect(try fingerprint(folder, ["a", "b", "c"], seeds: [1, 2, 3], format: .flac) == first)
      #expect(try fingerprint(folder, ["a", "b", "c"], seeds: [1, 2, 4]) != first)
      let held = try fingerprint(folder, ["a", "b", "c"], seeds: [5, 2, 3])
      #expect(held.prefix(16) == first.prefix(16) && held.suffix(16) != first.suffix(16))
    }
  }

  @Test(arguments: [
    AudioCorpusOptions(length: 101), AudioCorpusOptions(length: 100, channels: 2),
    AudioCorpusOptions(length: 100, normalisation: .none),
    AudioCorpusOptions(length: 100, slicing: .overlapping),
    AudioCorpusOptions(sampleRate: 8001, length: 100), AudioCorpusOptions(length: 100, labels: "([abc])"),
    AudioCorpusOptions(length: 100, holdoutPattern: "2"),
  ])
  func dependsOnWhatIsMadeOfIt(options: AudioCorpusOptions) throws {
    try withTemporaryFolder { folder in
      // Labels have one file each but for "a".
      let names = ["a1", "a2", "a3"]
      let plain = try fingerprint(folder, names, seeds: [1, 2, 3])
      #expect(try fingerprint(folder, names, seeds: [1, 2, 3], options: options) != plain)
    }
  }
}
