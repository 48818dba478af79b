import Foundation
import PointDatasets
import TestSupport

extension HostileReaders {
  /// Points, meshes, arrays and archives.
  static func shapes(bulk isBulk: Bool) -> [HostileReader] {
    @Sendable func read(_ path: String) throws -> Int {
      _ = try ShapeFile.read(path, points: 64, seed: 0)
      return 0
    }
    let arrays = [
      array("<f4", "(4, 3)", count: 48), array(">f8", "(2, 4, 3)", count: 192),
      array("|b1", "(3, 3, 3)", count: 27),
      array("<f4", "(2, 2, 4)", count: 64),
    ]
    let arrayWords = [
      "'descr'", "'fortran_order'", "'shape'", "(", ")", ",", "<f8", "|u1", "True", "False", "\u{93}NUMPY",
    ]
    let meshWords = ["v ", "f ", "\n", "#", "\\\n", "//", "nan", "inf", "-1", "1e39", "\r\n", " ", "\t", ","]
    let plyWords =
      meshWords + [
        "element vertex ", "element face ", "property list uchar int vertex_indices\n", "property float x\n",
        "end_header\n",
        "format ascii 1.0\n", "format binary_little_endian 1.0\n", "property list uint8 double a\n",
        "property char y\n",
      ]
    return [
      HostileReader(
        "NPY", fileName: "a.npy", samples: arrays, bulk: isBulk ? [voxels(80)] : [], words: arrayWords,
        read: read),
      HostileReader(
        "NPZ", fileName: "a.npz",
        samples: [true, false].map {
          Packing.zip([("points.npy", arrays[0]), ("b.npy", arrays[2])], isDeflated: $0)
        },
        words: ["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", ".npy"], read: read),
      HostileReader(
        "NPZ, whole archive", fileName: "a.npz", samples: arrays, bulk: isBulk ? [voxels(80)] : [],
        words: arrayWords,
        finish: { Packing.zip([("points.npy", $0)], isDeflated: $0.count % 3 > 0) },
        read: read),
      HostileReader(
        "PLY", fileName: "a.ply",
        samples: [Array(plyText.utf8), plyBinary(isBig: false), plyBinary(isBig: true)],
        bulk: isBulk
          ? [
            plyBytes(vertices: 120_000, faces: 0), plyBytes(vertices: 100, faces: 100_000),
            plyFan(corners: 400_000),
          ] : [],
        words: plyWords, read: read),
      HostileReader(
        "OBJ", fileName: "a.obj", samples: [Array(obj.utf8)],
        bulk: bulk(isBulk, "v 0 0 0\nv 1 0 0\nv 0 1 0\n", "f 1 2 3\n", "") + bulk(isBulk, "", "v 0 0 0\n", "")
          + bulk(
            isBulk, "v 0 0 0\nv 1 0 0\nv 0 1 0\n", "f" + String(repeating: " 1 2 3", count: 3000) + "\n", ""),
        words: meshWords, read: read),
      HostileReader(
        "OFF", fileName: "a.off",
        samples: [
          "OFF\n4 1 0\n0 0 2\n1 0 2\n1 1 2\n0 1 2\n4 0 1 2 3\n", "NOFF3 1 0\n0 0 2\n1 0 2\n1 1 2\n3 0 1 2\n",
        ].map { Array($0.utf8) },
        bulk: bulk(isBulk, "OFF\n3 65536\n0 0 0\n1 0 0\n0 1 0\n", "3 0 1 2\n", "")
          + bulk(isBulk, "OFF\n87381 0\n", "0 0 0\n", ""),
        words: meshWords + ["OFF", "COFF"], read: read),
      HostileReader(
        "STL", fileName: "a.stl", samples: [Array(stl.utf8), stlBinary],
        bulk: bulk(
          isBulk, "solid a\nfacet\nouter\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendsolid\n",
          "vertex 0 0 0\n", "endsolid\n"),
        words: meshWords + ["vertex ", "endloop\n", "endsolid\n", "solid\n", "facet\n"], read: read),
      HostileReader(
        "XYZ", fileName: "a.xyz",
        samples: ["0 0 0\n1 1 1\n# a\n0.5,1e3;-2\n", "2\n0 0 0\n1 1 1\n"].map { Array($0.utf8) },
        bulk: bulk(isBulk, "", "0 0 0\n", ""), words: meshWords, read: read),
    ]
  }

  private static func array(_ type: String, _ shape: String, count: Int) -> [UInt8] {
    let header = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + Packing.bytes(UInt16(header.count)) + header
      + (0..<count).map { place -> UInt8 in place % 4 == 3 ? 0x3f : UInt8(place % 2) }
  }

  private static func voxels(_ side: Int) -> [UInt8] {
    array("|u1", "(\(side), \(side), \(side))", count: side * side * side)
  }

  private static let obj =
    "# a\no b\nv 0 0 2\nv 1.0 0 2\nv 1e0 1 +2.0 1.0\nv 0 1 2\nvt 0 0\nvn 0 0 1\nf 1/1/1 2//1 \\\n  -2 4\n"
  private static let stl = """
    solid a
      facet normal 0 0 1
        outer loop
          vertex 0 0 2
          vertex 1 0 2
          vertex 1 1 2
        endloop
      endfacet
    endsolid a

    """
  private static let stlBinary: [UInt8] = {
    let corners: [Float] = [0, 0, 1, 0, 0, 2, 1, 0, 2, 1, 1, 2]
    let triangle = corners.flatMap { number -> [UInt8] in Packing.bytes(number.bitPattern) } + [0, 0]
    let head = [UInt8](repeating: 0x20, count: 80) + Packing.bytes(UInt32(2))
    return head + triangle + triangle
  }()
  private static let plyText = """
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
    2 0.5 0.25 7
    0 8
    4 0 1 2 3 0.5

    """

  private static func plyBinary(isBig: Bool) -> [UInt8] {
    func float(_ number: Float) -> [UInt8] {
      isBig ? Packing.bytes(number.bitPattern.byteSwapped) : Packing.bytes(number.bitPattern)
    }
    let head = """
      ply
      format binary_\(isBig ? "big" : "little")_endian 1.0
      element vertex 4
      property float x
      property float y
      property float z
      property uchar red
      element face 1
      property list uchar short vertex_index
      end_header

      """
    let corners: [[Float]] = [[0, 0, 2], [1, 0, 2], [1, 1, 2], [0, 1, 2]]
    var rows: [UInt8] = []
    for corner in corners {
      for number in corner { rows += float(number) }
      rows.append(9)
    }
    rows.append(4)
    for corner: UInt8 in 0..<4 { rows += isBig ? [0, corner] : [corner, 0] }
    return Array(head.utf8) + rows
  }

  private static func plyHead(vertices: Int, faces: Int, length: String) -> [UInt8] {
    Array(
      """
      ply
      format binary_little_endian 1.0
      element vertex \(vertices)
      property char x
      property char y
      property char z
      element face \(faces)
      property list \(length) char vertex_indices
      end_header

      """.utf8)
  }

  /// Vertices of three bytes, triangles of four.
  private static func plyBytes(vertices: Int, faces: Int) -> [UInt8] {
    var bytes = plyHead(vertices: vertices, faces: faces, length: "uchar")
    for number in 0..<3 * vertices { bytes.append(UInt8(number % 7)) }
    for face in 0..<faces { bytes += [3, UInt8(face % 50), 60, 70] }
    return bytes
  }

  /// One face of many corners, a byte each.
  private static func plyFan(corners: Int) -> [UInt8] {
    plyHead(vertices: 100, faces: 1, length: "uint") + (0..<300).map { UInt8($0 % 7) }
      + Packing.bytes(UInt32(corners))
      + (0..<corners).map { UInt8($0 % 100) }
  }
}
