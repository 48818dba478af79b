import Failures
import TestSupport
import Testing

@testable import AudioDatasets

/// Found by reading what libvorbis does with headers: a file of 235 bytes ended the process.
@Suite struct VorbisSetupTests {
  /// Bits from the lowest on.
  private struct Bits {
    var bytes: [UInt8] = []
    private var count = 0

    mutating func put(_ number: Int, _ width: Int) {
      for bit in 0..<width {
        if count % 8 == 0 { bytes.append(0) }
        bytes[count / 8] |= UInt8(number >> bit & 1) << UInt8(count % 8)
        count += 1
      }
    }
  }

  /// The three headers of a stream whose tables have as many entries, all of one length.
  private static func headers(tables: Int, entriesAsPower power: Int) -> [[UInt8]] {
    func packet(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] { [kind] + Array("vorbis".utf8) + content }
    let zeros = [UInt8](repeating: 0, count: 12)
    let identification = packet(1, [0, 0, 0, 0, 1, 0x44, 0xac, 0, 0] + zeros + [0x88, 1])
    var setup = Bits()
    func put(_ numbers: [(Int, Int)]) { for (number, width) in numbers { setup.put(number, width) } }
    put([(tables - 1, 8)])
    for _ in 0..<tables {
      put([
        (0x56_4342, 24), (1, 16), (1 << power, 24), (1, 1), (power - 1, 5), (1 << power, power + 1), (0, 4),
      ])
    }
    // One of each: a time domain transform, a floor, a residue, a mapping and a mode.
    put([
      (0, 6), (0, 16), (0, 6), (1, 16), (0, 5), (0, 2), (8, 4), (0, 6), (2, 16), (0, 24), (0, 24), (0, 24),
      (0, 6), (0, 8),
    ])
    put([
      (0, 4), (0, 6), (0, 16), (0, 4), (0, 8), (0, 8), (0, 8), (0, 6), (0, 1), (0, 16), (0, 16), (0, 8),
      (1, 1),
    ])
    return [identification, packet(3, zeros[..<8] + [1]), packet(5, setup.bytes)]
  }

  /// A page of segments; the last of a packet that goes on has 255 bytes.
  private static func page(
    _ number: UInt8, flags: UInt8, segments: [[UInt8]], serial: UInt8 = 7, frames: UInt8 = 0
  ) -> [UInt8] {
    var page = Array("OggS".utf8) + [0, flags, frames] + [UInt8](repeating: 0, count: 7)
    page +=
      [serial, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, 0, UInt8(segments.count)] + segments.map { UInt8($0.count) }
    page += segments.joined()
    let sum = OggStream.checksum(of: page[...])
    for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
    return page
  }

  private static func segments(_ packet: [UInt8]) -> [[UInt8]] {
    var segments = stride(from: 0, to: packet.count, by: 255).map {
      Array(packet[$0..<min(packet.count, $0 + 255)])
    }
    if packet.count % 255 == 0 { segments.append([]) }
    return segments
  }

  private static func file(_ headers: [[UInt8]]) -> [UInt8] {
    page(0, flags: 2, segments: segments(headers[0]))
      + page(1, flags: 0, segments: segments(headers[1]) + segments(headers[2]))
      + page(2, flags: 4, segments: [[0, 0], [0, 0]], frames: 100)
  }

  private func expectRefusal(_ bytes: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.ogg", bytes)
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(error?.category == .badData)
      #expect(
        error?.message.hasPrefix(
          "\(path): found 4194304 entries of 1 numbers in table 0 of the Vorbis header") == true)
    }
  }

  @Test func tablesThatFillTheStackAreRefused() throws {
    let large = Self.headers(tables: 4, entriesAsPower: 22)
    try expectRefusal(Self.file(large))
    // Behind tags that libsndfile passes over.
    try expectRefusal(Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 5] + [1, 2, 3, 4, 5] + Self.file(large))
  }

  /// However the header is divided into pages, and whatever stands between them that libogg passes over.
  @Test func dividedHeadersAreSeenToo() throws {
    let headers = Self.headers(tables: 100, entriesAsPower: 22)
    let parts = Self.segments(headers[2])
    #expect(parts.count > 3)
    var damaged = Self.page(2, flags: 0, segments: [[1, 2, 3]])
    damaged[30] ^= 1
    let file =
      Self.page(0, flags: 2, segments: Self.segments(headers[0]))
      + Self.page(0, flags: 2, segments: [Array("OpusHead".utf8)], serial: 9)
      + Self.page(1, flags: 0, segments: Self.segments(headers[1]) + parts[..<1])
      + damaged + Self.page(1, flags: 0, segments: [[5] + Array("vorbis".utf8)], serial: 9)
      + Self.page(2, flags: 1, segments: Array(parts[1..<2]))
      + Self.page(3, flags: 1, segments: Array(parts[2...]))
    try expectRefusal(file)
  }

  @Test func tablesOfUsualSizeAreRead() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.ogg", Self.file(Self.headers(tables: 4, entriesAsPower: 12)))
      #expect(try SoundDecoder(path).channels == 1)
    }
  }

  @Test func allTablesTogetherAreLimited() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.ogg", Self.file(Self.headers(tables: 200, entriesAsPower: 15)))
      let error = #expect(throws: UserError.self) { try SoundFile.information(path) }
      #expect(
        error?.message.contains("found 32768 entries of 1 numbers in table 128 of the Vorbis header") == true)
    }
  }

  /// Found by damaged files: 3856 bytes took 116 MB, one block of 16 MB after the other.
  @Test func blocksOfFLACBeyondTheFileAreRefused() throws {
    try withTemporaryFolder { folder in
      let clip = AudioClip(samples: (0..<500).map { Float($0 % 20) / 40 }, sampleRate: 8000)
      let whole = try SoundFile.bytes(of: clip, format: .flac, name: "a.flac")
      #expect(try SoundFile.read(folder.write("a.flac", whole)).frameCount == 500)
      // The first block, of 34 bytes, is not the last one; an application's block of all but 16 MB follows it.
      let damaged =
        [whole[0], whole[1], whole[2], whole[3], 0] + whole[5..<42] + [2, 0xff, 0xff, 0xff] + whole[42...]
      let path = try folder.write("b.flac", damaged)
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(
        error?.message
          == "\(path): the file is cut off: the header announces a block of 16777215 bytes up to byte 16777261, "
          + "found \(damaged.count)")
    }
  }

  @Test func chunksOfCAFBeyondTheFileAreRefused() throws {
    try withTemporaryFolder { folder in
      let chunk = Array("pakt".utf8) + [0, 0, 0, 0, 1, 0, 0, 0] + [1, 2, 3]
      let path = try folder.write("a.caf", Array("caff".utf8) + [0, 1, 0, 0] + chunk)
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(error?.message == "\(path): the header announces a chunk of 16777216 bytes, found 3")
    }
  }
}
