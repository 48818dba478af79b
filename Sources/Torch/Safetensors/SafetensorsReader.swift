import Failures
import Files
import Foundation

/// A safetensors file on disk, of whose buffer only what is asked for is in memory.
final class SafetensorsReader {
  /// What the file holds.
  let header: SafetensorsHeader
  /// Bytes that are worth reading at a time where all of them are only looked at once.
  let piece = 1 << 20
  private let file: OpenFile
  private let bufferStart: Int
  /// Used again and again: fresh memory costs as much as reading into it.
  private var memory: UnsafeMutableRawBufferPointer

  /// Opens a file and reads its header.
  ///
  /// - Throws: `UserError(.noInput)` when it is absent; `.badData` when it is damaged or not of this format.
  init(_ url: URL) throws {
    file = try OpenFile(url.path, name: url.relativePath)
    (header, bufferStart) = try SafetensorsHeader.parse(file)
    memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 64)
  }

  deinit { memory.deallocate() }

  /// Starts the digest of the content.
  ///
  /// - Throws: `UserError(.badData)` where the file names none and one is required.
  func digest(required: Bool) throws -> SHA256 {
    try header.startedDigest(required: required, file: file.name)
  }

  /// Compares the digest of the whole buffer with that in the header.
  ///
  /// - Throws: `UserError(.badData)` when they differ.
  func check(_ digest: borrowing SHA256) throws { try header.check(digest, file: file.name) }

  /// Calls `body` with a range of the buffer's bytes, which are lent.
  ///
  /// - Throws: `UserError(.inputOutput)` when the disk fails; `.badData` when the file has become shorter since it was opened.
  func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) throws
    -> Result
  {
    if range.count > memory.count {
      memory.deallocate()
      memory = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 64)
    }
    let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
    let (count, failure) = file.read(into: bytes, at: bufferStart + range.lowerBound)
    guard failure == 0 else {
      throw UserError(.inputOutput, "\(file.name): cannot read: \(String(cString: strerror(failure)))")
    }
    guard count == range.count else {
      throw UserError(
        .badData,
        "\(file.name): found \(bufferStart + range.lowerBound + count) bytes, expected \(file.size): the file became shorter "
          + "while it was read")
    }
    return try body(UnsafeRawBufferPointer(bytes))
  }
}

extension SafetensorsHeader {
  /// Starts the digest of a file's content.
  ///
  /// - Throws: `UserError(.badData)` where the metadata have none to compare with and one is required.
  func startedDigest(required: Bool, file: String) throws -> SHA256 {
    guard metadata[SafetensorsFile.digestKey] != nil || !required else {
      throw UserError(
        .badData,
        "\(file): found no \(SafetensorsFile.digestKey) in the metadata, expected a file written by Duel")
    }
    return SafetensorsFile.digest(of: self)
  }

  /// Compares the digest of a file's content with that in the metadata, where there is one.
  ///
  /// - Throws: `UserError(.badData)` when they differ.
  func check(_ digest: borrowing SHA256, file: String) throws {
    guard let expected = metadata[SafetensorsFile.digestKey], digest.hexDigest() != expected else { return }
    throw UserError(
      .badData,
      "\(file): found content that differs from its \(SafetensorsFile.digestKey): the file is damaged")
  }
}
