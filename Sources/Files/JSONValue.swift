/// Any JSON document, with whole numbers kept apart from the others.
///
/// What JSON numbers cannot hold is a string: "NaN", "Infinity", "-Infinity", and whole numbers outside 64
/// signed bits in decimal. Objects have no order; they are written with their keys sorted by bytes.
public enum JSONValue: Hashable, Sendable {
  /// Nothing, the value of an absent optional.
  case null
  /// True or false.
  case bool(Bool)
  /// A number written without fraction or exponent.
  case int(Int)
  /// A finite number with a fraction or an exponent.
  case double(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Values by key.
  case object([String: JSONValue])

  /// A number as JSON: itself when finite, else "NaN", "Infinity" or "-Infinity".
  public init(number: Double) {
    if number.isFinite {
      self = .double(number)
    } else {
      self = .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
    }
  }

  /// The number meant by this value, the three strings for non-finite ones included; nil for anything else.
  public var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  /// What the value is, for messages: "a whole number", "a text", ...
  public var kind: String {
    switch self {
    case .null: "nothing"
    case .bool: "true or false"
    case .int: "a whole number"
    case .double: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "a record"
    }
  }

  /// The value below a dotted key such as `discriminator.width`: nil when a part is absent on reading; on
  /// writing, missing records are made on the way, and nil removes. Lists are leaves.
  public subscript(dotted key: String) -> JSONValue? {
    get { self[path: key.split(separator: ".")[...]] }
    set { self[path: key.split(separator: ".")[...]] = newValue }
  }

  private subscript(path path: ArraySlice<Substring>) -> JSONValue? {
    get {
      guard let first = path.first else { return self }
      guard case .object(let members) = self else { return nil }
      return members[String(first)]?[path: path.dropFirst()]
    }
    set {
      guard let first = path.first else {
        self = newValue ?? .null
        return
      }
      var members: [String: JSONValue] = [:]
      if case .object(let present) = self { members = present }
      if path.count == 1 {
        members[String(first)] = newValue
      } else {
        members[String(first), default: .object([:])][path: path.dropFirst()] = newValue
      }
      self = .object(members)
    }
  }

  /// Every leaf with its dotted key, sorted by key. A leaf is anything but a record with members.
  public var leaves: [(key: String, value: JSONValue)] {
    guard case .object(let members) = self else { return [] }
    return members.sorted { precedes($0.key, $1.key) }.flatMap { key, value in
      if case .object(let inner) = value, !inner.isEmpty {
        return value.leaves.map { (key: key + "." + $0.key, value: $0.value) }
      }
      return [(key: key, value: value)]
    }
  }
}

/// Whether one text comes before another by its bytes, an order that no locale or Unicode version changes.
public func precedes(_ first: String, _ second: String) -> Bool {
  first.utf8.lexicographicallyPrecedes(second.utf8)
}

extension JSONValue: Codable {
  /// Reads any document.
  ///
  /// - Throws: what the decoder throws for a value that is nothing of JSON's.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: AnyKey.self) {
      let members = try container.allKeys.map {
        ($0.stringValue, try container.decode(JSONValue.self, forKey: $0))
      }
      self = .object(Dictionary(members) { $1 })
    } else if var container = try? decoder.unkeyedContainer() {
      var values: [JSONValue] = []
      while !container.isAtEnd { values.append(try container.decode(JSONValue.self)) }
      self = .array(values)
    } else {
      self = try Self.plain(decoder.singleValueContainer())
    }
  }

  private static func plain(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
    if container.decodeNil() { return .null }
    if let value = try? container.decode(Bool.self) { return .bool(value) }
    // Before numbers, since "NaN" may be read as one.
    if let value = try? container.decode(String.self) { return .string(value) }
    if let value = try? container.decode(Int.self) { return .int(value) }
    return .double(try container.decode(Double.self))
  }

  /// Writes the document as the encoder's own records, lists and values.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: AnyKey.self)
      for (key, value) in members { try container.encode(value, forKey: AnyKey(stringValue: key)) }
    case .array(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .bool(let value): try container.encode(value)
      case .int(let value): try container.encode(value)
      case .double(let value): try container.encode(value)
      case .string(let value): try container.encode(value)
      default: try container.encodeNil()
      }
    }
  }
}

/// Any text as a key.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
