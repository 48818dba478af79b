extension JSONValue {
  /// The document on one line without spaces, keys sorted: equal values give equal bytes.
  public var text: String {
    var result = ""
    append(to: &result, indent: nil)
    return result
  }

  /// The document over several lines, indented by two spaces, keys sorted, with a final line break.
  public var prettyText: String {
    var result = ""
    append(to: &result, indent: 0)
    return result + "\n"
  }

  private func append(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value):
      // Swift prints the shortest digits that read back as the same number, in a form JSON accepts.
      if value.isFinite {
        text += value.description
      } else {
        JSONValue(number: value).append(to: &text, indent: nil)
      }
    case .string(let value): Self.append(quoted: value, to: &text)
    case .array(let values):
      // A list of plain values stays on one line: shapes and the like read better so.
      let plain = values.allSatisfy { $0.isPlain }
      Self.append(values, "[", "]", to: &text, indent: plain ? nil : indent, spaced: indent != nil) {
        $0.append(to: &$1, indent: $2)
      }
    case .object(let members):
      let sorted = members.sorted { precedes($0.key, $1.key) }
      Self.append(sorted, "{", "}", to: &text, indent: indent, spaced: false) { member, text, indent in
        Self.append(quoted: member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.append(to: &text, indent: indent)
      }
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func append<Item>(
    _ items: [Item], _ opening: String, _ closing: String, to text: inout String, indent: Int?, spaced: Bool,
    item append: (Item, inout String, Int?) -> Void
  ) {
    text += opening
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { text += inner == nil && spaced ? ", " : "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      append(item, &text, inner)
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += closing
  }

  private static func append(quoted value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// What is wrong with a JSON text, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Line, from 1.
  public let line: Int
  /// Column in bytes, from 1.
  public let column: Int
  /// What was found and what was expected.
  public let message: String

  /// "line 3, column 7: found 'x', expected a value".
  public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSONValue {
  /// Reads a document strictly: RFC 8259, no duplicate keys, no lone surrogates, whole numbers within 64
  /// signed bits, at most 128 levels. A text of more than some 20,000 values that are hardly longer than what stands between
  /// them, such as `[0,0,...]`, is refused: they would take more than ten times its memory, and nothing here is written so.
  ///
  /// - Throws: `JSONError` at the first byte that does not fit.
  public init(parsing text: some Sequence<UInt8>) throws {
    var scanner = JSONScanner(bytes: Array(text))
    self = try scanner.document()
  }
}

/// A recursive-descent reader over bytes.
struct JSONScanner {
  private let bytes: [UInt8]
  private var position = 0
  private static let deepest = 128
  /// Bytes that the values so far may have taken, and how many there may be.
  private var taken = 0
  private let most: Int

  init(bytes: [UInt8]) {
    self.bytes = bytes
    most = 8 * bytes.count + (1 << 20)
  }

  /// Accounts for the memory of a value before it is read.
  private mutating func take(_ size: Int) throws {
    taken += size
    guard taken <= most else {
      throw failure("found more values than a text of \(bytes.count) bytes may hold")
    }
  }

  mutating func document() throws -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw failure("found bytes that are not UTF-8, expected text")
    }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("found \(found), expected the end") }
    return value
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.deepest else { throw failure("found more than \(Self.deepest) levels") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    default: throw failure("found \(found), expected a value")
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    skipSpace()
    if accept("}") { return .object(members) }
    // A table of four places; then one that is doubled, whose old half is there while it is copied.
    try take(192)
    repeat {
      if members.count >= 3 { try take(128) }
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw failure("found \(found), expected a key in quotes") }
      let start = position
      let key = try string()
      skipSpace()
      guard accept(":") else { throw failure("found \(found), expected ':'") }
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw failure("found the key \"\(key)\" twice", at: start)
      }
      skipSpace()
    } while accept(",")
    guard accept("}") else { throw failure("found \(found), expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    var values: [JSONValue] = []
    position += 1
    skipSpace()
    if accept("]") { return .array(values) }
    try take(32)
    repeat {
      // Likewise, of places of 16 bytes.
      try take(48)
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw failure("found \(found), expected ',' or ']'") }
    return .array(values)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw failure("found \(found), expected a value")
    }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws -> JSONValue {
    let start = position
    _ = accept("-")
    if !accept("0") { try digits() }
    var whole = true
    if accept(".") {
      whole = false
      try digits()
    }
    if accept("e") || accept("E") {
      whole = false
      if !accept("+") { _ = accept("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if whole {
      guard let value = Int(text) else {
        throw failure("found \(text), expected a whole number of 64 bits", at: start)
      }
      return .int(value)
    }
    guard let value = Double(text), value.isFinite else {
      throw failure("found \(text), expected a number that a double can hold", at: start)
    }
    return .double(value)
  }

  private mutating func digits() throws {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw failure("found \(found), expected a digit") }
  }

  private mutating func string() throws -> String {
    position += 1
    var result: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        result.append(contentsOf: try escape().utf8)
      case 0..<0x20: throw failure("found a control character in a text, expected \\u00..")
      default:
        result.append(byte)
        position += 1
      }
    }
    throw failure("found the end, expected a closing quote")
  }

  private mutating func escape() throws -> String {
    guard let byte = peek else { throw failure("found the end, expected an escape") }
    if byte == UInt8(ascii: "u") { return try unicodeEscape() }
    let plain: [UInt8: String] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    guard let text = plain[byte] else { throw failure("found \(found) after '\\', expected an escape") }
    position += 1
    return text
  }

  private mutating func unicodeEscape() throws -> String {
    let start = position
    var units = [try hexUnit()]
    if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
      position += 1
      units.append(try hexUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw failure("found half a surrogate pair", at: start)
    }
    return text
  }

  /// Reads `uXXXX`.
  private mutating func hexUnit() throws -> UInt16 {
    let digits = bytes[position...].dropFirst().prefix(4)
    let isHex = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    guard digits.count == 4, isHex, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else {
      throw failure("found something else than four hexadecimal digits after '\\u'")
    }
    position += 5
    return unit
  }

  // MARK: Bytes

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private var found: String {
    guard let byte = peek else { return "the end" }
    return (0x21..<0x7f).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
  }

  private func failure(_ message: String, at place: Int? = nil) -> JSONError {
    let before = bytes[..<(place ?? position)]
    let line = before.count { $0 == 0x0a } + 1
    let column = before.count - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
    return JSONError(line: line, column: column, message: message)
  }
}
