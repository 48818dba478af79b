import Files

/// A kind of shape file that is read; the raw value is its extension.
enum ShapeKind: String, CaseIterable, Sendable {
  case ply
  case obj
  case off
  case stl
  case xyz
  case pts
  case txt
  case npy
  case npz

  /// By the extension of a name, in capitals or not.
  init?(named name: String) {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    self.init(rawValue: name[name.index(after: dot)...].lowercased())
  }

  /// By the extension, or else by how the file begins.
  init?(_ file: OpenFile) throws {
    if let kind = ShapeKind(named: file.name) {
      self = kind
      return
    }
    let head = String(decoding: try file.bytes(at: 0, count: 6), as: Unicode.ASCII.self)
    if head.hasSuffix("NUMPY") {
      self = .npy
    } else if head.hasPrefix("PK") {
      self = .npz
    } else if head.hasPrefix("ply") {
      self = .ply
    } else if head.hasPrefix("OFF") {
      self = .off
    } else {
      return nil
    }
  }

  /// All extensions, for messages.
  static var names: String { allCases.map { ".\($0.rawValue)" }.joined(separator: " ") }
}
