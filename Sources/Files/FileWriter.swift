import Failures
import Foundation

/// Writes bytes in order to an open file, through a small buffer, and checks that every one of them arrived.
public final class FileWriter {
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 16

  /// Writes to a descriptor that stays the caller's to close; `name` stands in messages.
  init(descriptor: Int32, name: String) {
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
  func flush() throws {
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
