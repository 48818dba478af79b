import CSndfile
import Failures
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
  private func variable(
    in folder: TemporaryFolder, rate: Int32 = 16_000, channels: Int32 = 1
  ) throws -> (samples: [Float], bytes: [UInt8]) {
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (rate, channels, 0x23_0000 | 0x82)
    let url = folder["variable.mp3"]
    let file = try #require(sf_open(url.path, Int32(SFM_WRITE), &info))
    // SFC_SET_BITRATE_MODE and SF_BITRATE_MODE_VARIABLE.
    var mode: Int32 = 2
    sf_command(file, 0x1305, &mode, Int32(MemoryLayout<Int32>.size))
    let quiet = (0..<128_000).map { 1e-3 * sin(Float($0) * 0.1) }
    let samples = noise(32_000, seed: 1, level: 0.9) + quiet + (0..<16_000).map { 0.5 * sin(Float($0) * 0.2) }
    let frames = samples.flatMap { Array(repeating: $0, count: Int(channels)) }
    #expect(sf_writef_float(file, frames, Int64(samples.count)) == samples.count)
    #expect(sf_close(file) == 0)
    return (samples, try [UInt8](Data(contentsOf: url)))
  }

  /// Bytes of the frame of layer III at a place.
  private func length(of bytes: [UInt8], at place: Int) -> Int {
    let (isFirst, isSecond) = (bytes[place + 1] >> 3 & 3 == 3, bytes[place + 1] >> 3 & 3 == 2)
    let rates =
      isFirst
      ? [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    let sampleRate =
      [44_100, 48_000, 32_000][Int(bytes[place + 2] >> 2 & 3)] / (isFirst ? 1 : isSecond ? 2 : 4)
    return (isFirst ? 144_000 : 72_000) * rates[Int(bytes[place + 2] >> 4)] / sampleRate
      + Int(bytes[place + 2] >> 1 & 1)
  }

  @Test(arguments: [(16_000, 1), (44_100, 2), (8000, 1)] as [(Int32, Int32)])
  func variableRatesAreCountedWithoutAnAnnouncement(rate: Int32, channels: Int32) throws {
    try withTemporaryFolder { folder in
      let (samples, bytes) = try variable(in: folder, rate: rate, channels: channels)
      let whole = try SoundFile.read(folder["variable.mp3"].path)
      #expect((samples.count...samples.count + 4 * 1152).contains(whole.frameCount))
      let frame = length(of: bytes, at: 0)
      let place = try #require(
        bytes.firstRange(of: Array("Xing".utf8)) ?? bytes.firstRange(of: Array("Info".utf8)))
      #expect(place.upperBound < frame)
      var tag = Array("TAG".utf8) + Array("a title".utf8)
      tag += Array(repeating: 0, count: 128 - tag.count)
      // A picture in a tag may look like frames.
      let picture = (0..<70_000).map { place -> UInt8 in place % 7 < 2 ? 0xff : UInt8(place % 256) }
      let front: [UInt8] = Array("ID3".utf8) + [3, 0, 0, 0, 4, 0x22, 0x70] + picture
      var another = Array(bytes[..<frame])
      another.replaceSubrange(place, with: Array("None".utf8))
      another.replaceSubrange(36..<40, with: Array("VBRI".utf8))
      var wrong = bytes
      wrong[place.upperBound + 6] = 0
      let middle = frame + length(of: bytes, at: frame)
      let sound = Array(bytes[frame...])
      let (start, rest) = (Array(bytes[frame..<middle]), Array(bytes[middle...]))
      let zeros = [UInt8](repeating: 0, count: 5000)
      let files: [(name: String, bytes: [UInt8])] = [
        ("bare", sound), ("tagged", front + sound + tag), ("another", front + another + sound),
        ("wrong", wrong), ("padded.mp3", front + zeros + sound), ("junk", start + zeros + rest),
        ("tags between", start + front + rest),
      ]
      for (name, file) in files {
        let path = try folder.write(name, file)
        let clip = try SoundFile.read(path)
        // The encoder's delay is not known then: up to two frames more at either end.
        #expect((whole.frameCount...whole.frameCount + 4 * 1152).contains(clip.frameCount), "\(name)")
        #expect(try SoundFile.information(path).frames == clip.frameCount)
        guard clip.frameCount >= whole.frameCount else { continue }
        let end = clip.samples.suffix(12_000 * Int(channels)).prefix(8000 * Int(channels))
        #expect(abs(end.reduce(0) { $0 + $1 * $1 } / Float(end.count) - 0.125) < 0.005, "\(name)")
        let part = try SoundFile.read(path, from: 150_000, count: 1000).samples
        #expect(
          zip(part, clip.samples[(150_000 * Int(channels))...]).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
      }
    }
  }

  /// Frames of layer II in silence: 44,100 Hz, one channel, of a bit rate by its index.
  private func silence(_ index: Int, count: Int) -> [UInt8] {
    let rates = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192]
    let header: [UInt8] = [0xff, 0xfd, UInt8(index << 4), 0xc0]
    let frame = header + [UInt8](repeating: 0, count: 144_000 * rates[index] / 44_100 - 4)
    return Array(repeatElement(frame, count: count).joined())
  }

  @Test func lengthsThatLayerTwoHidesAreSaid() throws {
    try withTemporaryFolder { folder in
      let long = try folder.write("long.mp2", silence(1, count: 1) + silence(10, count: 200))
      #expect(try SoundFile.information(long).frames == 201 * 1152)
      #expect(try SoundFile.read(long).frameCount == 201 * 1152)
      let cut = try folder.write("cut.mp2", silence(10, count: 1) + silence(1, count: 200))
      let error = #expect(throws: UserError.self) { try SoundFile.read(cut) }
      #expect(
        error?.message.hasPrefix("\(cut): found \(201 * 1152) frames of sound, of which libsndfile reads ")
          == true)
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
