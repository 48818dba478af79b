import RandomNumbers
import Testing

@testable import TextDatasets

@Suite struct UTF8BytesTests {
  @Test(
    arguments: [
      ([0x61, 0x62], UTF8Content.ascii),
      ([], .ascii),
      ([0x61, 0xC3, 0xA9], .multibyte),
      ([0xF4, 0x8F, 0xBF, 0xBF], .multibyte),
      ([0xEF, 0xBF, 0xBF], .multibyte),
      ([0x61, 0x00], .invalid(at: 1)),
      ([0x80], .invalid(at: 0)),
      ([0x61, 0xC3], .invalid(at: 1)),
      ([0xC0, 0x80], .invalid(at: 0)),
      ([0xE0, 0x9F, 0xBF], .invalid(at: 0)),
      ([0xED, 0xA0, 0x80], .invalid(at: 0)),
      ([0xF4, 0x90, 0x80, 0x80], .invalid(at: 0)),
      ([0xF0, 0x8F, 0xBF, 0xBF], .invalid(at: 0)),
      ([0x61, 0x61, 0xE2, 0x82, 0x61], .invalid(at: 2)),
      ([0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xFF], .invalid(at: 9)),
    ] as [([UInt8], UTF8Content)])
  func classification(bytes: [UInt8], expected: UTF8Content) {
    #expect(bytes.withUnsafeBufferPointer { $0.classify() } == expected)
  }

  @Test func randomBytesAgreeWithTheStandardLibrary() {
    var generator = SplitMix64(seed: 1)
    let pieces: [[UInt8]] = [
      [0x61], [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xE2], [0x82], [0xED, 0xA0],
      [0xFF],
    ]
    for _ in 0..<3000 {
      let length = Int.random(in: 1...12, using: &generator)
      let bytes = (0..<length).flatMap { _ in
        // Damaged pieces are the last three; most runs should have none.
        pieces[Int.random(in: 0..<(Bool.random(using: &generator) ? 4 : 8), using: &generator)]
      }
      let content = bytes.withUnsafeBufferPointer { $0.classify() }
      let decoded = String(decoding: bytes, as: UTF8.self)
      let isValid = Array(decoded.utf8) == bytes
      if case .invalid(let position) = content {
        #expect(!isValid)
        #expect(Array(String(decoding: bytes[..<position], as: UTF8.self).utf8) == Array(bytes[..<position]))
      } else {
        #expect(isValid)
        var codes: [UInt32] = []
        bytes.withUnsafeBufferPointer { $0.forEachScalar { codes.append($0) } }
        #expect(codes == decoded.unicodeScalars.map(\.value))
      }
    }
  }
}
