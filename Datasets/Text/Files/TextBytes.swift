import Failures
import Foundation

/// The bytes of one file, mapped into memory read-only, or of a text made in memory.
///
/// The system pages a mapped file in and out, so a file may be larger than memory. A file that another
/// process shortens while it is mapped ends this process with a bus error; `TextCorpus` documents it.
final class TextBytes: @unchecked Sendable {
  // Sendable: the bytes are written before `init` returns and only read after.

  /// The file's path, or what the text is called in messages.
  let name: String
  /// How many bytes there are.
  let count: Int
  private let base: UnsafeMutableRawPointer?
  private let isMapped: Bool

  /// Files below this size are read instead of mapped: the system limits the number of mappings (65,530 on
  /// Linux), and a folder may hold more files than that.
  static let smallestMapping = 16_384

  /// Opens a file.
  ///
  /// - Throws: `UserError`: no input when it cannot be opened, I/O when reading fails.
  init(file: String) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(.noInput, file, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Self.failure(.inputOutput, file, "cannot be examined")
    }
    let size = Int(status.st_size)
    name = file
    if size >= Self.smallestMapping {
      let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let mapping, mapping != MAP_FAILED else {
        throw Self.failure(.inputOutput, file, "cannot be mapped")
      }
      (base, count, isMapped) = (mapping, size, true)
    } else {
      let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 8)
      var filled = 0
      while filled < size {
        let received = read(descriptor, buffer + filled, size - filled)
        if received < 0, errno == EINTR { continue }
        guard received >= 0 else {
          buffer.deallocate()
          throw Self.failure(.inputOutput, file, "cannot be read")
        }
        if received == 0 { break }
        filled += received
      }
      (base, count, isMapped) = (buffer, filled, false)
    }
  }

  /// Copies a text.
  init(text: String, name: String) {
    var text = text
    let copy = text.withUTF8 { bytes in
      let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
      if let source = bytes.baseAddress { buffer.copyMemory(from: source, byteCount: bytes.count) }
      return (buffer, bytes.count)
    }
    self.name = name
    (base, count) = copy
    isMapped = false
  }

  deinit {
    if isMapped, let base { munmap(base, count) } else { base?.deallocate() }
  }

  /// Calls `body` with all bytes; the pointer is valid during the call.
  func withBytes<Result>(_ body: (UTF8Bytes) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(
        UTF8Bytes(start: base.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }, count: count))
    }
  }

  private static func failure(_ category: UserError.Category, _ file: String, _ what: String) -> UserError {
    UserError(category, "\(file): \(what) (\(String(cString: strerror(errno))))")
  }
}
