import Files

/// The form that every `--json` result shares.
enum ResultJSON {
  /// The version of the keys' meaning; a new key does not raise it.
  static let schemaVersion = 1

  /// One object with its version.
  static func object(_ members: [String: JSONValue]) -> JSONValue {
    .object(members.merging(["schemaVersion": .int(schemaVersion)]) { $1 })
  }

  /// A seed, which may be too large for a JSON number.
  static func number(_ value: UInt64) -> JSONValue {
    Int(exactly: value).map { .int($0) } ?? .string(String(value))
  }
}
