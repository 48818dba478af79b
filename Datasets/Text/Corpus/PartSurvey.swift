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
