import CZlib
import Failures

/// Files compressed with gzip (RFC 1952), by zlib.
enum GzipData {
  /// Bytes that are written at a time.
  private static let bufferSize = 1 << 18
  /// Bytes that are handed to zlib at a time, which counts them with 32 bits.
  private static let inputLimit = 1 << 30

  /// How many bytes a file of a size may hold: ten times as many, or 64 MiB. Text shrinks to a quarter or a tenth; a file
  /// that is made to fill the memory, to a thousandth.
  static func most(in size: Int) -> Int { max(10 * size, 64 << 20) }

  /// Whether bytes begin as gzip data does, whatever the file is called: a control character and two more bytes that no
  /// UTF-8 has, and no text in other encodings is likely to.
  static func isMember(_ bytes: UTF8Bytes) -> Bool { bytes.starts(with: [0x1F, 0x8B, 0x08]) }

  /// What a file holds, all members one after the other, in memory. Zeros behind the last one are padding.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - most: the most bytes that it may hold; nil for `most(in:)` of its size.
  /// - Throws: `UserError` (bad data) that names the file, and the byte at which its data is damaged, ends too early or has
  ///   become too much.
  static func inflated(_ file: TextBytes, most: Int? = nil) throws -> [UInt8] {
    let most = most ?? Self.most(in: file.count)
    return try file.withBytes { bytes in
      var stream = z_stream()
      // 16 asks for gzip's header and check sum, 15 for the largest window.
      let begun = inflateInit2_(&stream, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
      guard begun == Z_OK, let base = bytes.baseAddress else {
        throw UserError(.inputOutput, "\(file.name): zlib cannot begin (error \(begun))")
      }
      defer { inflateEnd(&stream) }
      var content: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: bufferSize)
      var offset = 0
      while true {
        let available = min(bytes.count - offset, inputLimit)
        let (code, written) = buffer.withUnsafeMutableBufferPointer { buffer in
          stream.next_in = UnsafeMutablePointer(mutating: base + offset)
          stream.avail_in = UInt32(available)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(bufferSize)
          let code = inflate(&stream, Z_NO_FLUSH)
          return (code, bufferSize - Int(stream.avail_out))
        }
        offset += available - Int(stream.avail_in)
        guard content.count + written <= most else {
          throw UserError(
            .badData,
            "\(file.name) byte offset \(offset): found more than \(most) bytes of text in a file of \(bytes.count), expected no "
              + "more; gunzip it first, plain files may have any size")
        }
        content.append(contentsOf: buffer[..<written])
        switch code {
        case Z_OK: continue
        case Z_STREAM_END:
          let rest = UTF8Bytes(rebasing: bytes[offset...])
          guard rest.contains(where: { $0 != 0 }) else { return content }
          guard isMember(rest) else {
            throw fault("\(rest.count) bytes behind the compressed data", at: offset, in: file)
          }
          inflateReset(&stream)
        case Z_BUF_ERROR:
          throw fault("the end of the file amid compressed data", at: offset, in: file)
        default:
          let reason = stream.msg.map { ": " + String(cString: $0) } ?? ""
          throw fault("damaged compressed data (zlib error \(code)\(reason))", at: offset, in: file)
        }
      }
    }
  }

  private static func fault(_ found: String, at offset: Int, in file: TextBytes) -> UserError {
    UserError(.badData, "\(file.name) byte offset \(offset): found \(found), expected a whole gzip file")
  }
}
