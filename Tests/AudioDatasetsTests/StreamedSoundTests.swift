import CSndfile
import Failures
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

/// Files as programs write them that cannot go back to fill in a length, or that others have put something in front of.
@Suite struct StreamedSoundTests {
  private static let samples = (0..<1000).map { Float($0 % 256) / 256 - 0.5 }

  /// A file of some kind as libsndfile writes it; nil where it cannot.
  private static func file(_ format: Int, in folder: TemporaryFolder) throws -> [UInt8]? {
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (8000, 1, Int32(format))
    guard let file = sf_open(folder["plain"].path, Int32(SFM_WRITE), &info) else { return nil }
    #expect(sf_writef_float(file, samples, 1000) == 1000)
    #expect(sf_close(file) == 0)
    return try [UInt8](Data(contentsOf: folder["plain"]))
  }

  private static func number(_ value: UInt64, bytes: Int, isBig: Bool) -> [UInt8] {
    let bytes = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return isBig ? bytes.reversed() : bytes
  }

  private struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let format: Int
    let chunk: String
    var bytes = 4
    var isBig = false
  }

  private static let kinds = [
    Kind(testDescription: "WAV", format: SF_FORMAT_WAV | SF_FORMAT_PCM_16, chunk: "data"),
    Kind(testDescription: "WAV, float", format: SF_FORMAT_WAV | SF_FORMAT_FLOAT, chunk: "data"),
    Kind(testDescription: "WAVEX", format: SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, chunk: "data"),
    Kind(
      testDescription: "RIFX", format: SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, chunk: "data",
      isBig: true),
    Kind(testDescription: "AIFF", format: SF_FORMAT_AIFF | SF_FORMAT_PCM_16, chunk: "SSND", isBig: true),
    Kind(
      testDescription: "CAF", format: SF_FORMAT_CAF | SF_FORMAT_PCM_16, chunk: "data", bytes: 8, isBig: true),
  ]

  @Test(arguments: kinds, [0, 0xffff_ffff, 0x7fff_ffff, 0x7fff_f000, 0x8000_0000] as [UInt64])
  private func unknownLengthsGoToTheEndOfTheFile(kind: Kind, length: UInt64) throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(try Self.file(kind.format, in: folder))
      let whole = try SoundFile.read(folder["plain"].path)
      #expect(whole.frameCount == 1000)
      let chunk = try #require(bytes.firstRange(of: Array(kind.chunk.utf8))).upperBound
      let end = chunk + kind.bytes
      // Eight bytes say that a length is unknown by the largest number alone.
      let length = kind.bytes == 8 && length != 0 ? UInt64.max : length
      bytes.replaceSubrange(chunk..<end, with: Self.number(length, bytes: kind.bytes, isBig: kind.isBig))
      let path = try folder.write("a", bytes)
      if kind.bytes == 4 {
        #expect(try SoundFile.read(path) == whole, "the length of the sound alone")
        bytes.replaceSubrange(4..<8, with: Self.number(length, bytes: 4, isBig: kind.isBig))
        try folder.write("a", bytes)
      }
      #expect(try SoundFile.read(path) == whole)
      #expect(try SoundFile.information(path).frames == 1000)
      #expect(try SoundFile.read(path, from: 990, count: 100).samples == Array(whole.samples[990...]))
    }
  }

  @Test(arguments: [0, 0xffff_ffff] as [UInt64]) func notesBehindTheSoundAreNoSound(length: UInt64) throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(try Self.file(SF_FORMAT_WAV | SF_FORMAT_PCM_16, in: folder))
      let data = try #require(bytes.firstRange(of: Array("data".utf8))).upperBound
      bytes.replaceSubrange(data..<data + 4, with: Self.number(length, bytes: 4, isBig: false))
      let note = Array("INFOICMT".utf8) + Self.number(6, bytes: 4, isBig: false) + Array("a note".utf8)
      let list = Array("LIST".utf8) + Self.number(UInt64(note.count), bytes: 4, isBig: false) + note
      let tag = Array("id3 ".utf8) + Self.number(3, bytes: 4, isBig: false) + Array("ID3\0".utf8)
      for tail in [list, list + tag, tag + list, tag] {
        #expect(try SoundFile.read(folder.write("a", bytes + tail)).samples == Self.samples)
      }
      // What only looks like them is sound.
      #expect(
        try SoundFile.read(folder.write("a", bytes + list.dropLast(2))).frameCount == 1000 + list.count / 2
          - 1)
    }
  }

  @Test func emptySoundsAreEmptyStill() throws {
    try withTemporaryFolder { folder in
      let bytes = try #require(try Self.file(SF_FORMAT_WAV | SF_FORMAT_PCM_16, in: folder))
      let data = try #require(bytes.firstRange(of: Array("data".utf8))).upperBound
      let list = Array("LIST".utf8) + Self.number(4, bytes: 4, isBig: false) + Array("INFO".utf8)
      for tail in [[], list, list + list] {
        let path = try folder.write("a", Array(bytes[..<data]) + [0, 0, 0, 0] + tail)
        let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
        #expect(error?.message == "\(path): found no sound in the file")
      }
    }
  }

  @Test func streamsOfMoreThanFourGigabytesAreWhole() throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(try Self.file(SF_FORMAT_WAV | SF_FORMAT_PCM_16, in: folder))
      let data = try #require(bytes.firstRange(of: Array("data".utf8))).upperBound
      bytes.replaceSubrange(data..<data + 4, with: [0xff, 0xff, 0xff, 0xff])
      let path = try folder.write("a", bytes)
      // The rest is a hole, which takes no room.
      let frames = 3 << 30
      guard truncate(path, off_t(data + 4 + 2 * frames)) == 0 else { return }
      #expect(try SoundFile.information(path).frames == frames)
      let start = try SoundFile.read(path, from: 0, count: 1000).samples
      #expect(start == Self.samples)
      #expect(
        try SoundFile.read(path, from: frames - 10, count: 100).samples == Array(repeating: 0, count: 10))
    }
  }

  @Test func auWithoutALengthIsWhole() throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(try Self.file(SF_FORMAT_AU | SF_FORMAT_PCM_16, in: folder))
      for length in [0, 0xffff_ffff] as [UInt64] {
        bytes.replaceSubrange(8..<12, with: Self.number(length, bytes: 4, isBig: true))
        #expect(try SoundFile.read(folder.write("a", bytes)).samples == Self.samples)
      }
    }
  }

  @Test func rf64WithoutALengthIsWhole() throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(try Self.file(SF_FORMAT_RF64 | SF_FORMAT_PCM_16, in: folder))
      let long = try #require(bytes.firstRange(of: Array("ds64".utf8))).upperBound + 4
      for byte in [0, 0xff] as [UInt8] {
        bytes.replaceSubrange(long..<long + 16, with: Array(repeating: byte, count: 16))
        #expect(try SoundFile.read(folder.write("a", bytes)).samples == Self.samples)
      }
    }
  }

  @Test(arguments: [
    SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_AIFF | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
    SF_FORMAT_CAF | SF_FORMAT_PCM_16, SF_FORMAT_AU | SF_FORMAT_PCM_16, SF_FORMAT_OGG | SF_FORMAT_VORBIS,
  ])
  func tagsInFrontArePassedOver(format: Int) throws {
    try withTemporaryFolder { folder in
      guard let bytes = try Self.file(format, in: folder) else { return }
      let whole = try SoundFile.read(folder["plain"].path)
      for (flags, length, footer) in [(0, 0, 0), (0, 300, 0), (0x10, 20, 10)] as [(UInt8, Int, Int)] {
        let size = [0, 0, UInt8(length >> 7), UInt8(length & 0x7f)]
        let tag = Array("ID3".utf8) + [4, 0, flags] + size
        let tags = tag + Array(repeating: 0, count: length + footer)
        let path = try folder.write("a", tags + bytes)
        #expect(try SoundFile.read(path) == whole)
        #expect(try SoundFile.read(path, from: 900, count: 50).samples == Array(whole.samples[900..<950]))
        #expect(try SoundFile.read(folder.write("b", tags + tags + bytes)) == whole)
      }
      // What is cut off behind a tag is cut off still.
      guard format & SF_FORMAT_TYPEMASK == SF_FORMAT_WAV else { return }
      let cut = try folder.write("c", Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 0] + bytes.dropLast(100))
      let error = #expect(throws: UserError.self) { try SoundFile.read(cut) }
      #expect(error?.message.contains("the file is cut off") == true)
    }
  }

  @Test(arguments: [SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS])
  func allStreamsOfAChainAreRead(format: Int) throws {
    try withTemporaryFolder { folder in
      var parts: [AudioClip] = []
      var bytes: [UInt8] = []
      for (index, frames) in [3000, 500, 20_000].enumerated() {
        var info = SF_INFO()
        (info.samplerate, info.channels, info.format) = (8000, 1, Int32(format))
        let path = folder["\(index).ogg"].path
        guard let file = sf_open(path, Int32(SFM_WRITE), &info) else { return }
        #expect(sf_writef_float(file, noise(frames, seed: index), Int64(frames)) == frames)
        #expect(sf_close(file) == 0)
        parts.append(try SoundFile.read(path))
        bytes += try [UInt8](Data(contentsOf: folder["\(index).ogg"]))
        // Something that is no page is passed over.
        if index == 0 { bytes += Array("no page".utf8) }
      }
      let samples = parts.flatMap(\.samples)
      let path = try folder.write("chain.ogg", bytes)
      #expect(parts.map(\.frameCount) == [3000, 500, 20_000])
      let clip = try SoundFile.read(path)
      #expect(clip.frameCount == samples.count)
      #expect(zip(clip.samples, samples).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(try SoundFile.information(path).frames == samples.count)
      for start in [0, 2990, 3000, 3400, 3500, 10_000, samples.count - 5, samples.count] {
        let part = try SoundFile.read(path, from: start, count: 600).samples
        let expected = samples[start..<min(start + 600, samples.count)]
        #expect(part.count == expected.count)
        #expect(zip(part, expected).allSatisfy { abs($0 - $1) < 1e-3 }, "from \(start)")
      }
    }
  }

  @Test(arguments: [20_000, 1_100_000]) func partsAtTheEndOfVorbisAreThoseOfTheWhole(frames: Int) throws {
    try withTemporaryFolder { folder in
      let path = try folder.sound("a.ogg", noise(frames, seed: 1), format: .ogg)
      let whole = try SoundFile.read(path).samples
      #expect(whole.count == frames)
      for start in [100, frames - 60_000, frames - 3000, frames - 500, frames - 5] where start >= 0 {
        let part = try SoundFile.read(path, from: start, count: 600).samples
        #expect(part.count == min(600, frames - start))
        #expect(zip(part, whole[start...]).allSatisfy { abs($0 - $1) < 1e-4 }, "from \(start)")
      }
    }
  }

  @Test func chainsOfSeveralFormsAreRefused() throws {
    try withTemporaryFolder { folder in
      var bytes: [UInt8] = []
      for rate in [8000, 16_000] {
        let clip = AudioClip(samples: noise(2000, seed: rate), sampleRate: rate)
        bytes += try SoundFile.bytes(of: clip, format: .ogg, name: "a")
      }
      let path = try folder.write("chain.ogg", bytes)
      #expect(
        throws: UserError(
          .badData,
          "\(path): found a chain of streams of 8000 Hz, 1 channels, and 16000 Hz, 1 channels, expected one form; "
            + "ffmpeg makes one of them")
      ) { try SoundFile.information(path) }
    }
  }
}
