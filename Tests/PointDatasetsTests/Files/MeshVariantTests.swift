import Failures
import Foundation
import TestSupport
import Testing

@testable import PointDatasets

/// Mesh files as programs write them that read their format otherwise.
@Suite struct MeshVariantTests {
  private let square = PointCloud(Square.corners.flatMap(\.self))

  private func open(_ name: String, _ bytes: [UInt8], skipsBad: Bool = false) throws -> SingleShape {
    try withTemporaryFolder { folder in
      try ShapeFile.open(
        try folder.write(name, bytes), points: 300, seed: .number(3),
        rules: ShapeRules(skipsBadRows: skipsBad)
      ).shape(at: 0)
    }
  }

  private func open(_ name: String, _ text: String, skipsBad: Bool = false) throws -> SingleShape {
    try open(name, Array(text.utf8), skipsBad: skipsBad)
  }

  /// The surface of a file as it should be written, whose points are those of its variants.
  private func plain(_ name: String) throws -> PointCloud {
    try open(name, try #require(Square.meshes.first { $0.name == name }).bytes).cloud
  }

  @Test(arguments: ["a.obj", "a.off", "a.stl", "a.ply"])
  func byteOrderMarks(name: String) throws {
    let file = try #require(Square.meshes.first { $0.name == name }).bytes
    #expect(try open(name, [0xef, 0xbb, 0xbf] + file).cloud == plain(name))
    let units = Array(String(decoding: file, as: UTF8.self).utf16)
    #expect(
      try open(name, [0xff, 0xfe] + units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }).cloud
        == plain(name))
  }

  @Test func marksBeforeTheRowsOfAPolygonFile() throws {
    let text = Square.ply.replacing("end_header\n", with: "end_header\n\u{feff}")
    #expect(try open("a.ply", text).cloud == plain("a.ply"))
  }

  @Test func backslashesJoinLinesOfVerticesAndFacesAlone() throws {
    let lines = "v 0 0 2\nv 1.0 0 2\nv 1e0 1 2\nv 0 1 2\n"
    let whole = try open("a.obj", lines + "f 1 2 3 4\n").cloud
    for text in [
      lines + "f 1/1/1 2/1\\\n 3//7 4\n", lines + "f 1 2 3\\\r\n4\n", lines + "f 1 2\\\n3\\\n4\n",
      lines + "f 1 2 3 \\\n4", "o C:\\chairs\\\n" + lines + "f -4 -3 -2 -1\n",
      "# C:\\chairs\\\nv 0 \\\n0 2\nv 1.0 0 2\nv 1e0 1 2\nv 0 1 2\ng a\\\nf 1 2 3 4#all\n",
    ] {
      #expect(try open("a.obj", text).cloud == whole, "\(text)")
    }
    let comment = Square.ply.replacing("comment a square", with: "comment C:\\squares\\")
    #expect(try open("a.ply", comment).cloud == plain("a.ply"))
    #expect(
      try open("a.stl", Square.stl.replacing("solid square\n  f", with: "solid a\\\n  f")).cloud
        == plain("a.stl"))
  }

  /// Corners count backwards from where their face stands, in each of several groups.
  @Test func cornersOfSeveralGroups() throws {
    let text = """
      g a
      v 0 0 2
      v 1 0 2
      v 1 1 2
      f -3 -2 -1
      g b
      v 0 0 2
      v 1 1 2
      v 0 1 2
      f -3 -2 -1

      """
    let points = try open("a.obj", text).cloud.coordinates
    let upper = stride(from: 0, to: points.count, by: 3).count { points[$0] < points[$0 + 1] }
    // Half of 300: deviation 8.7.
    #expect(abs(upper - 150) < 45, "\(upper)")
  }

  @Test func decimalCommasInMeshes() throws {
    #expect(try open("a.obj", "v 0,5 -1,25 1e0\n").cloud.coordinates == [0.5, -1.25, 1])
    #expect(try open("a.off", "OFF\n1 0 0\n0,5 2 -3,75\n").cloud.coordinates == [0.5, 2, -3.75])
    #expect(throws: UserError.self) { try open("a.obj", "v 1,234,5 0 0\n") }
    #expect(throws: UserError.self) { try open("a.obj", "v 1.234,5 0 0\n") }
  }

  @Test func binarySTLWithMoreBytes() throws {
    let whole = try plain("b.stl")
    for tail in [[0], [UInt8](repeating: 7, count: 100), Array("UNITS=mm\n".utf8)] {
      let shape = try open("b.stl", Square.binarySTL + tail)
      #expect(shape.cloud == whole && shape.notes == ["bytes behind the last triangle left out"])
    }
    // The beginning of a text, filled with blanks.
    var spaced = Square.binarySTL
    spaced.replaceSubrange(0..<80, with: Array("solid part".utf8) + Array(repeating: 0x20, count: 70))
    #expect(try open("b.stl", spaced).cloud == whole)
    #expect(try open("b.stl", spaced + [1, 2]).cloud == whole)
    #expect(throws: UserError.self) { try open("b.stl", Square.binarySTL.dropLast()) }
  }

  @Test func textSTLInOtherWords() throws {
    let whole = try plain("a.stl")
    for text in [
      "  " + Square.stl, "\n\n\t" + Square.stl, Square.stl.uppercased(),
      Square.stl.replacing("endloop", with: "end loop").replacing("endfacet", with: "end facet"),
      Square.stl.replacing("endsolid", with: "end solid"),
      Square.stl.replacing("solid square\n  f", with: "f"),
    ] {
      #expect(try open("a.stl", text).cloud == whole)
    }
  }

  @Test func rowsOfAPolygonFileOverSeveralLines() throws {
    let rows = Square.corners.map { "\($0[0]) \($0[1]) \($0[2]) \n10 20 30 \n" }.joined()
    let head = """
      ply
      format ascii 1.0
      element vertex 4
      property float x
      property float y
      property float z
      property uchar red
      property uchar green
      property uchar blue
      end_header

      """
    #expect(try open("a.ply", head + rows).cloud == square)
    let short = head + "0 0 2 10 20\n" + rows
    let error = #expect(throws: UserError.self) { try open("a.ply", short) }
    #expect(error?.message.contains("line 12: found 3 words, of which the row before lacks 1") == true)
    let capital = head.replacing(" x", with: " X").replacing(" y", with: " Y").replacing(" z", with: " Z")
    #expect(try open("a.ply", capital + rows).cloud == square)
  }

  @Test func verticesThatAreNotFiniteAreNamedOrLeftOut() throws {
    let bad = "v 0 0 0\nv 1.#QNAN 0 0\nv 1 0 0\nv -1.#IND00 0 1.#INF\nv nan(ind) 1 1\nv 0 1 0\n"
    let error = #expect(throws: UserError.self) { try open("a.obj", bad) }
    #expect(
      error?.message.hasSuffix("line 2: found '1.#QNAN', expected a finite number in single precision")
        == true)
    let shape = try open("a.obj", bad, skipsBad: true)
    #expect(shape.cloud.coordinates == [0, 0, 0, 1, 0, 0, 0, 1, 0] && shape.skippedRows == 3)
    // A face keeps its corners, and those with such a vertex have no points.
    let mesh = try open("a.obj", bad + "f 1 3 6\nf 1 2 3\nf 1 3 4 6\n", skipsBad: true)
    #expect(mesh.skippedRows == 3 && mesh.cloud.coordinates.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 })
    var stl = Square.binarySTL
    stl.replaceSubrange(146..<150, with: bytes(Float.nan.bitPattern))
    #expect(try open("a.stl", stl, skipsBad: true).skippedRows == 1)
    #expect(
      try open(
        "a.ply",
        Square.ply.replacing("9 2 1 1", with: "9 2 1 nan").replacing("face 1", with: "face 0"),
        skipsBad: true
      ).skippedRows == 1)
    #expect(throws: UserError.self) { try open("a.obj", "v nan 0 0\n", skipsBad: true) }
  }
}
