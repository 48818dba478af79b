import Failures
import Foundation

/// Reading files that a user names.
public enum InputFile {
  /// All bytes of a file.
  ///
  /// The file is read, not mapped: a mapped file that another process truncates ends this one with a bus
  /// error.
  ///
  /// - Throws: `UserError(.noInput)` when the file is absent, a folder or unreadable, `.inputOutput` when
  ///   reading fails half-way.
  public static func bytes(of url: URL) throws -> [UInt8] {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UserError(.noInput, "\(url.relativePath): cannot open the file: \(reason(errno))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw UserError(.inputOutput, "\(url.relativePath): cannot read: \(reason(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw UserError(.noInput, "\(url.relativePath): found something else than a plain file")
    }
    let size = Int(status.st_size)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let piece = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
        let got = read(descriptor, piece.baseAddress, piece.count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { return }
        count += got
      }
    }
    guard failure == 0 else {
      throw UserError(.inputOutput, "\(url.relativePath): cannot read: \(reason(failure))")
    }
    return bytes
  }

  /// All text of a UTF-8 file.
  ///
  /// - Throws: `UserError` as `bytes(of:)`, and `.badData` when the bytes are not UTF-8.
  public static func text(of url: URL) throws -> String {
    guard let text = String(validating: try bytes(of: url), as: UTF8.self) else {
      throw UserError(.badData, "\(url.relativePath): found bytes that are not UTF-8, expected text")
    }
    return text
  }
}
