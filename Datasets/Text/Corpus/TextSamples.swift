/// One part of a corpus: texts decoded from the mapped files when they are asked
/// for.
///
/// Lines are ordered by byte value, windows as in the data. A part keeps eight bytes per sample.
public struct TextSamples: RandomAccessCollection, Sendable {
  /// The ids that samples are encoded with.
  public let vocabulary: SymbolVocabulary
  /// Identifies the content: 16 hexadecimal digits computed from the set of samples and labels, whatever
  /// their order or file. It notices other data; it is no protection against forgery.
  public let fingerprint: String

  let spans: [Span]
  let store: TextStore
  private let isSorted: Bool

  init(_ spans: [Span], store: TextStore, vocabulary: SymbolVocabulary, fingerprint: String, isSorted: Bool) {
    self.spans = spans
    self.store = store
    self.vocabulary = vocabulary
    self.fingerprint = fingerprint
    self.isSorted = isSorted
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
  public func label(_ index: Int) -> Int? { store.label(of: spans[index]) }

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
