import Failures

/// Files of text: Wavefront OBJ and OFF.
extension Mesh {
  /// Reads an OBJ file: its vertices `v` and faces `f`, whose corners count from 1, or backwards from -1. Everything
  /// else is left out.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(obj file: any ShapeBytes, _ rules: VertexRules) throws {
    self.init(rules)
    // Names of files and groups may end in a backslash that joins nothing.
    var lines = WordScanner(file, bytes: try file.text(), joined: ["v", "f"])
    var corners: [Int32] = []
    var farthest = (corner: -1, line: 0)
    while try lines.next() {
      if lines.isWord(0, "v") {
        add(try lines.place(from: 1, rules))
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
  init(off file: any ShapeBytes, _ rules: VertexRules) throws {
    self.init(rules)
    var lines = WordScanner(file, bytes: try file.text())
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
      add(try lines.place(from: 0, rules))
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
}

extension Mesh {
  /// Where the triangles of a binary STL file begin, after 80 bytes of anything and their number.
  private static let binaryStart = 84
  /// Bytes of a triangle: its normal, its corners and two bytes more.
  private static let triangleSize = 50
  /// How much of a file tells whether it is a text: one of numbers has a zero among so many bytes.
  private static let textSample = 512

  /// Reads an STL file, binary or text.
  ///
  /// Some binary files begin with `solid`, like texts, and some have bytes behind their last triangle, so the size decides
  /// where it fits, and otherwise whether there are bytes that no text has.
  /// - Throws: `UserError` (bad data) that names the file, and line or triangle.
  init(stl file: any ShapeBytes, _ rules: VertexRules) throws {
    let bytes = try file.all()
    let count = bytes.count < Self.binaryStart ? 0 : bytes[80..<84].reversed().reduce(0) { $0 << 8 | Int($1) }
    let size = Self.binaryStart + count * Self.triangleSize
    if bytes.count == size {
      try self.init(binary: bytes, count: count, file, rules)
    } else if Self.isText(bytes) {
      try self.init(facets: WordScanner(file, bytes: file.text(), comment: nil), file, rules)
    } else if bytes.count > size, count > 0 {
      try self.init(binary: bytes, count: count, file, rules)
      notes.append("bytes behind the last triangle left out")
    } else {
      throw file.damaged(
        "found \(bytes.count) bytes, expected \(size) for the \(count) triangles that the header announces")
    }
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    // Texts of two bytes a character have a mark.
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) { return true }
    let head = bytes.prefix(textSample)
    guard !head.contains(0) else { return false }
    let text = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head
    let words = String(decoding: text, as: UTF8.self).split { $0.isWhitespace }
    return words.first.map { ["solid", "facet"].contains($0.lowercased()) } ?? false
  }

  private init(binary bytes: [UInt8], count: Int, _ file: any ShapeBytes, _ rules: VertexRules) throws {
    self.init(rules)
    try bytes.withUnsafeBytes { bytes in
      for triangle in 0..<count {
        let start = Self.binaryStart + triangle * Self.triangleSize + 12
        func number(_ index: Int) -> Double {
          let word = bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)
          return Double(Float(bitPattern: UInt32(littleEndian: word)))
        }
        let corners = (0..<3).map { SIMD3(number(3 * $0), number(3 * $0 + 1), number(3 * $0 + 2)) }
        guard corners.allSatisfy(\.isFinite) || rules.skipsBad else {
          throw file.damaged("found a coordinate of triangle \(triangle) that is not finite")
        }
        addFace(corners.map { add($0) })
      }
    }
  }

  private init(facets lines: WordScanner, _ file: any ShapeBytes, _ rules: VertexRules) throws {
    self.init(rules)
    var lines = lines
    var corners: [Int32] = []
    var isEnded = false
    while try lines.next() {
      // Some write 'end loop'.
      let word = lines.text(0).lowercased()
      switch word == "end" && lines.count > 1 ? word + lines.text(1).lowercased() : word {
      case "vertex": corners.append(add(try lines.place(from: 1, rules)))
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
