/// A value of a recipe that makes no sense, such as a batch of 0 samples.
public struct RecipeFault: Hashable, Sendable {
  /// The dotted key, such as `training.batchSize`.
  public let key: String
  /// What was found and what was expected: "found 0, expected at least 1".
  public let message: String

  /// Reports a key.
  public init(key: String, message: String) {
    self.key = key
    self.message = message
  }
}
