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
}
