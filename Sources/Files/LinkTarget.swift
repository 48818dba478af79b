import Failures
import Foundation

/// What a file's name stands for, where it may be a symbolic link.
enum LinkTarget {
  /// More links in a row are taken for a circle, as the system does.
  private static let longestChain = 40

  /// The file that a rename may take the place of: behind links, unless others may have put them there, and never a device,
  /// a pipe or a socket, which root could replace by a plain file.
  ///
  /// - Throws: `UserError(.cannotCreate)` for a link in a folder that others can write to, for too many links in a row, and
  ///   where something other than a file is there.
  static func file(behind url: URL) throws -> URL {
    func refused(_ what: String) -> UserError { UserError(.cannotCreate, "\(url.relativePath): \(what)") }
    var path = url.path
    for _ in 0..<longestChain {
      var status = stat()
      guard lstat(path, &status) == 0 else { return URL(fileURLWithPath: path) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return URL(fileURLWithPath: path)
      case S_IFDIR: throw refused("found a folder, expected a file")
      case S_IFLNK:
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        if let others = writers(to: folder) {
          let link = path == url.path ? "a symbolic link" : "the symbolic link \(path) behind it,"
          throw refused(
            "found \(link) in a folder that \(others) can write to, expected a file: name what it points to instead"
          )
        }
        guard let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
          throw refused("found a symbolic link that cannot be read, expected a file")
        }
        // Not through a URL, which would take the dots out of a path before its links are looked at.
        path = destination.hasPrefix("/") ? destination : folder.path + "/" + destination
      default: throw refused("found a device, pipe or socket, expected a file")
      }
    }
    throw refused("found more than \(longestChain) symbolic links in a row, expected a file")
  }

  /// Who beside this process's user and root can put things into a folder; nil where nobody can.
  ///
  /// A sticky bit keeps others from removing a link, not from making one.
  private static func writers(to folder: URL) -> String? {
    var status = stat()
    guard stat(folder.path, &status) == 0 else { return nil }
    if status.st_mode & S_IWOTH != 0 { return "everybody" }
    if status.st_mode & S_IWGRP != 0, status.st_gid != getegid() { return "another group" }
    if status.st_uid != geteuid(), status.st_uid != 0 { return "another user" }
    return nil
  }
}
