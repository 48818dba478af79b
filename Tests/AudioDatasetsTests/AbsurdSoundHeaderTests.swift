import AudioDatasets
import Failures
import TestSupport
import Testing

/// A container that announces sizes, rates and counts, made with any numbers for them.
private struct Announcement: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let make: @Sendable (inout AbsurdNumbers) -> [UInt8]

  init(_ name: String, _ make: @escaping @Sendable (inout AbsurdNumbers) -> [UInt8]) {
    (testDescription, self.make) = (name, make)
  }

  /// 500 frames of two channels of 16 bits.
  private static let sound = [UInt8](repeating: 1, count: 2000)
  private static let rate = 8000

  static let all = [
    Announcement("WAV") { numbers in
      Array("RIFF".utf8) + numbers.bytes(2036, 4) + Array("WAVE".utf8) + format(&numbers) + Array("data".utf8)
        + numbers.bytes(2000, 4) + sound
    },
    Announcement("RF64") { numbers in
      let sizes =
        numbers.bytes(2072, 8) + numbers.bytes(2000, 8) + numbers.bytes(500, 8) + numbers.bytes(0, 4)
      return Array("RF64".utf8) + numbers.bytes(0xffff_ffff, 4) + Array("WAVEds64".utf8)
        + numbers.bytes(28, 4) + sizes
        + format(&numbers) + Array("data".utf8) + numbers.bytes(0xffff_ffff, 4) + sound
    },
    Announcement("AIFF") { numbers in
      // The rate is a number of 80 bits.
      let common =
        numbers.bytes(2, 2, isBig: true) + numbers.bytes(500, 4, isBig: true)
        + numbers.bytes(16, 2, isBig: true)
        + numbers.bytes(0x400b, 2, isBig: true) + numbers.bytes(rate << 19, 4, isBig: true) + [0, 0, 0, 0]
      return Array("FORM".utf8) + numbers.bytes(2046, 4, isBig: true) + Array("AIFFCOMM".utf8)
        + numbers.bytes(18, 4, isBig: true) + common + Array("SSND".utf8)
        + numbers.bytes(2008, 4, isBig: true)
        + numbers.bytes(0, 4, isBig: true) + numbers.bytes(0, 4, isBig: true) + sound
    },
    Announcement("AU") { numbers in
      // Where the sound begins, its size, the encoding, rate and channels.
      Array(".snd".utf8) + [24, 2000, 3, rate, 2].flatMap { numbers.bytes($0, 4, isBig: true) } + sound
    },
    Announcement("CAF") { numbers in
      let description = [4, 1, 2, 16].flatMap { numbers.bytes($0, 4, isBig: true) }
      return Array("caff".utf8) + [0, 1, 0, 0] + Array("desc".utf8) + numbers.bytes(32, 8, isBig: true)
        + numbers.bytes(Int(Double(rate).bitPattern), 8, isBig: true) + Array("lpcm".utf8)
        + numbers.bytes(0, 4, isBig: true) + description + Array("data".utf8)
        + numbers.bytes(2004, 8, isBig: true)
        + [0, 0, 0, 0] + sound
    },
  ]

  /// The chunk of a WAV that says what samples are.
  private static func format(_ numbers: inout AbsurdNumbers) -> [UInt8] {
    let fields = [(1, 2), (2, 2), (rate, 4), (4 * rate, 4), (4, 2), (16, 2)]
    return Array("fmt ".utf8) + numbers.bytes(16, 4) + fields.flatMap { numbers.bytes($0.0, $0.1) }
  }
}

/// Whatever headers announce, several numbers at once, sounds are decoded or refused by name: nothing overflows, and no more
/// comes out than the bytes can hold.
@Suite struct AbsurdSoundHeaderTests {
  static let copies: UInt64 = 150

  @Test(.timeLimit(.minutes(1)), arguments: Announcement.all)
  fileprivate func absurdNumbersAreRefused(kind: Announcement) throws {
    try withTemporaryFolder { folder in
      var right = AbsurdNumbers(seed: nil)
      let path = try folder.write("sound", kind.make(&right))
      let clip = try SoundFile.read(path)
      #expect((clip.frameCount, clip.channels, clip.sampleRate) == (500, 2, 8000))
      var refused = 0
      for copy in 0..<Self.copies {
        var numbers = AbsurdNumbers(seed: copy)
        let bytes = kind.make(&numbers)
        try folder.write("sound", bytes)
        let attempts: [() throws -> Int] = [
          { try SoundFile.read(path).samples.count },
          { try SoundFile.read(path, from: 100, count: .max).samples.count },
          { try SoundFile.read(path, from: .max, count: 1).samples.count },
          { try SoundFile.information(path).channels },
        ]
        for (number, attempt) in attempts.enumerated() {
          do {
            // The densest encoding packs eight samples into a byte.
            #expect(try attempt() <= 8 * bytes.count, "copy \(copy), attempt \(number)")
          } catch let error as UserError {
            refused += 1
            #expect(error.category == .badData, "copy \(copy): \(error)")
            #expect(error.message.hasPrefix("\(path): "), "copy \(copy): \(error)")
          }
        }
      }
      #expect(refused > Self.copies / 10)
    }
  }
}
