import Failures

/// What stands between the fields of a table.
public enum FieldSeparator: String, Codable, CaseIterable, Sendable {
  /// `,`
  case comma
  /// `;`
  case semicolon
  /// A tabulator.
  case tab
  /// One or more blanks.
  case space

  /// Its byte in UTF-8.
  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    case .space: UInt8(ascii: " ")
    }
  }
}

/// The fields of a text table such as CSV (RFC 4180): fields in double quotes may hold separators, line breaks and
/// quotes, which are doubled. Lines end with LF or CR LF; empty lines are left out.
public struct FieldTable: Sendable {
  /// A row and where it begins.
  public struct Row: Sendable {
    /// The line of the file, from 1.
    public let line: Int
    /// The fields without quotes, and without blanks at their ends where they had none.
    public let fields: [String]
  }

  /// What messages call the table.
  public let name: String
  /// How many rows there are at most: as many as lines, each of them at least two numbers long.
  let mostRows: Int
  private let beginning: Scanner

  /// Takes a text, which is split when rows are asked for.
  ///
  /// - Parameters:
  ///   - text: the whole table.
  ///   - name: what messages call it, such as its path.
  ///   - separator: what stands between fields; nil takes that of the first line: a tabulator, semicolon or comma where
  ///     there is one, in this order, and blanks otherwise.
  public init(_ text: String, name: String, separator: FieldSeparator? = nil) {
    self.name = name
    var bytes = Array(text.utf8)
    // A byte order mark is no part of the first field.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    mostRows = min(bytes.count { $0 == newline }, bytes.count / 4) + 1
    beginning = Scanner(name: name, bytes: bytes, separator: separator ?? Self.separator(of: bytes))
  }

  /// Hands over the rows in order, a header included, one at a time: all of them take many times the memory of the text.
  ///
  /// - Throws: `UserError` (bad data) that names line and column: for a quote that is never closed, and for text after a
  ///   closing quote. What `body` throws.
  public func forEachRow(_ body: (Row) throws -> Void) throws {
    var scanner = beginning
    while let row = try scanner.nextRow() { try body(row) }
  }

  /// The rows of a small table, a header included.
  public var rows: [Row] {
    get throws {
      var rows: [Row] = []
      try forEachRow { rows.append($0) }
      return rows
    }
  }

  /// A field as a table with commas holds it, in quotes where it has characters that mean something there.
  public static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "\"" || $0 == "," || $0.isNewline }) else { return field }
    return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static func separator(of bytes: [UInt8]) -> FieldSeparator {
    var isQuoted = false
    var found: Set<UInt8> = []
    for byte in bytes.drop(while: { $0 == newline || $0 == carriageReturn }) {
      if byte == quote { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == newline { break }
      found.insert(byte)
    }
    return [FieldSeparator.tab, .semicolon, .comma].first { found.contains($0.byte) } ?? .space
  }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let quote = UInt8(ascii: "\"")

/// Walks through a table once.
private struct Scanner: Sendable {
  let name: String
  let bytes: [UInt8]
  let separator: FieldSeparator
  private var position = 0
  private var line = 1

  init(name: String, bytes: [UInt8], separator: FieldSeparator) {
    (self.name, self.bytes, self.separator) = (name, bytes, separator)
  }

  /// The byte to be read, a carriage return before a line's end passed over; nil at the end.
  private var next: UInt8? {
    mutating get {
      if position + 1 < bytes.count, bytes[position] == carriageReturn, bytes[position + 1] == newline {
        position += 1
      }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  private mutating func advance() {
    if bytes[position] == newline { line += 1 }
    position += 1
  }

  /// The next row with a field that is not empty; nil at the end.
  mutating func nextRow() throws -> FieldTable.Row? {
    while next != nil {
      let start = line
      let fields = try row()
      if fields != [""] { return FieldTable.Row(line: start, fields: fields) }
    }
    return nil
  }

  /// The fields up to the end of the line, which is passed.
  private mutating func row() throws -> [String] {
    var fields: [String] = []
    while true {
      skipBlanks()
      if separator == .space, !fields.isEmpty, next ?? newline == newline {
        if next != nil { advance() }
        return fields
      }
      fields.append(try next == quote ? quoted(column: fields.count + 1) : plain())
      guard let end = next else { return fields }
      advance()
      if end == newline { return fields }
    }
  }

  private mutating func skipBlanks() {
    while let byte = next, Self.isBlank(byte), byte != separator.byte || separator == .space { advance() }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private mutating func plain() -> String {
    var field: [UInt8] = []
    while let byte = next, byte != separator.byte, byte != newline {
      field.append(byte)
      advance()
    }
    while let last = field.last, Self.isBlank(last) { field.removeLast() }
    return String(decoding: field, as: UTF8.self)
  }

  private mutating func quoted(column: Int) throws -> String {
    let start = line
    var field: [UInt8] = []
    advance()
    while true {
      guard let byte = next else {
        throw UserError(
          .badData, "\(name), line \(start), column \(column): found a quote that is never closed")
      }
      advance()
      if byte != quote {
        field.append(byte)
      } else if next == quote {
        field.append(byte)
        advance()
      } else {
        break
      }
    }
    if separator != .space { skipBlanks() }
    let text = String(decoding: field, as: UTF8.self)
    guard let end = next, end != separator.byte, end != newline else { return text }
    throw UserError(
      .badData,
      "\(name), line \(line), column \(column): found text after a closing quote, expected a separator or the end of the line"
    )
  }
}
