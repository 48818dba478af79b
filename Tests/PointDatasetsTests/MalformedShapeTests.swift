import Failures
import Foundation
import PointDatasets
import RandomNumbers
import TestSupport
import Testing

/// A small valid file of some kind, to be damaged.
private struct ValidFile: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let name: String
  let bytes: [UInt8]

  static let all: [ValidFile] =
    (Square.meshes.filter { !["A.OBJ", "c.off"].contains($0.name) } + Square.clouds + arrays).enumerated()
    .map { ValidFile(testDescription: "\($0) \($1.name)", name: $1.name, bytes: $1.bytes) }

  private static let arrays: [(name: String, bytes: [UInt8])] = {
    let stack = array("(3, 8, 3)", scatter(24, seed: 1).coordinates)
    let grid = array("|b1", "(3, 3, 3)", Array(repeating: 1, count: 27))
    return [
      ("b.npy", stack), ("c.npy", grid), ("a.npz", archive([("points.npy", stack)])),
      ("b.npz", archive([("points.npy", stack), ("other.npy", grid)], isDeflated: true)),
    ]
  }()
}

/// Damage by a fixed seed: the same files in every run.
private struct Damager {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private mutating func next(below bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }

  /// What numbers of headers and texts are replaced by.
  private static let words = [
    "1099511627776", "-1", "0", "9223372036854775808", "nan", "1e400", "inf", "0x10", "", "\0", "999999999",
    "4294967296", "4611686018427387904", "9223372036854775807", "2147483648", "1",
  ]
  private static let numbers: [UInt32] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fc0_0000]

  /// A damaged copy: bits flipped, some numbers replaced, bytes removed or doubled, or the end cut off.
  mutating func damage(_ valid: [UInt8]) -> [UInt8] {
    var bytes = valid
    let place = next(below: bytes.count)
    let end = min(bytes.count, place + 1 + next(below: 7))
    switch next(below: 6) {
    case 0:
      for _ in 0...next(below: 4) { bytes[next(below: bytes.count)] ^= 1 << UInt8(next(below: 8)) }
    case 1:
      for _ in 0...next(below: 4) {
        let (place, number) = (next(below: bytes.count), Self.numbers[next(below: Self.numbers.count)])
        bytes.replaceSubrange(
          place..<min(bytes.count, place + 4), with: withUnsafeBytes(of: number) { Array($0) })
      }
    case 2:
      // Words of digits.
      let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
      for _ in 0...next(below: 4) {
        let place = next(below: bytes.count)
        let start = bytes[place...].firstIndex(where: isDigit) ?? place
        let stop = bytes[start...].firstIndex { !isDigit($0) } ?? start
        bytes.replaceSubrange(start..<stop, with: Self.words[next(below: Self.words.count)].utf8)
      }
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.removeLast(bytes.count - place)
    }
    return bytes
  }
}

/// Whatever stands in a file, it is read or refused by name: no crash, no endless loop, and never more points than its
/// bytes can hold.
@Suite struct MalformedShapeTests {
  static let copies = 60

  @Test(.timeLimit(.minutes(1)), arguments: ValidFile.all)
  fileprivate func damagedFilesAreReadOrRefused(file: ValidFile) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(file.name, file.bytes)
      #expect(try !ShapeFile.read(path, points: 8, seed: 0).isEmpty)
      var damager = Damager(seed: 5)
      var refused = 0
      for copy in 0..<Self.copies {
        let bytes = damager.damage(file.bytes)
        try folder.write(file.name, bytes)
        do {
          let clouds = try ShapeFile.read(path, points: 8, seed: 0)
          let numbers = clouds.flatMap(\.coordinates)
          #expect(!numbers.isEmpty && numbers.filter { !$0.isFinite }.isEmpty, "copy \(copy)")
          #expect(
            numbers.count <= max(24, bytes.count * (file.name.hasSuffix("npz") ? 300 : 1)), "copy \(copy)")
        } catch let error as UserError {
          refused += 1
          #expect(error.category == .badData, "copy \(copy): \(error)")
          #expect(error.message.hasPrefix(path), "copy \(copy): \(error)")
        }
      }
      #expect(refused > Self.copies / 10)
    }
  }
}
