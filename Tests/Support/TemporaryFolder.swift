import Foundation

/// A folder of its own for a test, removed with the last reference to it.
public final class TemporaryFolder: Sendable {
  /// The folder.
  public let url: URL

  /// Makes an empty folder among the system's temporary ones.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("duel-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Names of everything in it, hidden files included, sorted.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  /// A place in the folder.
  public subscript(name: String) -> URL { url.appendingPathComponent(name) }

  /// The folder's path.
  public var path: String { url.path }

  /// Writes a file, with the folders on its way, and answers its path.
  @discardableResult public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try FileManager.default.createDirectory(
      at: self[name].deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: self[name])
    return self[name].path
  }

  /// Writes a text file.
  @discardableResult public func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}

/// Runs a body with a folder of its own, which is removed at the end, however it comes.
public func withTemporaryFolder<Result>(_ body: (TemporaryFolder) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder) }
}
