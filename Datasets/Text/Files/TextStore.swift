import Failures
import Foundation

/// Where a sample's bytes are: eight bytes, all that is kept of a sample.
///
/// The upper 40 bits are the offset in the store (up to 1 TiB), the lower 24 the length (up to 16 MiB), so
/// that the order of spans is the order of the samples in the data.
struct Span: Comparable, Sendable {
  static let largestOffset = 1 << 40
  static let largestLength = (1 << 24) - 1

  private let packed: UInt64

  init(offset: Int, length: Int) {
    packed = UInt64(offset) << 24 | UInt64(length)
  }

  var offset: Int { Int(packed >> 24) }
  var length: Int { Int(packed & 0xFF_FFFF) }

  static func < (left: Span, right: Span) -> Bool { left.packed < right.packed }
}

/// The files of a corpus as one sequence of bytes, in which spans are positions.
struct TextStore: Sendable {
  /// The files in order.
  private(set) var files: [TextBytes] = []
  /// The offset of each file's first byte in the store.
  private(set) var starts: [Int] = []
  /// The label of each file's samples, nil without labels.
  private(set) var labels: [Int?] = []
  /// Bytes in all files.
  private(set) var count = 0
  /// Whether samples may hold carriage returns before line feeds, which readers must leave out.
  var foldsLineEnds = false

  /// Adds a file at the end.
  ///
  /// - Throws: `UserError` (bad data) when the store would exceed 1 TiB.
  mutating func append(_ file: TextBytes, label: Int?) throws {
    guard file.count <= Span.largestOffset - count else {
      throw UserError(.badData, "\(file.name): found more than 1 TiB of text up to this file, expected less")
    }
    files.append(file)
    starts.append(count)
    labels.append(label)
    count += file.count
  }

  /// Calls `body` with the bytes of a span, line ends folded to line feeds; the pointer is valid during the
  /// call.
  func withBytes<Result>(of span: Span, _ body: (UTF8Bytes) throws -> Result) rethrows -> Result {
    let index = fileIndex(of: span)
    return try files[index].withBytes { all in
      let start = span.offset - starts[index]
      let bytes = UTF8Bytes(rebasing: all[start..<(start + span.length)])
      guard foldsLineEnds, bytes.contains(0x0D) else { return try body(bytes) }
      let folded = bytes.indices.filter { index in
        !(bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A)
      }
      return try folded.map { bytes[$0] }.withUnsafeBufferPointer(body)
    }
  }

  /// The text of a span.
  func text(of span: Span) -> String {
    withBytes(of: span) { String(decoding: $0, as: UTF8.self) }
  }

  /// The label of a span's file.
  func label(of span: Span) -> Int? { labels[fileIndex(of: span)] }

  /// The file and line where a span begins, for messages.
  func place(of span: Span) -> String {
    let index = fileIndex(of: span)
    let line = files[index].withBytes { all in
      all[..<(span.offset - starts[index])].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    }
    return "\(files[index].name) line \(line)"
  }

  /// The last file that starts at or before the span. Empty files share their start with the next one.
  private func fileIndex(of span: Span) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= span.offset { low = middle } else { high = middle }
    }
    return low
  }
}
