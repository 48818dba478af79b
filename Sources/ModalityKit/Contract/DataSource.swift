import Failures

/// Where real samples come from.
public struct DataSource: Sendable, Equatable, Codable {
  /// A file or a folder; nil for the built-in procedural set.
  public var path: String?
  /// A file or folder held out of training instead of a share of the data.
  public var holdout: String?

  /// Names a source.
  public init(path: String? = nil, holdout: String? = nil) {
    self.path = path
    self.holdout = holdout
  }
}

extension DataSource {
  /// Refuses held-out data where there is none to train on: a built-in set is split by itself.
  ///
  /// - Throws: `UserError` (usage).
  public func requireNoHoldout() throws {
    guard holdout == nil else {
      throw UserError(.usage, "--holdout: expected --data beside it; the built-in set is split by itself")
    }
  }

  /// Refuses data whose labels are not those that a model was trained with.
  ///
  /// - Parameters:
  ///   - found: the data's, by index.
  ///   - expected: the model's.
  ///   - name: what the data is called.
  /// - Throws: `UserError` (bad data) that lists both.
  public static func requireLabels(_ found: [String], toBe expected: [String], in name: String) throws {
    guard found != expected else { return }
    func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
    throw UserError(
      .badData, "\(name): found the labels \(list(found)), expected the model's \(list(expected))")
  }
}
