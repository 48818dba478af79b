import Failures
import Foundation

/// The files that a path of a data set stands for: itself, or those of a folder at any depth.
///
/// Links are followed, to files and to folders, unless they lead back to a folder around them. Hidden files and folders and
/// those of systems are passed over; whatever is passed over is listed with the reason. The order of the files is that of the
/// bytes of their relative paths, the same on every machine.
public struct FolderListing: Equatable, Sendable {
  /// Why something in a folder is no file of it.
  public enum Reason: Hashable, Sendable, CaseIterable {
    /// Its name begins with a dot.
    case hidden
    /// A system made it for itself, as `__MACOSX`, `._name`, `.DS_Store`, `Thumbs.db` or `lost+found`.
    case system
    /// Its name, or that of a folder around it, is not UTF-8, which a path in this program has to be.
    case undecodable
    /// A folder that is reached within itself, by way of links.
    case loop
    /// A link to what is not there.
    case dangling
    /// A device, pipe or socket.
    case special
  }

  /// Something that was passed over.
  public struct LeftOut: Equatable, Sendable {
    /// Its path within the folder, with a slash behind it where it is a folder that was not looked into. What is not UTF-8 in it
    /// is replaced.
    public let name: String
    /// Why it was passed over.
    public let reason: Reason
  }

  /// The file or folder as it was named.
  public let path: String
  /// Whether the path is a folder.
  public let isFolder: Bool
  /// Paths within the folder, or the name of the only file.
  public let names: [String]
  /// What was passed over, in the byte order of the names. A folder that was not looked into counts once.
  public let leftOut: [LeftOut]
  /// What precedes a name to make a path that can be opened.
  private let prefix: String

  /// Lists the files of a path without reading them. A folder may turn out to hold none.
  ///
  /// - Throws: `UserError`: no input when nothing is there or a folder cannot be read; bad data when links lead to the same
  ///   folders more than 100,000 times.
  public init(_ path: String) throws {
    self.path = path
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
    switch FileStatus(path) {
    case .failure: throw UserError(.noInput, "\(path): no such file or folder")
    case .other:
      throw UserError(.noInput, "\(path): found a device, pipe or socket, expected a file or folder")
    case .file:
      isFolder = false
      names = [String(path[end...])]
      leftOut = []
      prefix = String(path[..<end])
    case .folder(let identity):
      isFolder = true
      prefix = path.hasSuffix("/") ? path : path + "/"
      var walk = FolderWalk(around: path)
      try walk.list(Array(prefix.utf8), identity, name: [])
      names = walk.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      leftOut = walk.leftOut.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
  }

  /// The paths of the files, in the order of the names.
  public var files: [String] { names.map { prefix + $0 } }
}

extension FolderListing.Reason {
  /// Names by which systems call what they put into folders, in lower case.
  private static let systemNames: Set<String> = [
    "__macosx", ".ds_store", ".appledouble", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems",
    "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "@eadir",
    "lost+found",
  ]

  /// Why something of a name is passed over, whatever it is; nil where the name says nothing.
  fileprivate init?(name: String) {
    if name.hasPrefix("._") || Self.systemNames.contains(name.lowercased()) {
      self = .system
    } else if name.hasPrefix(".") {
      self = .hidden
    } else {
      return nil
    }
  }
}

/// A walk through a folder. Paths are bytes, since a name may be anything else than UTF-8.
private struct FolderWalk {
  /// The most times that folders may be reached again. Links may lead to a folder in many ways, and to as many below each.
  private static let mostRepetitions = 100_000

  private(set) var names: [String] = []
  private(set) var leftOut: [FolderListing.LeftOut] = []
  /// The folders around what is being listed, those above the first one included.
  private var around: Set<FileIdentity> = []
  private var seen: Set<FileIdentity> = []
  private var repetitions = 0

  /// Begins a walk.
  ///
  /// - Parameter path: the folder that it begins in.
  init(around path: String) {
    guard let resolved = realpath(path, nil) else { return }
    defer { free(resolved) }
    var above = String(cString: resolved)[...]
    while let slash = above.lastIndex(of: "/") {
      above = above[..<slash]
      if case .folder(let identity) = FileStatus(above.isEmpty ? "/" : String(above)) {
        around.insert(identity)
      }
    }
  }

  /// Lists a folder and those in it.
  ///
  /// - Parameters:
  ///   - folder: its path, with a slash at the end.
  ///   - identity: which folder that is.
  ///   - name: its path within the first folder, with a slash at the end; empty for the first.
  mutating func list(_ folder: [UInt8], _ identity: FileIdentity, name: [UInt8]) throws {
    if !seen.insert(identity).inserted { repetitions += 1 }
    guard repetitions <= Self.mostRepetitions else {
      throw UserError(
        .badData,
        "\(text(folder)): found links that lead to the same folders more than \(Self.mostRepetitions) times, "
          + "expected fewer")
    }
    around.insert(identity)
    defer { around.remove(identity) }
    for entry in try entries(of: folder) {
      let (path, entryName) = (folder + entry, name + entry)
      let status = FileStatus(path)
      if let reason = FolderListing.Reason(name: text(entry)) {
        leaveOut(status.isFolder ? entryName + [UInt8(ascii: "/")] : entryName, reason)
        continue
      }
      switch status {
      case .file:
        if let name = String(validating: entryName, as: UTF8.self) {
          names.append(name)
        } else {
          leaveOut(entryName, .undecodable)
        }
      case .folder(let identity):
        if around.contains(identity) {
          leaveOut(entryName + [UInt8(ascii: "/")], .loop)
        } else {
          try list(path + [UInt8(ascii: "/")], identity, name: entryName + [UInt8(ascii: "/")])
        }
      case .other: leaveOut(entryName, .special)
      case .failure(let code) where FileStatus.isLink(path) && [ENOENT, ELOOP, ENOTDIR].contains(code):
        leaveOut(entryName, .dangling)
      // It was removed since the folder was read.
      case .failure(ENOENT): continue
      case .failure(let code):
        throw UserError(.noInput, "\(text(path)): cannot be examined (\(reason(code)))")
      }
    }
  }

  private mutating func leaveOut(_ name: [UInt8], _ reason: FolderListing.Reason) {
    leftOut.append(FolderListing.LeftOut(name: text(name), reason: reason))
  }

  /// The names in a folder, but for itself and the one above.
  private func entries(of folder: [UInt8]) throws -> [[UInt8]] {
    // Without the slash, as messages name it.
    let path = folder.count > 1 ? Array(folder.dropLast()) : folder
    func failure() -> UserError {
      UserError(.noInput, "\(text(path)): the folder cannot be read (\(reason(errno)))")
    }
    guard let stream = path.withCString({ opendir($0) }) else { throw failure() }
    defer { closedir(stream) }
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    var entries: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw failure() }
        return entries
      }
      let start = UnsafeRawPointer(entry) + offset
      let name = UnsafeRawBufferPointer(
        start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))
      if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { entries.append(Array(name)) }
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension [UInt8] {
  /// Calls a body with the bytes and a zero behind them.
  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result?) -> Result? {
    (map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
  }
}

/// What is the same for all paths that lead to a file or folder.
private struct FileIdentity: Hashable {
  private let device: dev_t
  private let number: ino_t

  init(_ status: stat) { (device, number) = (status.st_dev, status.st_ino) }
}

/// What a path leads to, links followed.
private enum FileStatus {
  case failure(Int32)
  case file
  case folder(FileIdentity)
  case other

  init(_ path: String) { self.init(Array(path.utf8)) }

  init(_ path: [UInt8]) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else {
      self = .failure(errno)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder(FileIdentity(status))
    default: self = .other
    }
  }

  var isFolder: Bool { if case .folder = self { true } else { false } }

  /// Whether a path is itself a symbolic link.
  static func isLink(_ path: [UInt8]) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
