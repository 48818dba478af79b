import AudioDatasets
import CSndfile
import Foundation
import TestSupport
import Testing

/// Duel writes no MP3, but reads it where libsndfile does.
@Suite(.enabled(if: SoundFileLibrary.writableFormats.contains { $0.name.contains("MPEG") }))
struct MP3Tests {
  /// Writes two seconds at 16 kHz.
  private func write(_ samples: [Float], to url: URL) throws {
    // SF_FORMAT_MPEG and SF_FORMAT_MPEG_LAYER_III, which older headers do not have.
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (16_000, 1, 0x23_0000 | 0x82)
    let file = try #require(sf_open(url.path, Int32(SFM_WRITE), &info))
    #expect(sf_writef_float(file, samples, Int64(samples.count)) == samples.count)
    #expect(sf_close(file) == 0)
  }

  @Test func levelAndLengthAreKept() throws {
    try withTemporaryFolder { folder in
      let url = folder["tone.mp3"]
      try write((0..<32_000).map { 0.5 * sin(Float($0) * 0.2) }, to: url)
      let clip = try SoundFile.read(url.path)
      #expect(clip.sampleRate == 16_000 && clip.channels == 1)
      // The coder may fill up its last block.
      #expect((32_000...36_000).contains(clip.frameCount))
      let middle = clip.samples[8000..<24_000]
      #expect(abs(middle.reduce(0) { $0 + $1 * $1 } / Float(middle.count) - 0.125) < 0.005)
      #expect(try SoundFile.information(url.path).frames == clip.frameCount)
    }
  }

  /// A tone takes so few bits that its frames borrow from many before them, which libsndfile forgets when it jumps.
  @Test(arguments: [500, 3500, 5000, 9500, 18_432, 20_000, 29_999])
  func partsAreThoseOfTheWhole(start: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder["tone.mp3"]
      try write((0..<32_000).map { 0.5 * sin(Float($0) * 0.2) }, to: url)
      let whole = try SoundFile.read(url.path).samples
      let part = try SoundFile.read(url.path, from: start, count: 1000).samples
      #expect(part.count == 1000)
      // The last bit depends on where decoding began.
      #expect(zip(part, whole[start...]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }
}
