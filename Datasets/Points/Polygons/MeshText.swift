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
    var farthest = (corner: 0, line: 0)
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
          let corner = number < 0 ? vertices.count + number : number - 1
          guard number != 0, corner >= 0, corner < Int32.max else {
            throw lines.damaged("found the corner \(number), expected that of a vertex")
          }
          if corner > farthest.corner { farthest = (corner, lines.line) }
          corners.append(Int32(corner))
        }
        addFace(corners)
      }
    }
    guard farthest.corner < max(1, vertices.count) else {
      throw UserError(
        .badData,
        "\(file.name) line \(farthest.line): found the corner \(farthest.corner + 1), expected at most "
          + "\(vertices.count), the number of vertices")
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
        guard vertices.indices.contains(corner) else {
          throw lines.damaged("found the corner \(corner), expected 0 to \(vertices.count - 1)")
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
      if lines.count == 1, announced == nil, vertices.isEmpty {
        announced = try lines.integer(0)
      } else {
        add(try lines.place(from: 0))
      }
    }
    if let announced, announced != vertices.count {
      throw file.damaged("the first line announces \(announced) points, found \(vertices.count)")
    }
  }
}
