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

/// Where the label (condition) of a sample comes from.
public enum LabelSource: String, Codable, CaseIterable, Sendable {
  /// Samples have no labels.
  case none
  /// The name of the sample's file without its last extension: `names/french.txt` gives `french`.
  case file
  /// The name of the folder that holds the sample's file: `names/french/a.txt` gives `french`.
  case folder
}

/// How files become samples. Together with the files it determines the corpus entirely, so a recipe stores
/// it.
public struct TextCorpusOptions: Codable, Equatable, Sendable {
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
  /// Where labels come from.
  public var labels: LabelSource

  /// Symbols that a sample may have, at most: bounded so that an index entry fits in eight bytes.
  public static let lengthRange = 1...1_000_000

  /// Options with defaults that suit one short sample per line.
  public init(
    window: Int? = nil, symbols: SymbolKind = .scalars, maximumLength: Int = 32,
    longLines: LongLineRule = .cut,
    vocabularyLimit: Int = 1024, labels: LabelSource = .none
  ) {
    self.window = window
    self.symbols = symbols
    self.maximumLength = maximumLength
    self.longLines = longLines
    self.vocabularyLimit = vocabularyLimit
    self.labels = labels
  }

  /// Checks the ranges.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and the range.
  public func validate() throws {
    let lengths = Self.lengthRange
    if let window, !lengths.contains(window) {
      throw UserError(
        .usage, "window: found \(window), expected \(lengths.lowerBound) to \(lengths.upperBound)")
    }
    guard lengths.contains(maximumLength) else {
      throw UserError(
        .usage,
        "maximumLength: found \(maximumLength), expected \(lengths.lowerBound) to \(lengths.upperBound)")
    }
    guard vocabularyLimit >= 1 else {
      throw UserError(.usage, "vocabularyLimit: found \(vocabularyLimit), expected at least 1")
    }
  }
}
