/// Why a document does not fit a type, and at which dotted key.
public struct JSONMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// The dotted key, list positions included: `generator.widths.2`. Empty for the whole document.
  public let key: String
  /// What was found and what was expected.
  public let message: String

  /// Reports what was found and expected at a dotted key.
  public init(key: String, message: String) {
    self.key = key
    self.message = message
  }

  /// "generator.width: found a text, expected a whole number".
  public var description: String { key.isEmpty ? message : "\(key): \(message)" }
}

extension JSONValue {
  /// Reads a decodable value from this document. Whole numbers do where numbers are expected; keys that the
  /// type does not read are ignored.
  ///
  /// - Throws: `JSONMismatch` with the dotted key.
  public func decoded<T: Decodable>(as type: T.Type = T.self) throws -> T {
    try Node(value: self, codingPath: []).decode(type)
  }
}

/// A value with the path to it; decoder and single-value container at once.
private struct Node: Decoder, SingleValueDecodingContainer {
  let value: JSONValue
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw mismatch("a record") }
    return KeyedDecodingContainer(RecordDecoder(members: members, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let values) = value else { throw mismatch("a list") }
    return ListDecoder(values: values, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let flag) = value else { throw mismatch("true or false") }
    return flag
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let text) = value else { throw mismatch("a text") }
    return text
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard let number = value.number else { throw mismatch("a number") }
    return number
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try whole() }
  func decode(_ type: Int8.Type) throws -> Int8 { try whole() }
  func decode(_ type: Int16.Type) throws -> Int16 { try whole() }
  func decode(_ type: Int32.Type) throws -> Int32 { try whole() }
  func decode(_ type: Int64.Type) throws -> Int64 { try whole() }
  func decode(_ type: UInt.Type) throws -> UInt { try whole() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try whole() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try whole() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try whole() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try whole() }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      return try T(from: self)
    } catch let error as DecodingError {
      throw translated(error, choices: choices(of: type))
    }
  }

  private func whole<I: FixedWidthInteger>() throws -> I {
    switch value {
    case .int(let number):
      guard let result = I(exactly: number) else {
        throw mismatch("a whole number from \(I.min) to \(I.max)")
      }
      return result
    case .string(let text):
      // How whole numbers past 64 signed bits are written.
      guard let result = I(text), Int(text) == nil else { throw mismatch("a whole number") }
      return result
    default: throw mismatch("a whole number")
    }
  }

  func mismatch(_ expected: String) -> JSONMismatch {
    let plain: Bool
    switch value {
    case .null, .array, .object: plain = false
    default: plain = true
    }
    let found = plain ? "\(value.kind), \(value.text)" : value.kind
    return JSONMismatch(key: dotted(codingPath), message: "found \(found), expected \(expected)")
  }

  /// Turns what a synthesized or hand-written `init(from:)` throws into our form.
  private func translated(_ error: DecodingError, choices: String?) -> JSONMismatch {
    switch error {
    case .dataCorrupted(let context):
      if let choices, context.codingPath.count == codingPath.count { return mismatch(choices) }
      return JSONMismatch(key: dotted(context.codingPath), message: context.debugDescription)
    case .keyNotFound(let key, let context):
      return JSONMismatch(key: dotted(context.codingPath + [key]), message: "found nothing, expected a value")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return JSONMismatch(key: dotted(context.codingPath), message: context.debugDescription)
    @unknown default: return JSONMismatch(key: dotted(codingPath), message: "\(error)")
    }
  }

  /// "one of hinge, wasserstein" for an enumeration with raw values that lists its cases.
  private func choices(of type: Any.Type) -> String? {
    guard let type = type as? any (CaseIterable & RawRepresentable).Type else { return nil }
    func list<E: CaseIterable & RawRepresentable>(_ type: E.Type) -> String {
      "one of " + type.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
    }
    return list(type)
  }
}

private struct RecordDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let members: [String: JSONValue]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { members.keys.sorted(by: precedes).compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try node(key).value == .null }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try node(key).decode(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try node(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try node(key).unkeyedContainer()
  }

  func superDecoder() -> any Decoder {
    Node(value: members["super"] ?? .null, codingPath: codingPath)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try node(key) }

  private func node(_ key: Key) throws -> Node {
    guard let value = members[key.stringValue] else {
      throw JSONMismatch(key: dotted(codingPath + [key]), message: "found nothing, expected a value")
    }
    return Node(value: value, codingPath: codingPath + [key])
  }
}

private struct ListDecoder: UnkeyedDecodingContainer {
  let values: [JSONValue]
  let codingPath: [any CodingKey]
  var currentIndex = 0

  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }

  mutating func decodeNil() throws -> Bool {
    let isNull = try next().value == .null
    if !isNull { currentIndex -= 1 }
    return isNull
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try next() }

  private mutating func next() throws -> Node {
    let path = codingPath + [Position(intValue: currentIndex)]
    guard currentIndex < values.count else {
      throw JSONMismatch(key: dotted(path), message: "found the end of the list, expected a value")
    }
    currentIndex += 1
    return Node(value: values[currentIndex - 1], codingPath: path)
  }
}

/// A place in a list.
private struct Position: CodingKey {
  let index: Int
  var stringValue: String { String(index) }
  var intValue: Int? { index }
  init(intValue: Int) { index = intValue }
  init?(stringValue: String) { nil }
}

private func dotted(_ path: [any CodingKey]) -> String {
  path.map(\.stringValue).joined(separator: ".")
}
