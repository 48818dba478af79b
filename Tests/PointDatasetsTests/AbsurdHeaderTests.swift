import CZlib
import Failures
import Foundation
import RandomNumbers
import TestSupport
import Testing

@testable import PointDatasets

/// A kind of file that announces dimensions, counts or places, made with any numbers for them.
private struct Announcement: CustomTestStringConvertible, Sendable {
  let name: String
  let make: @Sendable (inout AbsurdNumbers) -> [UInt8]
  let testDescription: String

  init(_ name: String, _ what: String, _ make: @escaping @Sendable (inout AbsurdNumbers) -> [UInt8]) {
    (self.name, self.make, testDescription) = (name, make, "\(name), \(what)")
  }

  static let all = arrays + archives + meshes

  private static let arrays = [
    Announcement("a.npy", "points") { numbers in
      let shape = "(\(numbers.word(2)), \(numbers.word(4)), \(numbers.word(3)))"
      return array(shape, scatter(8, seed: 1).coordinates)
    },
    Announcement("b.npy", "a grid") { numbers in
      array(
        "|u1", "(\(numbers.word(3)), \(numbers.word(2)), \(numbers.word(4)))", Array(repeating: 1, count: 24))
    },
    Announcement("c.npy", "as many bytes as the product has, modulo 2^64") { numbers in
      wrapped(&numbers)
    },
    Announcement("d.npy", "the header's length") { numbers in
      let whole = array("(2, 3)", [0, 1, 2, 3, 4, 5])
      let isLong = numbers.choice(of: 2) == 1
      let length = numbers.bytes(whole.count - 10 - 24, isLong ? 4 : 2)
      return whole.prefix(6) + [isLong ? 2 : 1, 0] + length + whole.dropFirst(10)
    },
  ]

  /// An array of up to five axes whose lengths agree with the file for whoever multiplies without a look at overflow.
  private static func wrapped(_ numbers: inout AbsurdNumbers) -> [UInt8] {
    let shape = (0..<[3, 0, 1, 2, 3, 4, 5][numbers.choice(of: 7)]).map { _ in numbers.number(3) }
    let (type, size) = [("<f4", 4), ("|b1", 1), ("<f8", 8), ("|u1", 1)][numbers.choice(of: 4)]
    let count = shape.reduce(size, &*)
    let data = [UInt8](repeating: 1, count: (0...4096).contains(count) ? count : 0)
    return array(type, "(\(shape.map { "\($0)," }.joined(separator: " ")))", data)
  }

  private static let archives = [
    Announcement("a.npz", "an array in it") { numbers in
      archive([("points.npy", wrapped(&numbers))], isDeflated: numbers.choice(of: 2) == 1)
    },
    Announcement("b.npz", "the list") { numbers in
      let content = array("(8, 3)", scatter(8, seed: 1).coordinates)
      var file = archive([("points.npy", content)], isDeflated: numbers.choice(of: 2) == 1)
      let end = file.count - 22
      let list = end - 46 - "points.npy".utf8.count
      // Sizes, lengths of what follows, the place of the member; then the number of members and the place of the list.
      for (place, size) in [
        (list + 20, 4), (list + 24, 4), (list + 28, 2), (list + 30, 2), (list + 32, 2), (list + 42, 4),
        (end + 10, 2),
        (end + 16, 4), (26, 2), (28, 2),
      ] {
        let right = file[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
        file.replaceSubrange(place..<place + size, with: numbers.bytes(right, size))
      }
      return file
    },
    Announcement("c.npz", "numbers of 64 bits") { wideArchive(&$0) },
  ]

  /// An archive of the kind that may be larger than 4 GiB.
  private static func wideArchive(_ numbers: inout AbsurdNumbers) -> [UInt8] {
    let (name, content) = (Array("points.npy".utf8), array("(8, 3)", scatter(8, seed: 1).coordinates))
    let checksum = content.withUnsafeBufferPointer { UInt32(crc32(0, $0.baseAddress, UInt32($0.count))) }
    let none = [UInt8](repeating: 0, count: 12)
    let narrow = bytes(UInt32.max)
    let common = none[..<6] + bytes(checksum) + narrow + narrow + bytes(UInt16(name.count))
    let file: [UInt8] = [0x50, 0x4b, 3, 4, 45, 0, 0, 0] + common + none[..<2] + name + content
    let wide = numbers.bytes(content.count, 8) + numbers.bytes(content.count, 8) + numbers.bytes(0, 8)
    let extra = bytes(UInt16(1)) + numbers.bytes(wide.count, 2) + wide
    let list =
      [0x50, 0x4b, 1, 2, 45, 0, 45, 0, 0, 0] + common + numbers.bytes(extra.count, 2) + none[..<10] + narrow
      + name
      + extra
    let end =
      [0x50, 0x4b, 6, 6] + bytes(UInt64(44)) + none[..<12] + bytes(UInt64(1)) + numbers.bytes(1, 8)
      + bytes(UInt64(list.count)) + numbers.bytes(file.count, 8)
    let locator = [0x50, 0x4b, 6, 7] + none[..<4] + numbers.bytes(file.count + list.count, 8) + none[..<4]
    return file + list + end + locator + [0x50, 0x4b, 5, 6] + none[..<4] + bytes(UInt32.max) + narrow + narrow
      + [0, 0]
  }

  private static let meshes = [
    Announcement("a.ply", "text") { numbers in
      Array(
        """
        ply
        format ascii 1.0
        element other \(numbers.word(1))
        property list int int values
        element vertex \(numbers.word(3))
        property float x
        property float y
        property float z
        element face \(numbers.word(1))
        property list int int vertex_index
        end_header
        \(numbers.word(2)) 7 8
        0 0 0
        1 0 0
        0 1 0
        \(numbers.word(3)) \(numbers.word(0)) \(numbers.word(1)) \(numbers.word(2))

        """.utf8)
    },
    Announcement("b.ply", "binary") { numbers in
      let isBig = numbers.choice(of: 2) == 1
      let head = """
        ply
        format binary_\(isBig ? "big" : "little")_endian 1.0
        element nothing \(numbers.word(5))
        element other \(numbers.word(1))
        property list uint uchar values
        element vertex \(numbers.word(3))
        property char x
        property char y
        property char z
        element face \(numbers.word(1))
        property list int int vertex_indices
        end_header

        """
      let other = numbers.bytes(2, 4, isBig: isBig) + [7, 8]
      let face = [3, 0, 1, 2].flatMap { numbers.bytes($0, 4, isBig: isBig) }
      return Array(head.utf8) + other + [0, 0, 0, 1, 0, 0, 0, 1, 0] + face
    },
    Announcement("a.stl", "the number of triangles") { numbers in
      let start = Array(repeating: numbers.choice(of: 2) == 0 ? UInt8(ascii: "x") : 0, count: 80)
      return start + numbers.bytes(2, 4) + Square.binarySTL.dropFirst(84)
    },
    Announcement("a.obj", "corners") { numbers in
      let corners = [1, 2, -1].map { numbers.word($0) }.joined(separator: " ")
      return Array("v 0 0 0\nv 1 0 0\nv 0 1 0\nf \(corners)\n".utf8)
    },
    Announcement("a.off", "counts and corners") { numbers in
      let counts = [3, 1, 0].map { numbers.word($0) }.joined(separator: " ")
      let face = [3, 0, 1, 2].map { numbers.word($0) }.joined(separator: " ")
      return Array("OFF\n\(counts)\n0 0 0\n1 0 0\n0 1 0\n\(face)\n".utf8)
    },
    Announcement("a.pts", "the number of points") { numbers in
      Array("\(numbers.word(2))\n0 0 0\n1 1 1\n".utf8)
    },
  ]
}

/// Whatever headers announce, several numbers at once, files are read or refused by name: nothing overflows, no memory is
/// taken on a header's word, and no more points come out than the bytes can hold.
@Suite struct AbsurdHeaderTests {
  static let copies: UInt64 = 200

  @Test(.timeLimit(.minutes(1)), arguments: Announcement.all)
  fileprivate func absurdNumbersAreRefused(kind: Announcement) throws {
    try withTemporaryFolder { folder in
      var right = AbsurdNumbers(seed: nil)
      let path = try folder.write(kind.name, kind.make(&right))
      #expect(try !ShapeFile.read(path, points: 8, seed: 0).isEmpty)
      var refused = 0
      for copy in 0..<Self.copies {
        var numbers = AbsurdNumbers(seed: copy)
        let bytes = kind.make(&numbers)
        try folder.write(kind.name, bytes)
        do {
          let count = try ShapeFile.read(path, points: 8, seed: 0).reduce(0) { $0 + $1.count }
          #expect(count > 0 && count <= max(8, bytes.count), "copy \(copy)")
        } catch let error as UserError {
          refused += 1
          #expect(error.category == .badData, "copy \(copy): \(error)")
          #expect(error.message.hasPrefix(path), "copy \(copy): \(error)")
        }
      }
      #expect(refused > Self.copies / 10)
    }
  }

  /// A file with holes takes no disk, and may seem to hold what its header announces.
  @Test func whatDoesNotFitInMemoryIsRefused() throws {
    try withTemporaryFolder { folder in
      let points = array("(20000000000, 3)", [])
      let path = try folder.write("a.npy", points)
      #expect(truncate(path, points.count + 240_000_000_000) == 0)
      let error = #expect(throws: UserError.self) { try ShapeFile.read(path, points: 8, seed: 0) }
      #expect(error?.message == "\(path): found shapes of 20000000000 points, expected at most 1 GiB each")
    }
  }

  /// Faces are found again when points are drawn: those of a grid whose faces have been written down are the same.
  @Test func pointsOfAGridLieInsideItsFaces() throws {
    let shape = [4, 5, 6]
    var random = SplitMix64(seed: 7)
    let full = (0..<120).map { _ in random.next() % 3 == 0 }
    var faces: [(cube: [Int], axis: Int, isUpper: Bool)] = []
    func isFull(_ cube: [Int]) -> Bool {
      zip(cube, shape).allSatisfy { $0 >= 0 && $0 < $1 } && full[(cube[0] * 5 + cube[1]) * 6 + cube[2]]
    }
    for place in 0..<120 where full[place] {
      let cube = [place / 30, place / 6 % 5, place % 6]
      for axis in 0..<3 {
        for isUpper in [false, true] {
          var beside = cube
          beside[axis] += isUpper ? 1 : -1
          if !isFull(beside) { faces.append((cube, axis, isUpper)) }
        }
      }
    }
    let points = try #require(VoxelGrid(shape: shape, isFull: full).sampled(300, seed: 5)).coordinates
    var draws = SplitMix64(seed: 5)
    for point in 0..<300 {
      let face = faces[Int(draws.next().multipliedFullWidth(by: UInt64(faces.count)).high)]
      for axis in 0..<3 {
        let share = draws.unit()
        let inside = axis != face.axis ? share : face.isUpper ? 1 - share / 2 : share / 2
        #expect(points[3 * point + axis] == Float(Double(face.cube[axis]) + inside))
      }
    }
  }
}
