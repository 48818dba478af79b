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
  /// Those of them that are in memory.
  private(set) var memory = 0
  /// Whether samples may hold carriage returns, which end lines as line feeds do and are read as such.
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
    memory += file.memory
  }

  /// Calls `body` with the bytes of a span, line ends folded to line feeds; the pointer is valid during the
  /// call.
  func withBytes<Result>(of span: Span, _ body: (UTF8Bytes) throws -> Result) rethrows -> Result {
    let index = fileIndex(of: span)
    return try files[index].withBytes { all in
      let start = span.offset - starts[index]
      let bytes = UTF8Bytes(rebasing: all[start..<(start + span.length)])
      guard foldsLineEnds, bytes.contains(0x0D) else { return try body(bytes) }
      return try LineEnds.folded(bytes).withUnsafeBufferPointer(body)
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
    let ends = files[index].withBytes { all in
      LineEnds.count(in: UTF8Bytes(rebasing: all[..<(span.offset - starts[index])]))
    }
    return "\(files[index].name) line \(ends + 1)"
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

/// The bytes of one file, in memory, or mapped read-only where they are more than memory has been given for.
///
/// The system pages a mapped file in and out, so a file may be larger than memory. A file that another
/// process shortens while it is mapped ends this process with a bus error, and one that it changes is read as it is then;
/// `TextCorpus` documents it.
final class TextBytes: @unchecked Sendable {
  // Sendable: the bytes are written before `init` returns and only read after.

  private enum Storage {
    case mapped(UnsafeMutableRawPointer)
    case memory([UInt8])
  }

  /// The file's path, or what the text is called in messages.
  let name: String
  /// How many bytes there are.
  let count: Int
  private let storage: Storage

  /// Files below this size are read instead of mapped: the system limits the number of mappings (65,530 on
  /// Linux), and a folder may hold more files than that.
  static let smallestMapping = 16_384

  /// The bytes that it takes of memory by itself.
  var memory: Int { if case .memory = storage { count } else { 0 } }

  /// Opens a file and takes its bytes as they are.
  ///
  /// - Parameters:
  ///   - file: its path.
  ///   - budget: bytes up to which it is read; a larger file is mapped.
  /// - Throws: `UserError`: no input when it cannot be opened, I/O when reading fails.
  init(file: String, memoryBudget budget: Int = 0) throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(.noInput, file, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Self.failure(.inputOutput, file, "cannot be examined")
    }
    let size = Int(status.st_size)
    name = file
    if size >= max(Self.smallestMapping, budget) {
      let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let mapping, mapping != MAP_FAILED else {
        throw Self.failure(.inputOutput, file, "cannot be mapped")
      }
      (storage, count) = (.mapped(mapping), size)
    } else {
      let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        while filled < size {
          let received = read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
          if received < 0, errno == EINTR { continue }
          guard received >= 0 else { throw Self.failure(.inputOutput, file, "cannot be read") }
          if received == 0 { break }
          filled += received
        }
      }
      (storage, count) = (.memory(bytes), bytes.count)
    }
  }

  /// Takes bytes from memory.
  init(_ bytes: [UInt8], name: String) {
    (storage, count) = (.memory(bytes), bytes.count)
    self.name = name
  }

  /// Opens a text file: decompressed where it is compressed with gzip, whatever its name, and as UTF-8. What is the
  /// file's own bytes then is mapped where it exceeds the budget; what had to be decompressed or converted is held in memory.
  ///
  /// - Throws: `UserError` as the plain file does; bad data for damaged compressed data, and for what is no text in an
  ///   encoding other than UTF-8.
  static func text(file: String, encoding: TextEncoding, memoryBudget budget: Int) throws -> TextBytes {
    let plain = try TextBytes(file: file, memoryBudget: budget)
    guard plain.withBytes(GzipData.isMember) else { return try encoding.decoded(plain) }
    // Lines and offsets of later messages are those of the text, not of the file.
    return try encoding.decoded(TextBytes(GzipData.inflated(plain), name: "\(file) (decompressed)"))
  }

  deinit {
    if case .mapped(let base) = storage { munmap(base, count) }
  }

  /// Calls `body` with all bytes; the pointer is valid during the call.
  func withBytes<Result>(_ body: (UTF8Bytes) throws -> Result) rethrows -> Result {
    switch storage {
    case .mapped(let base):
      return try withExtendedLifetime(self) {
        try body(UTF8Bytes(start: base.assumingMemoryBound(to: UInt8.self), count: count))
      }
    case .memory(let bytes): return try bytes.withUnsafeBufferPointer(body)
    }
  }

  private static func failure(_ category: UserError.Category, _ file: String, _ what: String) -> UserError {
    UserError(category, "\(file): \(what) (\(String(cString: strerror(errno))))")
  }
}
