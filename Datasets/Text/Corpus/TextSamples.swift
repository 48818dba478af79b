import Corpora

/// One part of a corpus: texts decoded from the mapped files when they are asked for.
///
/// Lines are ordered by byte value, windows as in the data. A part keeps eight bytes per sample.
public struct TextSamples: RandomAccessCollection, LabelledSamples {
  /// The ids that samples are encoded with.
  public let vocabulary: SymbolVocabulary
  /// Identifies the content: 16 hexadecimal digits computed from the set of samples and labels, whatever
  /// their order or file. It notices other data; it is no protection against forgery.
  public let fingerprint: String
  /// Symbols in all samples, ends not counted.
  public let symbolCount: Int
  /// Those of them that the vocabulary does not list.
  public let unknownCount: Int

  let spans: [Span]
  let store: TextStore
  private let isSorted: Bool

  init(
    _ spans: [Span], store: TextStore, vocabulary: SymbolVocabulary, survey: PartSurvey, isSorted: Bool
  ) {
    self.spans = spans
    self.store = store
    self.vocabulary = vocabulary
    self.isSorted = isSorted
    fingerprint = survey.fingerprint
    symbolCount = survey.counts.total
    unknownCount = survey.counts.unknownCount(for: vocabulary)
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many samples there are.
  public var endIndex: Int { spans.count }

  /// The text of a sample.
  public subscript(index: Int) -> String { store.text(of: spans[index]) }

  /// The ids of a sample's symbols, without an end symbol.
  public func encoded(_ index: Int) -> [Int32] {
    var ids: [Int32] = []
    // A corpus is checked against its vocabulary when it is made. Only a file that changed underneath can
    // hold other symbols now; an end symbol keeps the ids in range.
    let stranger = vocabulary.unknown ?? SymbolVocabulary.end
    store.withBytes(of: spans[index]) { bytes in
      vocabulary.forEachID(of: bytes) { id, _ in ids.append(id ?? stranger) }
    }
    return ids
  }

  /// A batch of ids, row after row: each sample cut to `length` symbols, or filled up with end symbols.
  ///
  /// - Returns: `indices.count * length` ids, the rows of a `[B, length]` tensor.
  public func batch(_ indices: some Collection<Int>, length: Int) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(indices.count * length)
    for index in indices {
      let row = encoded(index).prefix(length)
      ids.append(contentsOf: row)
      ids.append(contentsOf: repeatElement(SymbolVocabulary.end, count: length - row.count))
    }
    return ids
  }

  /// The label of a sample, an index of the corpus's `labelNames`, or nil without labels.
  public func label(at index: Int) -> Int? { store.label(of: spans[index]) }

  /// Whether a text is a sample, byte for byte.
  ///
  /// Costs a binary search among lines and a linear one among windows.
  public func hasSample(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { wanted in
      func order(_ span: Span) -> Int { store.withBytes(of: span) { $0.compare(to: wanted) } }
      guard isSorted else { return spans.contains { order($0) == 0 } }
      var low = 0
      var high = spans.count
      while low < high {
        let middle = (low + high) / 2
        if order(spans[middle]) < 0 { low = middle + 1 } else { high = middle }
      }
      return low < spans.count && order(spans[low]) == 0
    }
  }
}

/// One pass over a part of a corpus, in the order of the data so that files are read from start to end.
struct PartSurvey {
  /// How often each symbol occurs.
  private(set) var counts: SymbolCounts
  /// Symbols of the longest sample.
  private(set) var longest = 0
  /// 16 hexadecimal digits for the set of samples and their labels.
  let fingerprint: String

  init(_ spans: [Span], in store: TextStore, kind: SymbolKind) {
    var counts = SymbolCounts(kind: kind)
    var longest = 0
    var sum: UInt64 = 0
    for span in spans.sorted() {
      store.withBytes(of: span) { bytes in
        longest = max(longest, counts.add(bytes))
        // A sum of well-mixed hashes does not depend on the order.
        sum &+= Self.hash(bytes, label: store.label(of: span))
      }
    }
    self.counts = counts
    self.longest = longest
    let digits = String(sum, radix: 16)
    fingerprint = String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// FNV-1a over the bytes and the label, then the finaliser of MurmurHash3, which FNV lacks.
  private static func hash(_ bytes: UTF8Bytes, label: Int?) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ UInt64(label.map { $0 + 256 } ?? 0)) &* 0x100_0000_01B3
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash >> 33)
  }
}
