import Failures
import Files
import Foundation

/// A file of a run that grows while it trains, and can be cut to what was there at a checkpoint.
final class AppendedFile {
  private let file: URL
  private(set) var descriptor: Int32
  /// The file's path in messages.
  var name: String { file.relativePath }

  /// Opens the file, or makes it.
  ///
  /// - Throws: `UserError(.cannotCreate)` when it cannot be written.
  init(_ file: URL) throws {
    self.file = file
    descriptor = try Self.open(file)
  }

  deinit { close(descriptor) }

  private static func open(_ file: URL) throws -> Int32 {
    let descriptor = Foundation.open(file.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw UserError(.cannotCreate, "\(file.relativePath): cannot create the file: \(reason(errno))")
    }
    return descriptor
  }

  /// Appends bytes and flushes them: a checkpoint may follow at once, and must not survive a power loss that they do not.
  ///
  /// - Throws: `UserError(.inputOutput)` when they cannot be written, as on a full disk.
  func append(_ bytes: [UInt8]) throws {
    let writer = FileWriter(descriptor: descriptor, name: name)
    try writer.write(bytes)
    try writer.flush()
    try AtomicFile.synchronise(descriptor, name: name)
  }

  /// What it holds.
  func bytes() throws -> [UInt8] { try InputFile.bytes(of: file) }

  /// Puts other bytes in the place of all that it holds; the file is whole at any moment.
  func replace(with bytes: [UInt8]) throws {
    try AtomicFile.write(to: file) { try $0.write(bytes) }
    // The open file is the old one, which has no name any more.
    let replacement = try Self.open(file)
    close(descriptor)
    descriptor = replacement
  }
}
