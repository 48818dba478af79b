import Failures

extension Mesh {
  /// Reads a PLY file: the places of its vertices, and its faces where it has any. Everything else is left out.
  ///
  /// - Throws: `UserError` (bad data) that names the file, and line or row.
  init(ply file: any ShapeBytes, _ rules: VertexRules) throws {
    let bytes = try file.text()
    let header = try PolygonHeader(file, bytes: bytes)
    switch header.encoding {
    case .text:
      let lines = WordScanner(file, bytes: bytes, from: header.start, line: header.lines, comment: nil)
      try self.init(header, PolygonText(lines), file, rules)
    case .little, .big:
      let rows = PolygonBinary(file, bytes: bytes, from: header.start, isBig: header.encoding == .big)
      try self.init(header, rows, file, rules)
    }
  }

  private init(
    _ header: PolygonHeader, _ rows: some PolygonRows, _ file: any ShapeBytes, _ rules: VertexRules
  ) throws {
    self.init(rules)
    var rows = rows
    for element in header.elements where !element.properties.isEmpty {
      // A list has no single number that could be a coordinate.
      let axes = element.properties.map {
        $0.length == nil ? ["x", "y", "z"].firstIndex(of: $0.name.lowercased()) : nil
      }
      let isVertex = element.name == "vertex"
      if isVertex, Set(axes.compactMap(\.self)).count < 3 {
        throw file.damaged("found vertices without x, y and z in the header, expected all three")
      }
      if element.name == "tristrips", element.count > 0 {
        throw file.damaged("found strips of triangles, expected faces")
      }
      let isFace = element.name == "face"
      // As much as the rest of the file can hold, whatever the header announces.
      let most = rows.most(of: element)
      reserve(vertices: isVertex ? most.rows : 0, corners: isFace ? most.rows + most.items : 0)
      for row in 0..<element.count {
        guard try rows.beginRow() else {
          throw file.damaged(
            "the file ends after \(row) rows of '\(element.name)', \(element.count) are announced")
        }
        var place = SIMD3<Double>()
        for (property, axis) in zip(element.properties, axes) {
          guard let length = property.length else {
            let number = try rows.number(property.number)
            if let axis { place[axis] = number }
            continue
          }
          let isCorners = isFace && ["vertex_indices", "vertex_index"].contains(property.name)
          let count = try rows.number(length)
          guard count >= 0, let count = Int(exactly: count) else {
            throw file.damaged("found a list of \(count) items in '\(element.name)' row \(row)")
          }
          if isCorners {
            try addFace(of: count) { _ in
              let number = try rows.number(property.number)
              guard let corner = Int32(exactly: number) else {
                throw file.damaged("found the corner \(number) in face \(row), expected that of a vertex")
              }
              return corner
            }
          } else {
            for _ in 0..<count { _ = try rows.number(property.number) }
          }
        }
        if isVertex {
          guard place.isFinite || rules.skipsBad else {
            throw file.damaged(
              "found a coordinate of vertex \(row) that is not finite\(rows.place), expected numbers")
          }
          add(place)
        }
      }
    }
    if let corner = unknownCorner {
      throw file.damaged("found a face with the corner \(corner), expected 0 to \(vertexCount - 1)")
    }
  }
}

/// The header of a PLY file: its elements in order, with the properties of each (Greg Turk, "The PLY polygon file
/// format", 1994).
struct PolygonHeader {
  /// A type of number.
  enum Number: Sendable {
    case int8, uint8, int16, uint16, int32, uint32, float, double

    /// By either of its names.
    init?(_ name: String) {
      switch name {
      case "char", "int8": self = .int8
      case "uchar", "uint8": self = .uint8
      case "short", "int16": self = .int16
      case "ushort", "uint16": self = .uint16
      case "int", "int32": self = .int32
      case "uint", "uint32": self = .uint32
      case "float", "float32": self = .float
      case "double", "float64": self = .double
      default: return nil
      }
    }

    /// Bytes of a number.
    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .float: 4
      case .double: 8
      }
    }
  }

  /// What a row of an element has.
  struct Property {
    let name: String
    let number: Number
    /// The type of the number of items, for a list.
    let length: Number?
  }

  /// A table.
  struct Element {
    let name: String
    let count: Int
    var properties: [Property] = []

    /// Bytes of a row whose lists are empty.
    var shortestRow: Int { properties.reduce(0) { $0 + ($1.length ?? $1.number).size } }
  }

  /// How numbers are written.
  enum Encoding: String {
    case text = "ascii"
    case little = "binary_little_endian"
    case big = "binary_big_endian"
  }

  private(set) var encoding = Encoding.text
  private(set) var elements: [Element] = []
  /// Where the rows begin.
  private(set) var start = 0
  /// How many lines the header has.
  private(set) var lines = 0

  /// More elements or properties are not read.
  private static let most = 1024

  /// Reads a header.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(_ file: any ShapeBytes, bytes: [UInt8]) throws {
    // A text that never ends its header is not scanned to the end.
    var lines = WordScanner(file, bytes: Array(bytes.prefix(1 << 20)), comment: nil)
    guard try lines.next(), lines.count == 1, lines.text(0) == "ply" else {
      throw file.damaged("found no 'ply' in the first line, expected a PLY file")
    }
    var hasFormat = false
    while true {
      guard try lines.next() else { throw lines.damaged("the file ends before 'end_header'") }
      switch (lines.text(0), lines.count) {
      case ("comment", _), ("obj_info", _): continue
      case ("format", 3):
        guard let encoding = Encoding(rawValue: lines.text(1)) else {
          throw lines.damaged("found the format '\(lines.text(1))', expected ascii or binary")
        }
        (self.encoding, hasFormat) = (encoding, true)
      case ("element", 3):
        let (name, count) = (lines.text(1), try lines.integer(2))
        let fewest = name == "vertex" ? 1 : 0
        guard count >= fewest else {
          throw lines.damaged("found \(count) rows of '\(name)', expected at least \(fewest)")
        }
        guard elements.count < Self.most else {
          throw lines.damaged("found more than \(Self.most) elements, the most that is taken")
        }
        elements.append(Element(name: name, count: count))
      case ("property", 3):
        try addProperty(Property(name: lines.text(2), number: number(1, lines), length: nil), lines)
      case ("property", 5) where lines.text(1) == "list":
        let length = try number(2, lines)
        guard length.size < 8, length != .float else {
          throw lines.damaged("found a length of type '\(lines.text(2))', expected whole numbers")
        }
        try addProperty(Property(name: lines.text(4), number: number(3, lines), length: length), lines)
      case ("end_header", 1):
        guard hasFormat else { throw lines.damaged("found no format in the header") }
        start = lines.nextLine
        self.lines = lines.line
        return
      default: throw lines.damaged("found '\(lines.text(0))', expected a line of a PLY header")
      }
    }
  }

  private mutating func addProperty(_ property: Property, _ lines: WordScanner) throws {
    guard let last = elements.indices.last, elements[last].properties.count < Self.most else {
      throw lines.damaged("found a property without an element, or too many")
    }
    elements[last].properties.append(property)
  }

  private func number(_ word: Int, _ lines: WordScanner) throws -> Number {
    guard let number = Number(lines.text(word)) else {
      throw lines.damaged("found the type '\(lines.text(word))', expected one of PLY's such as float")
    }
    return number
  }
}

/// The rows of a PLY file, number after number.
protocol PolygonRows {
  /// Goes to a row; false where the file is over.
  mutating func beginRow() throws -> Bool
  /// The next number of the row.
  mutating func number(_ type: PolygonHeader.Number) throws -> Double
  /// Where the row is, for messages: the line of a text in brackets, behind a blank.
  var place: String { get }
  /// How many rows of an element there may be from here on, and how many items in their lists; 0 where that is not worth
  /// knowing, since a row takes many bytes.
  func most(of element: PolygonHeader.Element) -> (rows: Int, items: Int)
}

/// Rows of text, each a line; or several where one has too few words, as some cameras write colours below places.
struct PolygonText: PolygonRows {
  private var lines: WordScanner
  private var word = 0
  private var isContinued = false

  init(_ lines: WordScanner) { self.lines = lines }

  mutating func beginRow() throws -> Bool {
    // A row that lacks a word would take one of the next.
    guard !isContinued || word == lines.count else {
      throw lines.damaged("found \(lines.count) words, of which the row before lacks \(word)")
    }
    (word, isContinued) = (0, false)
    return try lines.next()
  }

  mutating func number(_ type: PolygonHeader.Number) throws -> Double {
    if word == lines.count, try lines.next() { (word, isContinued) = (0, true) }
    word += 1
    return try lines.double(word - 1)
  }

  var place: String { " (line \(lines.line))" }
}

extension PolygonText {
  func most(of element: PolygonHeader.Element) -> (rows: Int, items: Int) { (0, 0) }
}

/// Rows of bytes.
struct PolygonBinary: PolygonRows {
  private let file: any ShapeBytes
  private let bytes: [UInt8]
  private var position: Int
  private let isBig: Bool

  init(_ file: any ShapeBytes, bytes: [UInt8], from start: Int, isBig: Bool) {
    (self.file, self.bytes, position, self.isBig) = (file, bytes, start, isBig)
  }

  mutating func beginRow() -> Bool { position < bytes.count }

  var place: String { "" }

  func most(of element: PolygonHeader.Element) -> (rows: Int, items: Int) {
    let rest = bytes.count - position
    let rows = min(element.count, rest / max(1, element.shortestRow))
    let narrowest = element.properties.filter { $0.length != nil }.map(\.number.size).min()
    return (rows, narrowest.map { (rest - rows * element.shortestRow) / $0 } ?? 0)
  }

  mutating func number(_ type: PolygonHeader.Number) throws -> Double {
    switch type {
    case .int8: Double(Int8(bitPattern: try word()))
    case .uint8: Double(try word() as UInt8)
    case .int16: Double(Int16(bitPattern: try word()))
    case .uint16: Double(try word() as UInt16)
    case .int32: Double(Int32(bitPattern: try word()))
    case .uint32: Double(try word() as UInt32)
    case .float: Double(Float(bitPattern: try word()))
    case .double: Double(bitPattern: try word())
    }
  }

  private mutating func word<Word: FixedWidthInteger>() throws -> Word {
    let size = MemoryLayout<Word>.size
    guard bytes.count - position >= size else {
      throw file.damaged("the file ends at byte \(bytes.count), in the middle of a row")
    }
    let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Word.self) }
    position += size
    return isBig ? Word(bigEndian: word) : Word(littleEndian: word)
  }
}
