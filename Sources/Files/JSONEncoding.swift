extension JSONValue {
  /// The document form of any encodable value. Absent optionals become null members, so that every key of a
  /// record shows.
  ///
  /// - Throws: what the value's own `encode(to:)` throws.
  public init(encoding value: some Encodable) throws {
    let slot = Slot()
    try slot.encode(value)
    self = slot.value
  }
}

/// A place that an encoder fills. Containers are handed out before they are complete, hence a reference.
private final class Slot {
  private enum Content {
    case empty
    case single(JSONValue)
    case list([Slot])
    case record([String: Slot])
  }

  private var content = Content.empty

  /// What has been encoded; a value that encoded nothing is an empty record, as in Foundation.
  var value: JSONValue {
    switch content {
    case .empty: .object([:])
    case .single(let value): value
    case .list(let slots): .array(slots.map(\.value))
    case .record(let slots): .object(slots.mapValues(\.value))
    }
  }

  var count: Int {
    if case .list(let slots) = content { slots.count } else { 0 }
  }

  func set(_ value: JSONValue) { content = .single(value) }

  func encode(_ value: some Encodable, path: [any CodingKey] = []) throws {
    try value.encode(to: SlotEncoder(slot: self, codingPath: path))
  }

  func beginList() {
    if case .list = content { return }
    content = .list([])
  }

  func beginRecord() {
    if case .record = content { return }
    content = .record([:])
  }

  func append() -> Slot {
    let slot = Slot()
    if case .list(let slots) = content { content = .list(slots + [slot]) }
    return slot
  }

  func member(_ key: String) -> Slot {
    let slot = Slot()
    if case .record(var slots) = content {
      slots[key] = slot
      content = .record(slots)
    }
    return slot
  }
}

private struct SlotEncoder: Encoder {
  let slot: Slot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.beginRecord()
    return KeyedEncodingContainer(RecordEncoder<Key>(slot: slot, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.beginList()
    return ListEncoder(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    ScalarEncoder(slot: slot, codingPath: codingPath)
  }
}

private struct RecordEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: Slot
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { slot.member(key.stringValue).set(.null) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try slot.member(key.stringValue).encode(value, path: codingPath + [key])
  }

  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
    guard let value else { return encodeNil(forKey: key) }
    try encode(value, forKey: key)
  }

  // The protocol's own forms for the basic types drop the key of an absent value.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }

  private func optional<T: Encodable>(_ value: T?, _ key: Key) throws {
    guard let value else { return encodeNil(forKey: key) }
    try encode(value, forKey: key)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    nested(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    SlotEncoder(slot: slot.member("super"), codingPath: codingPath)
  }

  func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

  private func nested(_ key: Key) -> SlotEncoder {
    SlotEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
  }
}

private struct ListEncoder: UnkeyedEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]
  var count: Int { slot.count }

  func encodeNil() { slot.append().set(.null) }

  func encode<T: Encodable>(_ value: T) throws { try slot.append().encode(value, path: codingPath) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    nested.container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested.unkeyedContainer() }

  func superEncoder() -> any Encoder { nested }

  private var nested: SlotEncoder { SlotEncoder(slot: slot.append(), codingPath: codingPath) }
}

private struct ScalarEncoder: SingleValueEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]

  func encodeNil() { slot.set(.null) }
  func encode(_ value: Bool) { slot.set(.bool(value)) }
  func encode(_ value: String) { slot.set(.string(value)) }
  func encode(_ value: Double) { slot.set(JSONValue(number: value)) }
  // Through its shortest decimal form: 0.1 stays 0.1 instead of 0.10000000149.
  func encode(_ value: Float) { slot.set(JSONValue(number: Double(value.description) ?? Double(value))) }
  func encode(_ value: Int) { slot.set(.int(value)) }
  func encode(_ value: Int8) { whole(value) }
  func encode(_ value: Int16) { whole(value) }
  func encode(_ value: Int32) { whole(value) }
  func encode(_ value: Int64) { whole(value) }
  func encode(_ value: UInt) { whole(value) }
  func encode(_ value: UInt8) { whole(value) }
  func encode(_ value: UInt16) { whole(value) }
  func encode(_ value: UInt32) { whole(value) }
  func encode(_ value: UInt64) { whole(value) }
  func encode<T: Encodable>(_ value: T) throws { try slot.encode(value, path: codingPath) }

  private func whole(_ value: some BinaryInteger) {
    slot.set(Int(exactly: value).map { .int($0) } ?? .string(String(value)))
  }
}
