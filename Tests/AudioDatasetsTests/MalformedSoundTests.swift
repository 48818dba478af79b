import AudioDatasets
import CSndfile
import Failures
import Foundation
import TestSupport
import Testing

/// A small valid file of some kind, as libsndfile writes it, to be damaged.
private struct ValidFile: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let format: Int
  /// Samples per byte of the file at most, whatever the damage makes of the encoding; nil for codecs.
  let density: Int?

  init(_ name: String, _ format: Int, density: Int? = nil) {
    (testDescription, self.format, self.density) = (name, format, density)
  }

  /// A WAV header may turn into that of any of its encodings, the densest of which packs 8 samples into a byte.
  static let all = kinds.filter(\.isWritable)

  private static let kinds = [
    ValidFile("WAV", SF_FORMAT_WAV | SF_FORMAT_PCM_16, density: 8),
    ValidFile("WAV float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, density: 8),
    ValidFile("WAV ADPCM", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, density: 8),
    ValidFile("RF64", SF_FORMAT_RF64 | SF_FORMAT_PCM_24, density: 8),
    ValidFile("AIFF", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, density: 8),
    ValidFile("AU", SF_FORMAT_AU | SF_FORMAT_ULAW, density: 8),
    ValidFile("CAF", SF_FORMAT_CAF | SF_FORMAT_PCM_16, density: 8),
    ValidFile("FLAC", SF_FORMAT_FLAC | SF_FORMAT_PCM_16),
    ValidFile("Ogg Vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS),
    ValidFile("Ogg Opus", SF_FORMAT_OGG | SF_FORMAT_OPUS),
  ]

  /// Opus is there where libsndfile was built with them.
  private var isWritable: Bool {
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (8000, 2, Int32(format))
    return sf_format_check(&info) != 0
  }

  func bytes(in folder: TemporaryFolder) throws -> [UInt8] {
    let url = folder["valid"]
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (8000, 2, Int32(format))
    let file = try #require(sf_open(url.path, Int32(SFM_WRITE), &info))
    sf_set_string(file, Int32(SF_STR_TITLE), "a title")
    let samples = (0..<1000).map { 0.5 * sin(Float($0) * 0.03) }
    #expect(sf_writef_float(file, samples, 500) == 500)
    #expect(sf_close(file) == 0)
    return try [UInt8](Data(contentsOf: url))
  }
}

/// Damage by a fixed seed: the same files in every run.
private struct Damager {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next(below bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return Int((word ^ word >> 31) % UInt64(bound))
  }

  /// Numbers that sizes, rates and counts are replaced by.
  private static let absurd: [UInt32] = [
    0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7f00_0000, 0x0000_7f00,
  ]

  /// A damaged copy: bits flipped, a number or several replaced, bytes removed or doubled, or the end cut off.
  mutating func damage(_ valid: [UInt8]) -> [UInt8] {
    var bytes = valid
    let header = min(bytes.count - 8, 160)
    switch next(below: 6) {
    case 0:
      for _ in 0...next(below: 4) { bytes[next(below: header)] ^= 1 << UInt8(next(below: 8)) }
    case 1: replaceNumber(in: &bytes, at: next(below: header))
    case 2:
      let place = next(below: header)
      bytes.removeSubrange(place..<place + 1 + next(below: 7))
    case 3:
      let place = next(below: header)
      bytes.insert(contentsOf: bytes[place..<place + 1 + next(below: 7)], at: place)
    case 4:
      // Behind the words that tell the kind of file, where numbers begin at every other byte.
      for _ in 0..<2 + next(below: 5) { replaceNumber(in: &bytes, at: 4 + 2 * next(below: header / 2 - 2)) }
    default:
      bytes.removeLast(bytes.count - next(below: next(below: 2) == 0 ? header : bytes.count))
    }
    return bytes
  }

  private mutating func replaceNumber(in bytes: inout [UInt8], at place: Int) {
    let word = Self.absurd[next(below: Self.absurd.count)]
    let isBig = next(below: 2) == 0
    for index in 0..<4 {
      bytes[place + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * (isBig ? 3 - index : index)))
    }
  }
}

/// Whatever stands in a header, a file is decoded or refused by name: no crash, no endless loop, and never more sound
/// than its bytes can hold.
@Suite struct MalformedSoundTests {
  static let copies = 60

  @Test(.timeLimit(.minutes(1)), arguments: ValidFile.all)
  fileprivate func damagedHeadersAreReadOrRefused(file: ValidFile) throws {
    try withTemporaryFolder { folder in
      let valid = try file.bytes(in: folder)
      let path = folder["damaged"].path
      try Data(valid).write(to: URL(fileURLWithPath: path))
      #expect(try SoundFile.read(path).channels == 2)

      var damager = Damager(seed: 3)
      var refused = 0
      for copy in 0..<Self.copies {
        let bytes = damager.damage(valid)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
          let clip = try SoundFile.read(path)
          let limit = bytes.count * (file.density ?? 8192 * clip.channels)
          #expect(clip.samples.count <= limit, "copy \(copy)")
          #expect(clip.frameCount > 0 && clip.samples.allSatisfy(\.isFinite), "copy \(copy)")
        } catch let error as UserError {
          refused += 1
          #expect(error.category == .badData, "copy \(copy): \(error)")
          #expect(error.message.hasPrefix("\(path): "), "copy \(copy): \(error)")
        }
        // Header and part are read without the whole file, and have to hold as well.
        for attempt in [
          { _ = try SoundFile.information(path) }, { _ = try SoundFile.read(path, from: 100, count: 50) },
        ] {
          do { try attempt() } catch let error as UserError {
            #expect(error.message.hasPrefix("\(path): "), "copy \(copy): \(error)")
          }
        }
      }
      #expect(refused > Self.copies / 10)
    }
  }
}
