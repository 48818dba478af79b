import Foundation
import TestSupport

/// Files of the unit square in the plane z = 2, as two triangles, in every kind that holds meshes.
enum Square {
  static let corners: [[Float]] = [[0, 0, 2], [1, 0, 2], [1, 1, 2], [0, 1, 2]]

  static let obj = """
    # a square
    o square
    v 0 0 2
    v 1.0 0 2
    v 1e0 1 +2.0 1.0
    v 0 1 2
    vt 0 0
    vn 0 0 1
    f 1/1/1 2//1 \\
      -2 4

    """
  static let off = "OFF\n# a square\n4 1 0\n0 0 2\n1 0 2\n1 1 2\n0 1 2\n4 0 1 2 3 255 0 0\n"
  static let stl = """
    solid square
      facet normal 0 0 1
        outer loop
          vertex 0 0 2
          vertex 1 0 2
          vertex 1 1 2
        endloop
      endfacet
      facet normal 0 0 1
        outer loop
          vertex 0 0 2
          vertex 1 1 2
          vertex 0 1 2
        endloop
      endfacet
    endsolid square

    """
  static let ply = """
    ply
    format ascii 1.0
    comment a square
    element vertex 4
    property uchar red
    property float z
    property double y
    property float x
    element other 2
    property list uchar float values
    property int last
    element face 1
    property list uchar int vertex_indices
    property float quality
    end_header
    9 2 0 0
    9 2 0 1
    9 2 1 1
    9 2 1 0
    2 0.5 0.5 7
    0 8
    4 0 1 2 3 0.25

    """

  /// A binary STL, whose header begins as that of a text.
  static var binarySTL: [UInt8] {
    var file = Array("solid".utf8) + Array(repeating: 0, count: 75) + bytes(UInt32(2))
    for triangle in [[0, 1, 2], [0, 2, 3]] {
      file += Array(repeating: 0, count: 12)
      for corner in triangle { file += corners[corner].flatMap { bytes($0.bitPattern) } }
      file += [0, 0]
    }
    return file
  }

  /// A binary PLY of either byte order, with elements that nobody asks for.
  static func binaryPLY(isBig: Bool) -> [UInt8] {
    func number<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
      bytes(isBig ? number.byteSwapped : number)
    }
    var file = Array(
      """
      ply
      format binary_\(isBig ? "big" : "little")_endian 1.0
      element other 2
      property list ushort short values
      element vertex 4
      property float y
      property double x
      property uchar alpha
      property float z
      element face 2
      property char flag
      property list uint8 uint vertex_index
      end_header

      """.utf8)
    file += number(UInt16(2)) + number(Int16(-1)) + number(Int16(5)) + number(UInt16(0))
    for corner in corners {
      file += number(corner[1].bitPattern) + number(Double(corner[0]).bitPattern) + [200]
      file += number(corner[2].bitPattern)
    }
    for triangle in [[0, 1, 2], [0, 2, 3]] as [[UInt32]] {
      file += [0xff, 3] + triangle.flatMap { number($0) }
    }
    return file
  }

  /// Every kind by its extension.
  static var meshes: [(name: String, bytes: [UInt8])] {
    [
      ("a.obj", Array(obj.utf8)), ("a.off", Array(off.utf8)), ("a.stl", Array(stl.utf8)),
      ("b.stl", binarySTL), ("a.ply", Array(ply.utf8)), ("b.ply", binaryPLY(isBig: false)),
      ("c.ply", binaryPLY(isBig: true)),
      ("A.OBJ", Array(obj.replacingOccurrences(of: "\n", with: "\r\n").utf8)),
      ("c.off", Array(off.replacingOccurrences(of: "\n", with: "\r").utf8)),
      ("d.off", Array(off.replacingOccurrences(of: "OFF\n# a square\n", with: "OFF").utf8)),
    ]
  }

  /// The same four points without any face.
  static var clouds: [(name: String, bytes: [UInt8])] {
    let table = corners.map { $0.map { "\($0)" } }
    let plain = table.map { $0.joined(separator: " ") + "\n" }.joined()
    return [
      ("a.xyz", Array("//X Y Z\n\(plain)".utf8)),
      ("a.pts", Array("4\n\(plain)".utf8)),
      ("a.txt", Array(("# x y z\n" + table.map { $0.joined(separator: ", ") + ", 9\n" }.joined()).utf8)),
      ("a.obj", Array(table.map { "v " + $0.joined(separator: " ") + "\n" }.joined().utf8)),
      ("a.off", Array("OFF 4 0 0\n\(plain)".utf8)),
      ("a.npy", array("(4, 3)", corners.flatMap(\.self))),
    ]
  }
}
