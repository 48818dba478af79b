import Failures
import Foundation

/// Reads a file once from start to end, validates it, and notes where its samples are.
struct SampleScanner {
  let options: TextCorpusOptions
  /// The samples found so far, in the order of the data; duplicates are still in.
  private(set) var spans: [Span] = []
  /// What was found so far.
  private(set) var counts = Counts()

  /// What a scanner counts.
  struct Counts {
    var lines = 0
    var emptyLines = 0
    var cutLines = 0
    var droppedLines = 0
    /// Symbols at the ends of files that fill no window.
    var remainder = 0
    /// Whether a line ended in a carriage return and a line feed.
    var hasCarriageReturns = false
  }

  private var fileName = ""
  private var windowStart = 0
  private var windowSymbols = 0

  init(options: TextCorpusOptions) {
    self.options = options
  }

  /// Scans a file that starts at an offset of the store. A file that is not text leaves no trace.
  ///
  /// - Throws: `UserError` (bad data) that names the file, line and byte offset of the first byte that is not
  ///   text.
  mutating func scan(_ file: TextBytes, startingAt start: Int) throws {
    let (known, countsBefore) = (spans.count, counts)
    do {
      try read(file, startingAt: start)
    } catch {
      spans.removeLast(spans.count - known)
      counts = countsBefore
      throw error
    }
  }

  private mutating func read(_ file: TextBytes, startingAt start: Int) throws {
    fileName = file.name
    try file.withBytes { all in
      var position = all.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var lineNumber = 0
      windowStart = start + position
      windowSymbols = 0
      while position < all.count {
        lineNumber += 1
        let feed = Self.lineFeed(in: all, from: position)
        let end = feed ?? all.count
        let endsInReturn = feed != nil && end > position && all[end - 1] == 0x0D
        let line = UTF8Bytes(rebasing: all[position..<(endsInReturn ? end - 1 : end)])
        let content = line.classify()
        if case .invalid(let offset) = content {
          throw Self.notText(all, at: position + offset, file: file.name, line: lineNumber)
        }
        counts.hasCarriageReturns = counts.hasCarriageReturns || endsInReturn
        let isASCII = content == .ascii
        if let window = options.window {
          try addToWindows(line, at: start + position, isASCII: isASCII, window: window)
          if feed != nil { try addSymbol(length: endsInReturn ? 2 : 1, at: start + end + 1, window: window) }
        } else {
          try addLine(line, at: start + position, isASCII: isASCII)
        }
        position = end + 1
      }
      counts.lines += lineNumber
      counts.remainder += windowSymbols
    }
  }

  private mutating func addLine(_ line: UTF8Bytes, at offset: Int, isASCII: Bool) throws {
    guard !line.isEmpty else {
      counts.emptyLines += 1
      return
    }
    let limit = options.maximumLength
    var kept = line.count
    if isASCII {
      kept = min(kept, limit)
    } else if line.count > limit {
      kept = 0
      var symbols = 0
      line.forEachSymbolLength(options.symbols) { length in
        guard symbols < limit else { return false }
        symbols += 1
        kept += length
        return true
      }
    }
    if kept < line.count {
      guard options.longLines == .cut else {
        counts.droppedLines += 1
        return
      }
      counts.cutLines += 1
    }
    try append(offset: offset, length: kept)
  }

  private mutating func addToWindows(_ line: UTF8Bytes, at offset: Int, isASCII: Bool, window: Int) throws {
    if isASCII {
      var position = 0
      while line.count - position >= window - windowSymbols {
        position += window - windowSymbols
        try closeWindow(at: offset + position)
      }
      windowSymbols += line.count - position
    } else {
      var ends: [Int] = []
      var position = offset
      line.forEachSymbolLength(options.symbols) { length in
        position += length
        windowSymbols += 1
        if windowSymbols == window {
          ends.append(position)
          windowSymbols = 0
        }
        return true
      }
      let rest = windowSymbols
      for end in ends { try closeWindow(at: end) }
      windowSymbols = rest
    }
  }

  private mutating func addSymbol(length: Int, at end: Int, window: Int) throws {
    windowSymbols += 1
    if windowSymbols == window { try closeWindow(at: end) }
  }

  private mutating func closeWindow(at end: Int) throws {
    try append(offset: windowStart, length: end - windowStart)
    windowStart = end
    windowSymbols = 0
  }

  private mutating func append(offset: Int, length: Int) throws {
    guard length <= Span.largestLength else {
      throw UserError(
        .badData, "\(fileName): found a sample of \(length) bytes, expected at most \(Span.largestLength)")
    }
    spans.append(Span(offset: offset, length: length))
  }

  private static func lineFeed(in bytes: UTF8Bytes, from position: Int) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    guard let found = memchr(base + position, 0x0A, bytes.count - position) else { return nil }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
  }

  private static func notText(_ all: UTF8Bytes, at offset: Int, file: String, line: Int) -> UserError {
    let digits = String(all[offset], radix: 16, uppercase: true)
    let found: String
    if all.starts(with: [0xFF, 0xFE]) || all.starts(with: [0xFE, 0xFF]) {
      found = "a UTF-16 byte order mark"
    } else if all[offset] == 0 {
      found = "a NUL byte (a binary file?)"
    } else {
      found = "malformed UTF-8 (byte 0x\(digits.count == 1 ? "0" : "")\(digits))"
    }
    return UserError(
      .badData, "\(file) line \(line), byte offset \(offset): found \(found), expected UTF-8 text")
  }
}
