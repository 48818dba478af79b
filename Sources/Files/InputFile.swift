import Failures
import Foundation

/// Reading files that a user names, as a whole.
///
/// A file is read, not mapped: a mapped file that another process truncates ends this one with a bus error.
public enum InputFile {
  /// All bytes of a file.
  ///
  /// - Throws: `UserError(.noInput)` when the file is absent, a folder or unreadable, `.inputOutput` when
  ///   reading fails half-way.
  public static func bytes(of url: URL) throws -> [UInt8] {
    let file = try OpenFile(url.path, name: url.relativePath)
    return try file.bytes(at: 0, count: file.size)
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

/// The bytes of a file that a user names, read from any offset.
public final class OpenFile: Sendable {
  /// The file, as messages name it.
  public let name: String
  /// How many bytes it has.
  public let size: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - name: what messages call it; the path unless something else is given.
  /// - Throws: `UserError(.noInput)` when it cannot be opened or is no plain file.
  public init(_ path: String, name: String? = nil) throws {
    let name = name ?? path
    self.name = name
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw UserError(.noInput, "\(name): cannot open the file: \(reason(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw UserError(.noInput, "\(name): found something else than a plain file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the buffer from an offset in the file.
  ///
  /// - Returns: how many bytes there were, and the system's error number where reading failed, else 0.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) -> (count: Int, failure: Int32) {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if got < 0 && errno == EINTR { continue }
      if got < 0 { return (filled, errno) }
      if got == 0 { break }
      filled += got
    }
    return (filled, 0)
  }

  /// Up to `count` bytes from an offset in the file; fewer at its end.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk fails.
  public func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: min(count, size - offset)) { buffer, filled in
      (filled, failure) = read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    guard failure == 0 else { throw UserError(.inputOutput, "\(name): cannot read: \(reason(failure))") }
    return bytes
  }
}

/// The extents of an array as the header of a file announces them, which may be any numbers.
public enum ArrayExtents {
  /// The bytes of an array.
  ///
  /// Extents of 0 are left out while the product is formed: 0 times anything is 0, and would hide that the others overflow,
  /// which then ends the process where a stride is computed of them. So no product of some of the extents overflows either.
  ///
  /// - Parameters:
  ///   - extents: along the axes.
  ///   - elementSize: bytes of an element, at least 1.
  /// - Returns: nil where an extent is negative, or the product of those that are not 0 does not fit in 63 bits.
  public static func bytes(_ extents: [Int], elementSize: Int) -> Int? {
    var product = elementSize
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    return extents.contains(0) ? 0 : product
  }
}
