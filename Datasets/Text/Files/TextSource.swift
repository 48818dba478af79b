import Failures
import Files
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
    files = try FolderListing(path).files
    guard !files.isEmpty else { throw UserError(.badData, "\(path): found no file, expected text files") }
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
}
