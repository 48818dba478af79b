import Pictures
import Testing

@Suite struct PictureLibraryTests {
  @Test func versionIsTheLibrarysOwn() {
    #expect(PictureLibrary.version.wholeMatch(of: /libpng-1\.\d+\.\d+.*/) != nil)
  }
}
