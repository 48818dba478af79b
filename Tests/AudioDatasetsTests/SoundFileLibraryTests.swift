import AudioDatasets
import Testing

@Suite struct SoundFileLibraryTests {
  @Test func versionIsTheLibrarysOwnString() {
    #expect(SoundFileLibrary.version.wholeMatch(of: /libsndfile-1\.\d+\.\d+.*/) != nil)
  }

  @Test func versionOfTheResamplerToo() {
    #expect(ResamplingLibrary.version.wholeMatch(of: /libsoxr-\d+\.\d+\.\d+.*/) != nil)
  }

  /// The two need no codec library, so every build of libsndfile writes them.
  @Test(arguments: ["wav", "aiff"])
  func writesUncompressedFormats(fileExtension: String) {
    #expect(SoundFileLibrary.writableFormats.contains { $0.fileExtension == fileExtension })
  }

  @Test func formatsAreDistinctAndNamed() {
    let formats = SoundFileLibrary.writableFormats
    #expect(Set(formats).count == formats.count)
    #expect(formats.allSatisfy { !$0.name.isEmpty && !$0.fileExtension.isEmpty })
  }
}
