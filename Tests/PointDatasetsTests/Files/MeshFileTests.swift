import Failures
import PointDatasets
import TestSupport
import Testing

@Suite struct MeshFileTests {
  private func read(_ name: String, _ bytes: [UInt8], points: Int = 400, seed: UInt64 = 1) throws
    -> [PointCloud]
  {
    try withTemporaryFolder { folder in
      try ShapeFile.read(try folder.write(name, bytes), points: points, seed: seed)
    }
  }

  @Test(arguments: Square.meshes.map(\.name))
  func meshesOfEveryKindAreSampledEvenly(name: String) throws {
    let file = try #require(Square.meshes.first { $0.name == name })
    let clouds = try read(name, file.bytes)
    let points = try #require(clouds.first).coordinates
    #expect(clouds.count == 1 && points.count == 1200)
    var quarters = [0, 0, 0, 0]
    for point in stride(from: 0, to: points.count, by: 3) {
      let (x, y) = (points[point], points[point + 1])
      #expect(x >= 0 && x <= 1 && y >= 0 && y <= 1 && points[point + 2] == 2)
      quarters[(x < 0.5 ? 0 : 1) + (y < 0.5 ? 0 : 2)] += 1
    }
    // Binomial with mean 100 and deviation 8.7.
    #expect(quarters.allSatisfy { abs($0 - 100) < 40 }, "\(quarters)")
    #expect(try read(name, file.bytes) == clouds)
    #expect(try read(name, file.bytes, seed: 2) != clouds)
  }

  @Test(arguments: Square.clouds.map(\.name))
  func cloudsOfEveryKindStayAsTheyAre(name: String) throws {
    let file = try #require(Square.clouds.first { $0.name == name })
    #expect(try read(name, file.bytes) == [PointCloud(Square.corners.flatMap(\.self))])
  }

  @Test func verticesOfAPolygonFileWithoutFacesAreACloud() throws {
    let text = Square.ply.replacing("element face 1", with: "element face 0")
    #expect(try read("a.ply", Array(text.utf8)) == [PointCloud(Square.corners.flatMap(\.self))])
  }

  @Test func largeTrianglesGetMorePoints() throws {
    let text = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 10 0 0\nv 13 0 0\nv 10 3 0\nf 1 2 3\nf 4 5 6\nf 1 1 2\n"
    let points = try read("a.obj", Array(text.utf8), points: 1000)[0].coordinates
    let small = stride(from: 0, to: points.count, by: 3).count { points[$0] < 5 }
    // A tenth of the area: mean 100, deviation 9.5.
    #expect(abs(small - 100) < 45)
  }

  @Test(
    arguments: [
      ("a.obj", "v 0 0\n", "line 1: found 3 words, expected at least 4"),
      ("a.obj", "v 0 0 x\n", "line 1: found 'x', expected a number"),
      ("a.obj", "v 0 0 nan\n", "line 1: found 'nan', expected a finite number"),
      ("a.obj", "v 0 0 1e39\n", "line 1: found '1e39', expected a finite number"),
      ("a.obj", "v 0 0 0\nf 1 1 2\n", "line 2: found the corner 2, expected at most 1"),
      ("a.obj", "v 0 0 0\nf 1 0 1\n", "line 2: found the corner 0"),
      ("a.obj", "v 0 0 0\nf 1 -2 1\n", "line 2: found the corner -2"),
      ("a.obj", "v 0 0 0\nf 1 99999999999999999999 1\n", "line 2: found '99999999999999999999'"),
      ("a.obj", "v 0 0 0\nv 1 1 1\nf 1 2\n", "line 3: found a face of 2 corners"),
      ("a.obj", "v 0 0 0\nv 1 1 1\nf 1 2 1\n", "found 1 triangles without any area"),
      // Found by damaged files: the first corner of no vertices ended the process.
      ("a.obj", "f 1 1 1\n", "line 1: found the corner 1, expected at most 0, the number of vertices"),
      ("a.obj", "nothing here\n", "found no points"),
      ("a.off", "PLY\n", "line 1: found 'PLY', expected OFF"),
      ("a.off", "OFF\n-1 2 3\n", "line 2: found the numbers [-1, 2, 3], expected those of vertices"),
      ("a.off", "OFF\n0 0 0\n", "line 2: found the numbers [0, 0, 0], expected those of vertices"),
      ("a.off", "OFF\n5\n", "line 2: found the numbers [5], expected those of vertices"),
      ("a.off", "OFF\n1099511627776 0 0\n0 0 0\n", "line 3: the file ends after 1 vertices"),
      ("a.off", "OFF\n1 1099511627776 0\n0 0 0\n3 0 0 0\n", "line 4: the file ends after 1 faces"),
      ("a.off", "OFF\n1 1 0\n0 0 0\n3 0 0 1\n", "line 4: found the corner 1, expected 0 to 0"),
      ("a.off", "OFF\n1 1 0\n0 0 0\n9999999999 0 0 0\n", "line 4: found a face of 9999999999 corners"),
      ("a.off", "OFF BINARY\n", "line 1: found 'BINARY', expected a whole number"),
      (
        "a.stl", "solid a\nfacet\nvertex 0 0 0\nvertex 1 1 1\nendloop\n", "line 5: found a facet of 2 corners"
      ),
      ("a.stl", "solid a\nfacet\n", "line 2: the file ends before 'endsolid'"),
      ("a.stl", "solid a\nvortex 1 2 3\n", "line 2: found 'vortex'"),
      ("a.stl", "binary but short", "found 16 bytes, expected 84"),
      ("a.xyz", "0 0 0\n1 2\n", "line 2: found 2 words, expected at least 3"),
      ("a.xyz", "1 2 3\nC 1 2 3\n", "line 2: found 'C', expected a number"),
      ("a.pts", "3\n0 0 0\n1 1 1\n", "the first line announces 3 points, found 2"),
      ("a.pts", "version: 1\n", "line 1: found 'version:', expected a number"),
      ("a.xyz", "\n\n", "found no points"),
      ("a.xyz", "", "found an empty file"),
      ("a.ply", "plx\n", "found no 'ply' in the first line"),
      ("a.ply", "ply\nformat ascii 1.0\n", "line 2: the file ends before 'end_header'"),
      ("a.ply", "ply\nend_header\n", "line 2: found no format"),
      ("a.ply", "ply\nformat utf8 1.0\n", "line 2: found the format 'utf8'"),
      ("a.ply", "ply\nformat ascii 1.0\nproperty float x\n", "line 3: found a property without an element"),
      (
        "a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty half x\n", "line 4: found the type 'half'"
      ),
      (
        "a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty list float float x\n",
        "line 4: found a length of type 'float'"
      ),
      ("a.ply", "ply\nformat ascii 1.0\nelement vertex -1\n", "line 3: found -1 rows of 'vertex'"),
      ("a.ply", "ply\nformat ascii 1.0\nelement vertex 0\n", "line 3: found 0 rows of 'vertex', expected at"),
      ("a.ply", "ply\nformat ascii 1.0\nelement face -1\n", "line 3: found -1 rows of 'face', expected at"),
      (
        "a.ply",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty list int int x\nproperty float y\n"
          + "property float z\nend_header\n1 1 1 1\n", "found vertices without x, y and z"
      ),
      (
        "a.ply",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nend_header\n1 1\n",
        "found vertices without x, y and z"
      ),
    ])
  func damagedTextsAreNamed(name: String, text: String, message: String) throws {
    try expect(name, Array(text.utf8), message)
  }

  private func expect(_ name: String, _ bytes: [UInt8], _ message: String) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(name, bytes)
      let error = #expect(throws: UserError.self) { try ShapeFile.read(path, points: 8, seed: 0) }
      #expect(error?.category == .badData)
      #expect(
        error?.message.hasPrefix("\(path): \(message)") == true
          || error?.message.hasPrefix("\(path) \(message)") == true, "\(error?.message ?? "")")
    }
  }

  private static let vertices = "property float x\nproperty float y\nproperty float z\n"

  @Test(
    arguments: [
      ("element vertex 1099511627776\n\(vertices)", "the file ends after 1 rows of 'vertex'"),
      ("element a 9223372036854775807\nelement vertex 1\n\(vertices)", "found no points"),
      (
        "element vertex 1\n\(vertices)element face 1\nproperty list uint int vertex_indices\n",
        "the file ends after 0 rows of 'face'"
      ),
      ("element vertex 2\nproperty list uint8 char x\n\(vertices)", "the file ends at byte"),
      ("element vertex 1\n\(vertices)element tristrips 1\nproperty int a\n", "found strips of triangles"),
    ])
  func absurdBinaryHeadersAreNamed(elements: String, message: String) throws {
    let head = "ply\nformat binary_little_endian 1.0\n\(elements)end_header\n"
    let row = [UInt8](repeating: 0, count: 12)
    if message == "found no points" {
      // Rows without any property take no time and no space.
      let file = Array(head.utf8) + row
      try withTemporaryFolder { folder in
        let clouds = try ShapeFile.read(try folder.write("a.ply", file), points: 8, seed: 0)
        #expect(clouds == [PointCloud([0, 0, 0])])
      }
    } else {
      try expect("a.ply", Array(head.utf8) + row, message)
    }
  }

  @Test func longListsAndStrangeCornersAreNamed() throws {
    let head = """
      ply
      format binary_little_endian 1.0
      element vertex 1
      \(Self.vertices)element face 1
      property list int int vertex_indices
      end_header

      """
    let start = Array(head.utf8) + [UInt8](repeating: 0, count: 12)
    try expect("a.ply", start + bytes(Int32.max) + bytes(Int32(0)), "the file ends at byte")
    try expect("a.ply", start + bytes(Int32(-4)), "found a list of -4.0 items in 'face' row 0")
    let face = bytes(Int32(3)) + bytes(Int32(0)) + bytes(Int32(0))
    try expect("a.ply", start + face + bytes(Int32(1)), "found a face with the corner 1, expected 0 to 0")
    try expect("a.ply", start + face + bytes(Int32(-1)), "found a face with the corner -1")
  }

  /// More corners than a number of 32 bits can count, and one face of many corners of a byte each.
  @Test func facesOfManyCornersAreReadOrRefused() throws {
    func head(_ length: String) -> [UInt8] {
      Array(
        """
        ply
        format binary_little_endian 1.0
        element vertex 4
        property char x
        property char y
        property char z
        element face 1
        property list \(length) char vertex_indices
        end_header

        """.utf8) + [0, 0, 2, 1, 0, 2, 1, 1, 2, 0, 1, 2]
    }
    try expect("a.ply", head("uint") + bytes(UInt32.max) + [0, 1, 2], "the file ends at byte")
    try withTemporaryFolder { folder in
      // A square four times around: triangles of the first corner with each side, some without an area.
      let corners: [UInt8] = (0..<16).map { $0 % 4 }
      let face = try folder.write("a.ply", head("uchar") + [16] + corners)
      let triangles = try folder.write("b.obj", Self.fan(corners.map { Int($0) + 1 }))
      let clouds = try [face, triangles].map { try ShapeFile.read($0, points: 100, seed: 3)[0] }
      #expect(clouds[0].count == 100 && clouds[0] == clouds[1])
    }
  }

  private static func fan(_ corners: [Int]) -> [UInt8] {
    let faces = (2..<corners.count).map { "f \(corners[0]) \(corners[$0 - 1]) \(corners[$0])\n" }
    return Array(("v 0 0 2\nv 1 0 2\nv 1 1 2\nv 0 1 2\n" + faces.joined()).utf8)
  }

  @Test func linesOfTooManyWordsAreNamed() throws {
    let text = String(repeating: "1 ", count: 70_000)
    try expect("a.xyz", Array(text.utf8), "line 1: found a line of more than 65536 words")
  }

  @Test func numbersThatAreNotFiniteAreNamedInEveryKind() throws {
    var stl = Square.binarySTL
    stl.replaceSubrange(146..<150, with: bytes(Float.nan.bitPattern))
    try expect("a.stl", stl, "found a coordinate of triangle 1 that is not finite")
    try expect(
      "a.ply", Array(Square.ply.replacing("9 2 1 1", with: "9 2 1 inf").utf8),
      "found a coordinate of vertex 2 that is not finite")
  }

  @Test func unknownKindsAreNamedAndKnownOnesRecognised() throws {
    try expect("a.dat", Array("1 2 3".utf8), "found an unknown kind of file, expected one of .ply .obj")
    #expect(try read("noname", Square.binaryPLY(isBig: true), points: 5)[0].count == 5)
    #expect(try read("noname", Array(Square.off.utf8), points: 5)[0].count == 5)
    #expect(try read("noname", array("(1, 3)", [1, 2, 3]))[0].count == 1)
  }
}
