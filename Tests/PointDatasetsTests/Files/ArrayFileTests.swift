import Failures
import PointDatasets
import TestSupport
import Testing

@Suite struct ArrayFileTests {
  private func read(_ bytes: [UInt8]) throws -> [PointCloud] {
    try withTemporaryFolder { folder in
      try ShapeFile.read(try folder.write("a.npy", bytes), points: 8, seed: 0)
    }
  }

  @Test func singleAndDoublePrecisionOfEitherByteOrder() throws {
    let values: [Float] = [1, -2, 0.5, 3e8, 0, 7]
    let cloud = [PointCloud(values)]
    #expect(try read(array("(2, 3)", values)) == cloud)
    #expect(
      try read(array("<f4", "(2,3)", values.flatMap { bytes($0.bitPattern) }, version: 2)) == cloud)
    #expect(try read(array(">f4", "(2, 3)", values.flatMap { bytes($0.bitPattern.byteSwapped) })) == cloud)
    #expect(try read(array("<f8", "(2, 3)", values.flatMap { bytes(Double($0).bitPattern) })) == cloud)
    #expect(
      try read(array(">f8", "(2, 3)", values.flatMap { bytes(Double($0).bitPattern.byteSwapped) })) == cloud)
  }

  @Test func severalShapesOfOneArray() throws {
    let values = (0..<18).map(Float.init)
    let clouds = try read(array("(3, 2, 3)", values))
    #expect(
      clouds.map(\.coordinates) == [Array(0..<6), Array(6..<12), Array(12..<18)].map { $0.map(Float.init) })
  }

  @Test(
    arguments: [
      (array("(2, 3)", [0]), "the header announces 24 bytes of shape [2, 3], found 4"),
      (array("(1099511627776, 3)", [0]), "the header announces 13194139533312 bytes"),
      (array("(4611686018427387904, 4611686018427387904, 3)", []), "found the shape"),
      (array("(9223372036854775808, 3)", []), "found the shape"),
      (array("(-1, 3)", []), "found the shape"),
      (array("(0, 3)", []), "found the shape (0, 3), expected whole numbers from 1"),
      (array("(0, 4611686018427387904, 3)", []), "found the shape (0, 4611686018427387904, 3), expected"),
      (
        array("|b1", "(0, 4611686018427387904, 4611686018427387904)", []),
        "found the shape (0, 4611686018427387904,"
      ),
      (
        array("|u1", "(4611686018427387904, 4611686018427387904, 0)", []),
        "found the shape (4611686018427387904,"
      ),
      (
        array("|b1", "(4294967296, 4294967296, 1)", []),
        "found the shape [4294967296, 4294967296, 1], expected"
      ),
      (array("(3,)", [0, 0, 0]), "found an array of f4 of shape [3], expected"),
      (array("(2, 2)", [0, 0, 0, 0]), "found an array of f4 of shape [2, 2], expected points [N, 3]"),
      (
        array("<c8", "(1, 3)", Array(repeating: 0, count: 24)), "found an array of c8, expected whole numbers"
      ),
      (array("<f16", "(1, 3)", Array(repeating: 0, count: 48)), "found an array of f16, expected whole"),
      (array("|O", "(1, 3)", Array(repeating: 0, count: 24)), "found an array of Python objects (a pickle)"),
      (array("|S8", "(1, 3)", Array(repeating: 0, count: 24)), "found an array of S8, expected"),
      (
        array("<f4", "(1, 3)", Array(repeating: 0, count: 12), order: "None"),
        "found no order in the NPY header"
      ),
      (array("(2, 3)", [0, 0, 0, 0, .nan, 0]), "found a coordinate that is not finite in row [1]"),
      (
        array("(2, 1, 3)", [0, 0, 0, 0, 0, .infinity]), "found a coordinate that is not finite in row [1, 0]"
      ),
      (Array(array("(2, 3)", [0]).prefix(40)), "found a header of version 1 and"),
      (Array("not an array".utf8), "found no NPY header"),
      ([], "found an empty file"),
    ] as [([UInt8], String)])
  func damagedArraysAreNamed(bytes: [UInt8], message: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.npy", bytes)
      let error = #expect(throws: UserError.self) { try ShapeFile.read(path, points: 8, seed: 0) }
      #expect(error?.category == .badData)
      #expect(error?.message.hasPrefix("\(path): \(message)") == true, "\(error?.message ?? "")")
    }
  }

  @Test func doublesTooLargeForSinglePrecisionAreRefused() {
    #expect(throws: UserError.self) {
      try read(array("<f8", "(1, 3)", [1e300, 0, 0].flatMap { bytes($0.bitPattern) }))
    }
  }
}
