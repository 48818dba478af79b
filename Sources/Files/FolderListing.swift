import Failures
import Foundation

/// The files that a path of a data set stands for: itself, or those of a folder at any depth.
///
/// Hidden files and folders (a leading dot) are skipped, and links to folders are not followed. The order of the
/// files is that of the bytes of their relative paths, the same on every machine.
public struct FolderListing: Equatable, Sendable {
  /// The file or folder as it was named.
  public let path: String
  /// Whether the path is a folder.
  public let isFolder: Bool
  /// Paths within the folder, or the name of the only file.
  public let names: [String]
  /// What precedes a name to make a path that can be opened.
  private let prefix: String

  /// Lists the files of a path without reading them. A folder may turn out to hold none.
  ///
  /// - Throws: `UserError` (no input) when nothing is there or a folder cannot be read.
  public init(_ path: String) throws {
    self.path = path
    switch FileStatus(path) {
    case .missing: throw UserError(.noInput, "\(path): no such file or folder")
    case .other:
      throw UserError(.noInput, "\(path): found a device, pipe or socket, expected a file or folder")
    case .file:
      let end = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
      isFolder = false
      names = [String(path[end...])]
      prefix = String(path[..<end])
    case .folder:
      isFolder = true
      prefix = path.hasSuffix("/") ? path : path + "/"
      var found: [String] = []
      try Self.list(path.hasSuffix("/") ? String(path.dropLast()) : path, prefix: "", into: &found)
      names = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  /// The paths of the files, in the order of the names.
  public var files: [String] { names.map { prefix + $0 } }

  private static func list(_ folder: String, prefix: String, into names: inout [String]) throws {
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "/" : folder)
    } catch {
      throw UserError(.noInput, "\(folder): the folder cannot be read (\(error.localizedDescription))")
    }
    for entry in entries where !entry.hasPrefix(".") {
      let path = folder + "/" + entry
      switch FileStatus(path) {
      case .file: names.append(prefix + entry)
      case .folder where !FileStatus.isLink(path): try list(path, prefix: prefix + entry + "/", into: &names)
      default: continue
      }
    }
  }
}

/// What a path leads to, links followed.
private enum FileStatus {
  case missing
  case file
  case folder
  case other

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }

  /// Whether a path is itself a symbolic link.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
