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
  /// Symbols a line may have, the end symbol not counted; nil for what the data decides: as many as its longest line, up to
  /// 256, unless few lines are much longer than all others (`LineLengths`). Windows have their own length and ignore it.
  public var maximumLength: Int?
  /// What happens to lines with more symbols.
  public var longLines: LongLineRule
  /// How the bytes of the files are read.
  public var encoding: TextEncoding
  /// The share of the training text that the vocabulary is to cover, above 0 and at most 1. The most frequent symbols are
  /// kept first, and `plainVocabulary` of them whatever they cover; the others become the unknown symbol.
  public var vocabularyCoverage: Double
  /// Distinct symbols that the vocabulary keeps at most, whatever they cover.
  public var vocabularyLimit: Int
  /// Where labels (conditions) come from, as `LabelRule` reads it; nil for none.
  public var labels: String?
  /// A regular expression for the paths below the folder of files that are held out, instead of a tenth of the samples.
  public var holdoutPattern: String?
  /// Whether files that cannot be read, or are not UTF-8, are left out and counted, instead of being an error.
  public var skipBad: Bool

  /// Distinct symbols that are kept however rare they are: so few cost nothing.
  public static let plainVocabulary = 256

  /// Symbols that a sample may have, at most: bounded so that an index entry fits in eight bytes.
  public static let lengthRange = 1...1_000_000

  /// Options with defaults that suit one short sample per line.
  public init(
    window: Int? = nil, symbols: SymbolKind = .scalars, maximumLength: Int? = nil,
    longLines: LongLineRule = .cut, encoding: TextEncoding = .automatic, vocabularyCoverage: Double = 0.999,
    vocabularyLimit: Int = 4096, labels: String? = nil, holdoutPattern: String? = nil, skipBad: Bool = false
  ) {
    self.window = window
    self.symbols = symbols
    self.maximumLength = maximumLength
    self.longLines = longLines
    self.encoding = encoding
    self.vocabularyCoverage = vocabularyCoverage
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
    guard vocabularyCoverage > 0, vocabularyCoverage <= 1 else {
      throw UserError(
        .usage, "vocabularyCoverage: found \(vocabularyCoverage), expected a share above 0 and at most 1")
    }
    guard vocabularyLimit >= 1 else {
      throw UserError(.usage, "vocabularyLimit: found \(vocabularyLimit), expected at least 1")
    }
    try validateRules()
  }
}

extension TextCorpusOptions {
  /// Reads options, also those of runs that were made before `encoding` and `vocabularyCoverage` were there: their
  /// vocabulary is part of their recipe.
  ///
  /// - Throws: `DecodingError` when another key is missing, or a value is of another type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = TextCorpusOptions()
    self.init(
      window: try container.decodeIfPresent(Int.self, forKey: .window),
      symbols: try container.decode(SymbolKind.self, forKey: .symbols),
      maximumLength: try container.decodeIfPresent(Int.self, forKey: .maximumLength),
      longLines: try container.decode(LongLineRule.self, forKey: .longLines),
      encoding: try container.decodeIfPresent(TextEncoding.self, forKey: .encoding) ?? defaults.encoding,
      vocabularyCoverage: try container.decodeIfPresent(Double.self, forKey: .vocabularyCoverage)
        ?? defaults.vocabularyCoverage,
      vocabularyLimit: try container.decode(Int.self, forKey: .vocabularyLimit),
      labels: try container.decodeIfPresent(String.self, forKey: .labels),
      holdoutPattern: try container.decodeIfPresent(String.self, forKey: .holdoutPattern),
      skipBad: try container.decode(Bool.self, forKey: .skipBad))
  }
}
