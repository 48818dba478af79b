import Files

/// A value that a flag gives to one key of a recipe.
public struct Setting: Hashable, Sendable {
  /// The recipe's dotted key, such as `training.batchSize`.
  public let key: String
  /// The value as the recipe writes it.
  public let value: JSONValue
  /// The flag that gave it, dashes included: its origin in run.json and in messages.
  public let flag: String

  /// Sets a key to a document.
  public init(_ key: String, to value: JSONValue, flag: String) {
    self.key = key
    self.value = value
    self.flag = flag
  }

  /// Sets a key to a flag's value; nil when the flag was not given, so that a plugin lists its flags in one
  /// `compactMap`.
  ///
  /// - Parameters:
  ///   - key: the recipe's dotted key.
  ///   - value: an enumeration, a number, a text or any other part of a recipe. Encoding it must not fail.
  ///   - flag: the flag, dashes included.
  public init?(_ key: String, _ value: (some Encodable)?, flag: String) {
    guard let value, let document = try? JSONValue(encoding: value) else { return nil }
    self.init(key, to: document, flag: flag)
  }
}
