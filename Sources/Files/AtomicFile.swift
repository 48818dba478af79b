import Failures
import Foundation

/// Files that appear whole or not at all.
///
/// The order survives both a killed process and a power loss: a temporary file in the same folder is written,
/// flushed to the disk and renamed over the target, then the folder itself is flushed. Until the rename the
/// old content stays.
///
/// A symbolic link stays, and what it points to is created or replaced. Not so where the link's folder is another user's, or
/// one that everybody or another group can write to, such as `/tmp`: somebody may have put the link there to have a file of
/// this user's replaced. Such a link is an error, in a chain of links too. Folders on the way may be links anywhere.
public enum AtomicFile {
  /// Temporary files are `.duel-<process>-<random>.tmp`, so that their owner can be recognised.
  static let prefix = ".duel-"
  static let suffix = ".tmp"

  /// Creates or replaces a file with what `body` writes; nothing is left behind when anything fails.
  ///
  /// - Parameters:
  ///   - mode: permissions of the new file, from which the process's umask is taken away.
  ///   - body: writes the content in order.
  /// - Throws: `UserError(.cannotCreate)` when the folder takes no new file, something other than a file is there, or
  ///   a link is that others may have put there; `.inputOutput` when writing fails half-way (a full disk), and whatever
  ///   `body` throws.
  public static func write(to url: URL, mode: mode_t = 0o644, _ body: (FileWriter) throws -> Void) throws {
    let (target, name) = (try LinkTarget.file(behind: url), url.relativePath)
    let folder = target.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(temporaryName())
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw UserError(.cannotCreate, "\(name): cannot create the file: \(reason(errno))")
    }
    var renamed = false
    defer {
      close(descriptor)
      if !renamed { unlink(temporary.path) }
    }
    // The lock tells a sweeping process that the owner lives, even where process numbers are not shared
    // (containers).
    _ = flock(descriptor, LOCK_EX | LOCK_NB)

    let writer = FileWriter(descriptor: descriptor, name: name)
    try body(writer)
    try writer.flush()
    try synchronise(descriptor, name: name)
    guard rename(temporary.path, target.path) == 0 else {
      throw UserError(.cannotCreate, "\(name): cannot create the file: \(reason(errno))")
    }
    renamed = true
    try synchronise(folder: folder)
  }

  /// Creates or replaces a text file, in UTF-8.
  ///
  /// - Throws: `UserError` as `write(to:mode:_:)`.
  public static func write(_ text: String, to url: URL) throws {
    try write(to: url) { try $0.write(text) }
  }

  /// Removes the temporary files that killed processes left in a folder. Those of living processes, and every
  /// other file, stay. A folder that cannot be listed has nothing to sweep.
  public static func sweepStale(in folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where isTemporary(name) {
      // In a container a new process often has the number of the one that was killed: its lock decides.
      guard let owner = owner(of: name), owner == getpid() || (kill(owner, 0) != 0 && errno == ESRCH)
      else { continue }
      let path = folder.appendingPathComponent(name).path
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
  }

  /// Whether a file name is that of a temporary file of this type.
  public static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(prefix) && name.hasSuffix(suffix)
  }

  /// Flushes a folder's entries, so that renames and removals in it survive a power loss.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk reports a failure.
  public static func synchronise(folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UserError(.inputOutput, "\(folder.relativePath): cannot open the folder: \(reason(errno))")
    }
    defer { close(descriptor) }
    try synchronise(descriptor, name: folder.relativePath)
  }

  /// Flushes what was written to an open file, so that it survives a power loss.
  ///
  /// - Parameters:
  ///   - descriptor: the open file.
  ///   - name: what messages call it.
  /// - Throws: `UserError(.inputOutput)` when the disk reports a failure.
  public static func synchronise(_ descriptor: Int32, name: String) throws {
    // Some file systems have nothing to flush and say so with EINVAL; that is no failure.
    guard fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP else { return }
    throw UserError(.inputOutput, "\(name): cannot flush to the disk: \(reason(errno))")
  }

  private static func temporaryName() -> String {
    "\(prefix)\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))\(suffix)"
  }

  private static func owner(of name: String) -> pid_t? {
    name.dropFirst(prefix.count).split(separator: "-").first.flatMap { pid_t($0) }
  }
}

/// Writes bytes in order to an open file, through a small buffer, and checks that every one of them arrived.
public final class FileWriter {
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 16

  /// Writes to a descriptor that stays the caller's to close; `name` stands in messages.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Appends bytes.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk is full or fails.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count > Self.capacity {
      try writeThrough(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk is full or fails.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Appends the UTF-8 bytes of a text.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk is full or fails.
  public func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Hands what is buffered to the system.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk is full or fails.
  public func flush() throws {
    try buffer.withUnsafeBytes { try writeThrough($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw UserError(.inputOutput, "\(name): cannot write: \(reason(count == 0 ? EIO : errno))")
      }
      rest = rest.dropFirst(count)
    }
  }
}

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

/// The system's words for an error number, as in "No space left on device".
public func reason(_ code: Int32) -> String {
  String(cString: strerror(code))
}
