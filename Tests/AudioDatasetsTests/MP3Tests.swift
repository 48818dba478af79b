import CSndfile
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

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

  /// An MP3 of variable rate: loud noise, which takes many bits, then near silence, which takes few, and a tone at the end.
  private func variable(in folder: TemporaryFolder) throws -> (samples: [Float], bytes: [UInt8]) {
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (16_000, 1, 0x23_0000 | 0x82)
    let url = folder["variable.mp3"]
    let file = try #require(sf_open(url.path, Int32(SFM_WRITE), &info))
    // SFC_SET_BITRATE_MODE and SF_BITRATE_MODE_VARIABLE.
    var mode: Int32 = 2
    sf_command(file, 0x1305, &mode, Int32(MemoryLayout<Int32>.size))
    let quiet = (0..<128_000).map { 1e-3 * sin(Float($0) * 0.1) }
    let samples = noise(32_000, seed: 1, level: 0.9) + quiet + (0..<16_000).map { 0.5 * sin(Float($0) * 0.2) }
    #expect(sf_writef_float(file, samples, Int64(samples.count)) == samples.count)
    #expect(sf_close(file) == 0)
    return (samples, try [UInt8](Data(contentsOf: url)))
  }

  /// Bytes of the first frame, which announces the number of the others: MPEG-2, layer III, 16 kHz.
  private func firstFrame(of bytes: [UInt8]) throws -> Int {
    #expect(bytes[0] == 0xff && bytes[1] & 0xfe == 0xf2)
    let rates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    #expect(["Xing", "Info"].contains(String(decoding: bytes[13..<17], as: UTF8.self)))
    return 72_000 * rates[Int(bytes[2] >> 4)] / 16_000 + Int(bytes[2] >> 1 & 1)
  }

  @Test func variableRatesAreCountedWithoutAnAnnouncement() throws {
    try withTemporaryFolder { folder in
      let (samples, bytes) = try variable(in: folder)
      let whole = try SoundFile.read(folder["variable.mp3"].path)
      #expect((samples.count...samples.count + 4 * 576).contains(whole.frameCount))
      let frame = try firstFrame(of: bytes)
      var tag = Array("TAG".utf8) + Array("a title".utf8)
      tag += Array(repeating: 0, count: 128 - tag.count)
      let front = Array("ID3".utf8) + [3, 0, 0, 0, 0, 2, 0] + Array(repeating: 0 as UInt8, count: 256)
      var silentFrame = Array(bytes[..<frame])
      silentFrame.replaceSubrange(13..<17, with: Array("None".utf8))
      silentFrame.replaceSubrange(36..<40, with: Array("VBRI".utf8))
      for (name, file) in [
        ("bare", Array(bytes[frame...])), ("tagged", front + bytes[frame...] + tag),
        ("another", front + silentFrame + bytes[frame...]),
        ("padded.mp3", front + Array(repeating: 0, count: 1000) + bytes[frame...]),
      ] {
        let path = try folder.write(name, file)
        let clip = try SoundFile.read(path)
        // The encoder's delay is not known then: up to two frames more at either end.
        #expect((whole.frameCount...whole.frameCount + 4 * 576).contains(clip.frameCount), "\(name)")
        #expect(try SoundFile.information(path).frames == clip.frameCount)
        let end = clip.samples.suffix(12_000).prefix(8000)
        #expect(abs(end.reduce(0) { $0 + $1 * $1 } / 8000 - 0.125) < 0.005, "\(name)")
        let part = try SoundFile.read(path, from: 150_000, count: 1000).samples
        #expect(zip(part, clip.samples[150_000...]).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
      }
    }
  }

  @Test func severalInOneFileAreAllRead() throws {
    try withTemporaryFolder { folder in
      let (_, bytes) = try variable(in: folder)
      let whole = try SoundFile.read(folder["variable.mp3"].path)
      let clip = try SoundFile.read(folder.write("two.mp3", bytes + bytes))
      #expect((2 * whole.frameCount...2 * whole.frameCount + 8 * 576).contains(clip.frameCount))
      #expect(try SoundFile.read(folder.write("one.mp3", bytes)) == whole)
    }
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
