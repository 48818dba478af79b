import Corpora
import Failures
import Files

/// A text file as it was read, before repetitions are left out and lines are cut: what a look at data shows.
public struct MeasuredText: Sendable {
  /// Lines of the file.
  public let lines: Int
  /// Those of them that are empty.
  public let emptyLines: Int
  /// How many samples, lines or windows, have how many symbols.
  public let lengths: [Int: Int]
  /// How often each symbol occurs in the samples.
  public let symbols: [String: Int]
  /// SHA-256 of the samples in their order, as UTF-8, each with a zero byte behind it: equal for equal text, whatever its encoding
  /// and line ends.
  public let digest: String
  /// The first samples, `mostShown` at most, and of each `longestShown` characters at most.
  public let first: [String]

  /// Symbols of lines that are longer than `longestLine`, which are in none of these numbers.
  public let symbolsBeyond: Int

  /// Symbols of a line that are read at most: whatever they are, no more bytes than a span may have.
  public static let longestLine = Span.largestLength / 4
  /// Samples that are kept of a file.
  public static let mostShown = 5
  /// Characters that are kept of each.
  public static let longestShown = 200

  /// How many samples there are.
  public var samples: Int { lengths.values.reduce(0, +) }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - options: how it is read; lines are measured whole, whatever their limit.
  /// - Throws: `UserError`: no input for a file that cannot be read; bad data for what is no text in the encoding, with file,
  ///   line and byte offset, and for damaged compressed data.
  public init(contentsOf path: String, options: TextCorpusOptions) throws {
    var options = options
    (options.maximumLength, options.longLines) = (Self.longestLine, .cut)
    let bytes = try TextBytes.text(
      file: path, encoding: options.encoding, memoryBudget: CorpusMemory.standard)
    var scanner = SampleScanner(options: options)
    try scanner.scan(bytes, named: path, startingAt: 0)
    var store = TextStore()
    try store.append(bytes, label: nil)
    store.foldsLineEnds = options.window != nil && scanner.counts.hasCarriageReturns
    var counts = SymbolCounts(kind: options.symbols)
    var lengths: [Int: Int] = [:]
    var hash = SHA256()
    for span in scanner.spans {
      store.withBytes(of: span) { bytes in
        lengths[counts.add(bytes), default: 0] += 1
        hash.update(UnsafeRawBufferPointer(bytes))
        withUnsafeBytes(of: UInt8(0)) { hash.update($0) }
      }
    }
    digest = hash.hexDigest()
    (lines, emptyLines) = (scanner.counts.lines, scanner.counts.emptyLines)
    symbolsBeyond = scanner.counts.symbolsBeyond
    self.lengths = lengths
    symbols = Dictionary(counts.entries().map { ($0.symbol, $0.count) }) { $0 + $1 }
    first = scanner.spans.prefix(Self.mostShown).map {
      String(store.text(of: $0).prefix(Self.longestShown))
    }
  }

  /// Reads a file or the text files of a folder, without dividing their samples.
  ///
  /// - Parameters:
  ///   - path: the data.
  ///   - validation: data to choose by, which is read too.
  ///   - holdout: data to hold out, which is read too.
  ///   - options: how files are read.
  /// - Throws: `UserError`: usage for options that make no sense, no input for paths that are not there, bad data for folders
  ///   without a text file and where none could be read.
  public static func survey(
    _ path: String, validation: String? = nil, holdout: String? = nil, options: TextCorpusOptions
  ) throws -> FileSurvey<MeasuredText> {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: TextCorpus.kind, options: options)
    return try FileSurvey(files) { [.success(try MeasuredText(contentsOf: $0, options: options))] }
  }
}
