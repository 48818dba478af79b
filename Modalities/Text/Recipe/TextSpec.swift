import ModalityKit
import TextDatasets

/// What only the data can tell about the networks: which symbols there are and how long a sample is.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct TextSpec: DataSpec {
  /// The symbols and their ids.
  public var vocabulary: SymbolVocabulary
  /// Ids in a row: the symbols of the longest sample, and one for its end where samples have one.
  public var sequenceLength: Int
  /// Whether samples end with an end symbol, as lines do and windows do not.
  public var hasEnd: Bool
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]

  /// Describes data.
  ///
  /// - Precondition: a sequence has at least one id.
  public init(vocabulary: SymbolVocabulary, sequenceLength: Int, hasEnd: Bool = true, labels: [String] = []) {
    precondition(sequenceLength > 0, "a sequence has at least one id")
    self.vocabulary = vocabulary
    self.sequenceLength = sequenceLength
    self.hasEnd = hasEnd
    self.labels = labels
  }

  /// Reads a format and checks its length.
  ///
  /// - Throws: `DecodingError` when a key is missing, or the length is none that data can have.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let length = try container.decode(Int.self, forKey: .sequenceLength)
    let longest = TextCorpusOptions.lengthRange.upperBound + 1
    guard (1...longest).contains(length) else {
      throw DecodingError.dataCorruptedError(
        forKey: CodingKeys.sequenceLength, in: container,
        debugDescription: "found \(length), expected 1 to \(longest)")
    }
    self.init(
      vocabulary: try container.decode(SymbolVocabulary.self, forKey: .vocabulary), sequenceLength: length,
      hasEnd: try container.decode(Bool.self, forKey: .hasEnd),
      labels: try container.decode([String].self, forKey: .labels))
  }

  /// Symbols that a sample may have, its end not counted.
  public var maximumLength: Int { hasEnd ? sequenceLength - 1 : sequenceLength }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "\(vocabulary.count) symbols, \(hasEnd ? "lines" : "windows") of up to \(maximumLength), \(names)"
  }

  /// The symbols of a row of ids: up to its end.
  func trimmed(_ row: some Collection<Int32>) -> [Int32] {
    hasEnd ? Array(row.prefix { $0 != SymbolVocabulary.end }) : Array(row)
  }
}
