import Corpora
import Failures

/// What counts as one symbol of a text.
public enum SymbolKind: String, Codable, CaseIterable, Sendable {
  /// Unicode scalars, one code point each: the smallest vocabulary, and combining accents stand alone.
  case scalars
  /// Extended grapheme clusters, what a reader calls a character: flags, accents and emoji families stay
  /// whole.
  case graphemes
}

/// What happens to a line with more symbols than a sample may have.
public enum LongLineRule: String, Codable, CaseIterable, Sendable {
  /// Its first symbols are kept.
  case cut
  /// It is left out.
  case drop
}

/// How files become samples. Together with the files it determines the corpus entirely, so a recipe stores
/// it.
public struct TextCorpusOptions: CorpusOptions {
  /// Symbols in a window, or nil for one sample per line (JSON: `null` or a number).
  public var window: Int?
  /// What counts as one symbol.
  public var symbols: SymbolKind
  /// Symbols a line may have, the end symbol not counted. Windows have their own length and ignore it.
  public var maximumLength: Int
  /// What happens to lines with more symbols than `maximumLength`.
  public var longLines: LongLineRule
  /// Distinct symbols that the vocabulary keeps, the most frequent first; the others become the unknown
  /// symbol.
  public var vocabularyLimit: Int
  /// Where labels (conditions) come from, as `LabelRule` reads it; nil for none.
  public var labels: String?
  /// A regular expression for the paths below the folder of files that are held out, instead of a tenth of the samples.
  public var holdoutPattern: String?
  /// Whether files that cannot be read, or are not UTF-8, are left out and counted, instead of being an error.
  public var skipBad: Bool

  /// Symbols that a sample may have, at most: bounded so that an index entry fits in eight bytes.
  public static let lengthRange = 1...1_000_000

  /// Options with defaults that suit one short sample per line.
  public init(
    window: Int? = nil, symbols: SymbolKind = .scalars, maximumLength: Int = 32,
    longLines: LongLineRule = .cut,
    vocabularyLimit: Int = 1024, labels: String? = nil, holdoutPattern: String? = nil, skipBad: Bool = false
  ) {
    self.window = window
    self.symbols = symbols
    self.maximumLength = maximumLength
    self.longLines = longLines
    self.vocabularyLimit = vocabularyLimit
    self.labels = labels
    self.holdoutPattern = holdoutPattern
    self.skipBad = skipBad
  }

  /// Checks the ranges and the regular expressions.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and what was expected.
  public func validate() throws {
    try expect("window", window, in: Self.lengthRange)
    try expect("maximumLength", maximumLength, in: Self.lengthRange)
    guard vocabularyLimit >= 1 else {
      throw UserError(.usage, "vocabularyLimit: found \(vocabularyLimit), expected at least 1")
    }
    try validateRules()
  }
}
