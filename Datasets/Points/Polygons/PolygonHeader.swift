import Failures

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
