import Failures
import Foundation

/// The bytes of a file that a user names, read at any place.
public final class OpenFile: Sendable {
  /// The file, as messages name it.
  public let name: String
  /// How many bytes it has.
  public let size: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `UserError(.noInput)` when it cannot be opened or is no plain file.
  public init(_ path: String) throws {
    name = path
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw UserError(.noInput, "\(path): cannot open the file: \(reason(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw UserError(.noInput, "\(path): found something else than a plain file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the buffer from a place in the file.
  ///
  /// - Returns: how many bytes there were, and the system's error number where reading failed, else 0.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) -> (count: Int, failure: Int32)
  {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let got = pread(descriptor, rest.baseAddress, rest.count, off_t(place + filled))
      if got < 0 && errno == EINTR { continue }
      if got < 0 { return (filled, errno) }
      if got == 0 { break }
      filled += got
    }
    return (filled, 0)
  }

  /// Up to `count` bytes from a place in the file; fewer at its end.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk fails.
  public func bytes(at place: Int, count: Int) throws -> [UInt8] {
    guard place >= 0, place < size, count > 0 else { return [] }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: min(count, size - place)) { buffer, filled in
      (filled, failure) = read(into: UnsafeMutableRawBufferPointer(buffer), at: place)
    }
    guard failure == 0 else { throw UserError(.inputOutput, "\(name): cannot read: \(reason(failure))") }
    return bytes
  }
}
