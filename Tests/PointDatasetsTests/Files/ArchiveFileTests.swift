import CZlib
import Failures
import PointDatasets
import RandomNumbers
import TestSupport
import Testing

/// A ZIP archive as NumPy writes it.
func archive(_ members: [(name: String, bytes: [UInt8])], isDeflated: Bool = false) -> [UInt8] {
  var (file, list): ([UInt8], [UInt8]) = ([], [])
  for (name, content) in members {
    let packed = isDeflated ? deflated(content) : content
    let checksum = content.withUnsafeBufferPointer { UInt32(crc32(0, $0.baseAddress, UInt32($0.count))) }
    let common =
      bytes(UInt16(isDeflated ? 8 : 0)) + bytes(UInt32(0)) + bytes(checksum) + bytes(UInt32(packed.count))
      + bytes(UInt32(content.count)) + bytes(UInt16(name.utf8.count)) + bytes(UInt16(0))
    list += [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + common + bytes(UInt16(0)) + bytes(UInt16(0))
    list += bytes(UInt16(0)) + bytes(UInt32(0)) + bytes(UInt32(file.count)) + Array(name.utf8)
    file += [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + common + Array(name.utf8) + packed
  }
  let count = bytes(UInt16(members.count))
  return file + list + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + bytes(UInt32(list.count))
    + bytes(UInt32(file.count)) + bytes(UInt16(0))
}

/// Raw deflate data: zlib's own without its header of two bytes and its checksum of four.
private func deflated(_ content: [UInt8]) -> [UInt8] {
  var length = compressBound(UInt(content.count))
  var packed = [UInt8](repeating: 0, count: Int(length))
  compress2(&packed, &length, content, UInt(content.count), 9)
  return Array(packed[2..<Int(length) - 4])
}

@Suite struct ArchiveFileTests {
  private let square = array("(4, 3)", Square.corners.flatMap(\.self))
  private let cloud = PointCloud(Square.corners.flatMap(\.self))

  private func read(_ bytes: [UInt8], points: Int = 8) throws -> [PointCloud] {
    try withTemporaryFolder { folder in
      try ShapeFile.read(try folder.write("a.npz", bytes), points: points, seed: 0)
    }
  }

  @Test(arguments: [false, true])
  func theOnlyArrayOrTheOneCalledPointsIsRead(isDeflated: Bool) throws {
    #expect(try read(archive([("arr_0.npy", square)], isDeflated: isDeflated)) == [cloud])
    let several = [("notes.txt", [1, 2]), ("normals.npy", [3]), ("points.npy", square)]
    #expect(try read(archive(several, isDeflated: isDeflated)) == [cloud])
    #expect(try read(archive([("a.npy", square)], isDeflated: isDeflated) + []) == [cloud])
  }

  @Test func archivesOfOtherThingsAreNamed() throws {
    for (members, message) in [
      ([("a.txt", [UInt8(1)])], "a.npz: found 0 arrays ()"),
      ([("a.npy", square), ("b.npy", square)], "a.npz: found 2 arrays (a, b), expected one"),
      ([("a.npy", [1, 2, 3])], "a.npz: a.npy: found no NPY header"),
    ] {
      let error = #expect(throws: UserError.self) { try read(archive(members)) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test func damageIsNamed() throws {
    let good = archive([("a.npy", square)], isDeflated: true)
    let list = try #require(good.indices.first { good[$0...].starts(with: [0x50, 0x4b, 1, 2]) })
    func damaged(at place: Int, with number: UInt32) -> [UInt8] {
      var file = good
      file.replaceSubrange(place..<place + 4, with: bytes(number))
      return file
    }
    for (file, message) in [
      (damaged(at: list + 16, with: 1), "another checksum"),
      (damaged(at: list + 20, with: 0x7fff_ffff), "the list announces 2147483647 bytes"),
      (damaged(at: list + 24, with: 0x7fff_ffff), "the list announces 2147483647 unpacked bytes"),
      (damaged(at: list + 24, with: 17), "damaged compressed data"),
      (damaged(at: list + 42, with: 5), "found no member of the ZIP archive where its list says"),
      (damaged(at: list + 8, with: 1), "found method 0 or encryption"),
      (Array(good.dropLast(22)), "found no end of a ZIP archive"),
    ] {
      let error = #expect(throws: UserError.self) { try read(file) }
      #expect(error?.category == .badData)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test(arguments: ["|b1", "|u1", "<f4"])
  func voxelGridsAreReadThroughTheirExposedFaces(type: String) throws {
    // Two cubes of a 4 x 3 x 2 grid side by side along x: ten faces.
    let isFull = (0..<24).map { $0 == 6 + 2 + 1 || $0 == 12 + 2 + 1 }
    let data = isFull.flatMap { type == "<f4" ? bytes(Float($0 ? 1 : 0).bitPattern) : [$0 ? 1 : 0] }
    let clouds = try read(archive([("voxels.npy", array(type, "(4, 3, 2)", data))]), points: 600)
    let points = clouds[0].coordinates
    var ends = 0
    for point in stride(from: 0, to: points.count, by: 3) {
      let (x, y, z) = (points[point], points[point + 1], points[point + 2])
      #expect(x >= 1 && x <= 3 && y >= 1 && y <= 2 && z >= 1 && z <= 2)
      if x < 1.5, abs(y - 1.5) < 0.25, abs(z - 1.5) < 0.25 { ends += 1 }
    }
    // Of the face at x = 1, 600 / 10 / 4; of the eight sides beside it 600 * 8 / 10 / 4 / 4: mean 45, deviation 6.5.
    #expect(clouds.count == 1 && points.count == 1800 && ends > 18 && ends < 72, "\(ends)")
    #expect(throws: UserError.self) { try read(array("|b1", "(2, 2, 2)", Array(repeating: 0, count: 8))) }
  }

  @Test func emptyGridsAreNamed() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.npy", array("|b1", "(2, 2, 2)", Array(repeating: 0, count: 8)))
      #expect(
        throws: UserError(
          .badData, "\(path): found a grid of shape [2, 2, 2] without a full voxel, expected a shape")
      ) { try ShapeFile.read(path, points: 8, seed: 0) }
    }
  }

  /// Deflate packs a thousand bytes into one.
  @Test func membersMuchLargerThanTheFileAreRefused() throws {
    var random = SplitMix64(seed: 1)
    let noise = (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var file = archive([("a.npy", noise)], isDeflated: true)
    let list = try #require(file.firstRange(of: [0x50, 0x4b, 1, 2] as [UInt8])).lowerBound
    file.replaceSubrange(list + 24..<list + 28, with: bytes(UInt32(64 << 20) + 1))
    let error = #expect(throws: UserError.self) { try read(file) }
    #expect(
      error?.message.hasSuffix("a.npy: the list announces 67108865 unpacked bytes, expected at most 67108864")
        == true)
  }
}
