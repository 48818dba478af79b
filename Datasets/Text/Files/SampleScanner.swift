import Corpora
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
    /// Lines by their symbols: all of them where the data decides how long one may be, otherwise none.
    var lengths = LineLengths()
    /// Symbols that a line may have, where that is given or known already.
    var limit: Int?
    /// Lines with more symbols, cut or left out.
    var longLines = 0
    /// What these have beyond the limit.
    var symbolsBeyond = 0
    /// Symbols at the ends of files that fill no window.
    var remainder = 0
    /// Whether a line ended in a carriage return, with or without a line feed.
    var hasCarriageReturns = false
    /// Files that may be meant otherwise than they are read.
    var remarks = Tally([.oneLine, .returnsAlone])
  }

  /// No letter has so many bytes of marks. Putting marks in order, by which equal symbols are known, takes a time that grows as the
  /// square of their number: half a megabyte of them took half a minute.
  static let longestSymbol = 1024

  private var fileName = ""
  private var windowStart = 0
  private var windowSymbols = 0

  init(options: TextCorpusOptions) {
    self.options = options
    counts.limit = options.maximumLength
  }

  /// Scans a file that starts at an offset of the store. A file that is not text leaves no trace.
  ///
  /// - Parameter name: what remarks call the file.
  /// - Throws: `UserError` (bad data) that names the file, line and byte offset of the first byte that is not
  ///   text.
  mutating func scan(_ file: TextBytes, named name: String, startingAt start: Int) throws {
    let (known, countsBefore) = (spans.count, counts)
    do {
      try read(file, named: name, startingAt: start)
    } catch {
      spans.removeLast(spans.count - known)
      counts = countsBefore
      throw error
    }
  }

  private mutating func read(_ file: TextBytes, named name: String, startingAt start: Int) throws {
    fileName = file.name
    try file.withBytes { all in
      var position = all.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var lineNumber = 0
      var ends = LineEnds(in: all)
      var (filled, returns, feeds) = (0, 0, 0)
      windowStart = start + position
      windowSymbols = 0
      while position < all.count {
        lineNumber += 1
        let found = ends.line(from: position)
        let line = UTF8Bytes(rebasing: all[found.range])
        let content = line.classify()
        if case .invalid(let offset) = content {
          throw notText(all, at: position + offset, line: lineNumber)
        }
        counts.hasCarriageReturns = counts.hasCarriageReturns || found.hasReturn
        if !line.isEmpty { filled += 1 }
        if found.hasFeed { feeds += 1 } else if found.hasReturn { returns += 1 }
        let isASCII = content == .ascii
        if options.symbols == .graphemes, !isASCII, let offset = line.symbol(longerThan: Self.longestSymbol) {
          throw UserError(
            .badData,
            "\(fileName) line \(lineNumber), byte offset \(position + offset): found a symbol of more than "
              + "\(Self.longestSymbol) bytes, expected a letter with its marks; --symbols scalars reads them one by one"
          )
        }
        if let window = options.window {
          try addToWindows(line, at: start + position, isASCII: isASCII, window: window)
          if found.hasEnd { try addSymbol(endingAt: start + found.next, window: window) }
        } else {
          try addLine(line, at: start + position, isASCII: isASCII)
        }
        position = found.next
      }
      // In windows all line ends are alike, and nothing hangs on lines.
      if options.window == nil {
        if filled == 1 { counts.remarks.add(.oneLine, named: name) }
        if filled > 1, returns > 0, feeds == 0 { counts.remarks.add(.returnsAlone, named: name) }
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
    let limit = counts.limit ?? LineLengths.largest
    var (kept, symbols) = (min(line.count, limit), line.count)
    // A line has no more symbols than bytes: one that fits a limit by its bytes need not be counted.
    if !isASCII, counts.limit == nil || line.count > limit {
      (kept, symbols) = line.extent(of: limit, options.symbols)
    }
    if counts.limit == nil {
      counts.lengths.add(symbols)
    } else if symbols > limit {
      counts.longLines += 1
      counts.symbolsBeyond += symbols - limit
    }
    guard kept == line.count || options.longLines == .cut else { return }
    try append(offset: offset, length: kept)
  }

  /// Cuts or drops lines by the limit that the data decides, where none was given. Called when all files have been
  /// scanned.
  mutating func limitLines(in store: TextStore) {
    guard options.window == nil, counts.limit == nil else { return }
    let limit = counts.lengths.limit
    counts.limit = limit
    (counts.longLines, counts.symbolsBeyond) = counts.lengths.excess(over: limit)
    // Those above the largest limit were cut or dropped as they were found.
    guard counts.longLines > 0, limit < LineLengths.largest else { return }
    spans = spans.compactMap { span in
      guard span.length > limit else { return span }
      let kept = store.withBytes(of: span) { $0.extent(of: limit, options.symbols).bytes }
      guard kept < span.length else { return span }
      return options.longLines == .cut ? Span(offset: span.offset, length: kept) : nil
    }
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

  private mutating func addSymbol(endingAt end: Int, window: Int) throws {
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

  private func notText(_ all: UTF8Bytes, at offset: Int, line: Int) -> UserError {
    let digits = String(all[offset], radix: 16, uppercase: true)
    let found: String
    if all.hasUTF32Mark {
      found = "a UTF-32 byte order mark"
    } else if all.starts(with: [0xFF, 0xFE]) || all.starts(with: [0xFE, 0xFF]) {
      found = "a UTF-16 byte order mark"
    } else if all[offset] == 0 {
      found = "a NUL byte (a binary file, or UTF-16?)"
    } else {
      found = "malformed UTF-8 (byte 0x\(digits.count == 1 ? "0" : "")\(digits))"
    }
    let others =
      options.encoding == .automatic ? "; --encoding names others, as latin-1, windows-1252 and utf-16" : ""
    return UserError(
      .badData,
      "\(fileName) line \(line), byte offset \(offset): found \(found), expected UTF-8 text\(others)")
  }
}

extension UTF8Bytes {
  /// Where the first grapheme cluster of a valid run begins that has more bytes than a limit; nil without any.
  fileprivate func symbol(longerThan limit: Int) -> Int? {
    // A run that is no longer cannot hold one.
    guard count > limit else { return nil }
    var (position, found) = (0, -1)
    forEachSymbolLength(.graphemes) { length in
      if length > limit { found = position }
      position += length
      return found < 0
    }
    return found < 0 ? nil : found
  }

  /// The bytes that the first `limit` symbols of a valid run take, and how many symbols it has in all.
  fileprivate func extent(of limit: Int, _ kind: SymbolKind) -> (bytes: Int, symbols: Int) {
    var extent = (bytes: 0, symbols: 0)
    forEachSymbolLength(kind) { length in
      if extent.symbols < limit { extent.bytes += length }
      extent.symbols += 1
      return true
    }
    return extent
  }
}
