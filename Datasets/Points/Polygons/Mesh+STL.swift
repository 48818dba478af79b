import Failures

extension Mesh {
  /// Where the triangles of a binary STL file begin, after 80 bytes of anything and their number.
  private static let binaryStart = 84
  /// Bytes of a triangle: its normal, its corners and two bytes more.
  private static let triangleSize = 50

  /// Reads an STL file, binary or text.
  ///
  /// Some binary files begin with `solid`, like texts, so the size decides.
  /// - Throws: `UserError` (bad data) that names the file, and line or triangle.
  init(stl file: any ShapeBytes) throws {
    let bytes = try file.all()
    let count = bytes.count < Self.binaryStart ? 0 : bytes[80..<84].reversed().reduce(0) { $0 << 8 | Int($1) }
    if bytes.count == Self.binaryStart + count * Self.triangleSize {
      try self.init(binary: bytes, count: count, file)
    } else if String(decoding: bytes.prefix(5), as: UTF8.self).lowercased() == "solid" {
      try self.init(facets: WordScanner(file, bytes: bytes, comment: nil), file)
    } else {
      throw file.damaged(
        "found \(bytes.count) bytes, expected \(Self.binaryStart + count * Self.triangleSize) for the "
          + "\(count) triangles that the header announces")
    }
  }

  private init(binary bytes: [UInt8], count: Int, _ file: any ShapeBytes) throws {
    self.init()
    try bytes.withUnsafeBytes { bytes in
      for triangle in 0..<count {
        let start = Self.binaryStart + triangle * Self.triangleSize + 12
        func number(_ index: Int) -> Float {
          let word = bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)
          return Float(bitPattern: UInt32(littleEndian: word))
        }
        let corners = (0..<3).map { SIMD3(number(3 * $0), number(3 * $0 + 1), number(3 * $0 + 2)) }
        guard corners.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
          throw file.damaged("found a coordinate of triangle \(triangle) that is not finite")
        }
        addFace(corners.map { add($0) })
      }
    }
  }

  private init(facets lines: WordScanner, _ file: any ShapeBytes) throws {
    self.init()
    var lines = lines
    var corners: [Int32] = []
    var isEnded = false
    while try lines.next() {
      switch lines.text(0).lowercased() {
      case "vertex": corners.append(add(try lines.place(from: 1)))
      case "endloop":
        guard corners.count >= 3 else {
          throw lines.damaged("found a facet of \(corners.count) corners, expected 3")
        }
        addFace(corners)
        corners = []
      case "endsolid": isEnded = true
      case "solid", "facet", "outer", "endfacet": isEnded = false
      default: throw lines.damaged("found '\(lines.text(0))', expected a word of STL such as vertex")
      }
    }
    guard isEnded else { throw lines.damaged("the file ends before 'endsolid'") }
  }
}
