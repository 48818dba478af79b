import Failures
import Foundation

/// A text file, or a folder with text files at any depth.
///
/// Hidden files and folders (a leading dot) are skipped, links to folders are not followed, and every other
/// file is expected to be UTF-8 text whatever its name. The order of the files is that of the bytes of their
/// relative paths, the same on every machine.
public struct TextSource: Equatable, Sendable {
  /// The file or folder as it was named.
  public let path: String
  /// Paths of the files: `path` itself, or `path` and the path within the folder.
  public let files: [String]

  /// Lists the files of a path without reading them.
  ///
  /// - Throws: `UserError`: no input when nothing is there or a folder cannot be read; bad data when a
  ///   folder holds no file.
  public init(_ path: String) throws {
    self.path = path
    switch FileStatus(path) {
    case .missing: throw UserError(.noInput, "\(path): no such file or folder")
    case .other:
      throw UserError(.noInput, "\(path): found a device, pipe or socket, expected a file or folder")
    case .file: files = [path]
    case .folder:
      let root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      var names: [String] = []
      try Self.list(root, prefix: "", into: &names)
      names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      guard !names.isEmpty else { throw UserError(.badData, "\(path): found no file, expected text files") }
      files = names.map { root == "/" ? "/" + $0 : root + "/" + $0 }
    }
  }

  /// The label of a file: a part of its path.
  static func label(of file: String, from source: LabelSource) -> String? {
    let url = URL(fileURLWithPath: file)
    switch source {
    case .none: return nil
    case .file: return url.deletingPathExtension().lastPathComponent
    case .folder: return url.deletingLastPathComponent().lastPathComponent
    }
  }

  private static func list(_ folder: String, prefix: String, into names: inout [String]) throws {
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: folder)
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
enum FileStatus {
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
