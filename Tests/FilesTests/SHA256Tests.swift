import Foundation
import Testing

@testable import Files

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples and NIST's byte-oriented vectors: `text` repeated `count` times. Arguments stay short,
  /// because the test runner prints them.
  static let vectors: [(text: String, count: Int, digest: String)] = [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test(arguments: vectors) func standardVector(text: String, count: Int, digest: String) {
    let message = [UInt8](String(repeating: text, count: count).utf8)
    var hash = SHA256()
    message.withUnsafeBytes { hash.update($0) }
    #expect(hash.hexDigest() == digest)
  }

  @Test func piecesEqualTheWhole() {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var whole = SHA256()
    message.withUnsafeBytes { whole.update($0) }
    for size in [1, 3, 55, 56, 63, 64, 65, 127, 128, 999] {
      var pieces = SHA256()
      for start in stride(from: 0, to: message.count, by: size) {
        Array(message[start..<min(start + size, message.count)]).withUnsafeBytes { pieces.update($0) }
      }
      #expect(pieces.hexDigest() == whole.hexDigest(), "pieces of \(size)")
    }
  }
}
