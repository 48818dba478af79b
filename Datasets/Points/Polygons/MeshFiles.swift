import Failures

/// Files of text: Wavefront OBJ, OFF, and tables of coordinates.
extension Mesh {
  /// Reads an OBJ file: its vertices `v` and faces `f`, whose corners count from 1, or backwards from -1. Everything
  /// else is left out.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(obj file: any ShapeBytes) throws {
    self.init()
    var lines = WordScanner(file, bytes: try file.all())
    var corners: [Int32] = []
    var farthest = (corner: -1, line: 0)
    while try lines.next() {
      if lines.isWord(0, "v") {
        add(try lines.place(from: 1))
      } else if lines.isWord(0, "f") {
        guard lines.count >= 4 else {
          throw lines.damaged("found a face of \(lines.count - 1) corners, expected at least 3")
        }
        corners.removeAll(keepingCapacity: true)
        for word in 1..<lines.count {
          let number = try lines.integer(word)
          // Numbers may be those of vertices that come later.
          let corner = number < 0 ? vertexCount + number : number - 1
          guard number != 0, corner >= 0, corner < Int32.max else {
            throw lines.damaged("found the corner \(number), expected that of a vertex")
          }
          if corner > farthest.corner { farthest = (corner, lines.line) }
          corners.append(Int32(corner))
        }
        addFace(corners)
      }
    }
    guard farthest.corner < vertexCount else {
      throw UserError(
        .badData,
        "\(file.name) line \(farthest.line): found the corner \(farthest.corner + 1), expected at most "
          + "\(vertexCount), the number of vertices")
    }
  }

  /// Reads an OFF file: its vertices and faces, with normals and colours or without.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(off file: any ShapeBytes) throws {
    self.init()
    var lines = WordScanner(file, bytes: try file.all())
    guard try lines.next() else { throw file.damaged("found no words, expected OFF") }
    // The first word is OFF, with letters before it for what vertices have beside their places. Some files, ModelNet's
    // among them, have no space or line end after it.
    let head = lines.text(0).uppercased()
    guard let end = head.firstRange(of: "OFF")?.upperBound, !head.hasPrefix("4"), !head.hasPrefix("N4") else {
      throw lines.damaged("found '\(lines.text(0))', expected OFF")
    }
    var numbers: [Int] = []
    if let first = Int(head[end...]) { numbers.append(first) }
    guard numbers.count == 1 || end == head.endIndex else {
      throw lines.damaged("found '\(lines.text(0))', expected OFF of plain text")
    }
    for word in 1..<max(1, lines.count) { numbers.append(try lines.integer(word)) }
    if numbers.isEmpty, try lines.next() {
      for word in 0..<lines.count { numbers.append(try lines.integer(word)) }
    }
    guard numbers.count >= 2, numbers[0] > 0, numbers[1] >= 0 else {
      throw lines.damaged(
        "found the numbers \(numbers.prefix(3)), expected those of vertices, at least 1, and of faces")
    }
    for vertex in 0..<numbers[0] {
      guard try lines.next() else {
        throw lines.damaged("the file ends after \(vertex) vertices, \(numbers[0]) are announced")
      }
      add(try lines.place(from: 0))
    }
    var corners: [Int32] = []
    for face in 0..<numbers[1] {
      guard try lines.next() else {
        throw lines.damaged("the file ends after \(face) faces, \(numbers[1]) are announced")
      }
      let count = try lines.integer(0)
      guard count > 0, count < lines.count else {
        throw lines.damaged("found a face of \(count) corners in a line of \(lines.count) words")
      }
      corners.removeAll(keepingCapacity: true)
      for word in 1...count {
        let corner = try lines.integer(word)
        guard (0..<vertexCount).contains(corner) else {
          throw lines.damaged("found the corner \(corner), expected 0 to \(vertexCount - 1)")
        }
        corners.append(Int32(corner))
      }
      addFace(corners)
    }
  }

  /// Reads a table of points, as in XYZ, PTS and TXT files: the first three numbers of each line, between them blanks,
  /// commas or semicolons. A first line of one number is the number of points; `#` and `//` begin comments.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(table file: any ShapeBytes) throws {
    self.init()
    var lines = WordScanner(file, bytes: try file.all(), separators: ",;")
    var announced: Int?
    while try lines.next() {
      if lines.text(0).hasPrefix("//") { continue }
      if lines.count == 1, announced == nil, vertexCount == 0 {
        announced = try lines.integer(0)
      } else {
        add(try lines.place(from: 0))
      }
    }
    if let announced, announced != vertexCount {
      throw file.damaged("the first line announces \(announced) points, found \(vertexCount)")
    }
  }
}

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
