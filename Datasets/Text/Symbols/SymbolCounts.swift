import Foundation

/// How often each symbol occurs, for building a vocabulary and for counting what it does not list.
struct SymbolCounts {
  let kind: SymbolKind
  /// Symbols counted so far.
  private(set) var total = 0
  /// Counts of scalars; in grapheme mode only of the ASCII ones.
  private var scalars: ScalarCounts
  private var graphemes: [Character: Int] = [:]

  init(kind: SymbolKind) {
    self.kind = kind
    scalars = ScalarCounts(limit: kind == .scalars ? 0x11_0000 : 0x80)
  }

  /// Counts the symbols of a valid run and returns their number.
  mutating func add(_ bytes: UTF8Bytes) -> Int {
    var length = 0
    switch kind {
    case .scalars:
      bytes.forEachScalar { code in
        scalars.count(code)
        length += 1
      }
    case .graphemes:
      for character in String(decoding: bytes, as: UTF8.self) {
        let codes = character.unicodeScalars
        if codes.count == 1, let code = codes.first, code.isASCII {
          scalars.count(code.value)
        } else {
          graphemes[character, default: 0] += 1
        }
        length += 1
      }
    }
    total += length
    return length
  }

  /// The counted symbols with their counts, in no particular order.
  func entries() -> [(symbol: String, count: Int)] {
    var entries: [(String, Int)] = graphemes.map {
      (String($0.key).precomposedStringWithCanonicalMapping, $0.value)
    }
    scalars.forEach { code, count in
      if let scalar = Unicode.Scalar(code) { entries.append((String(scalar), count)) }
    }
    return entries
  }

  /// Counted occurrences of symbols that a vocabulary does not list.
  func unknownCount(for vocabulary: SymbolVocabulary) -> Int {
    var unknowns = 0
    scalars.forEach { code, count in
      if vocabulary.id(ofScalar: code) == nil { unknowns += count }
    }
    for (character, count) in graphemes where vocabulary.id(of: character) == nil { unknowns += count }
    return unknowns
  }

  /// The vocabulary of the most frequent symbols; of equally frequent ones the lower scalar values win.
  ///
  /// The unknown symbol is there when these counts or `others` have symbols beyond it.
  ///
  /// - Parameters:
  ///   - coverage: the share of all occurrences that the symbols are to have, at least. All symbols are kept where there
  ///     are no more than `TextCorpusOptions.plainVocabulary`, and no fewer than these where there are more.
  ///   - limit: symbols, at most.
  ///   - others: what else is to be read by it.
  func vocabulary(coverage: Double, limit: Int, others: [SymbolCounts]) throws -> SymbolVocabulary {
    let ranked = entries().sorted { left, right in
      if left.count != right.count { return left.count > right.count }
      return left.symbol.unicodeScalars.lexicographicallyPrecedes(right.symbol.unicodeScalars)
    }
    var (needed, covered) = (0, 0)
    while needed < ranked.count, Double(covered) < coverage * Double(total) {
      covered += ranked[needed].count
      needed += 1
    }
    let kept = min(max(needed, TextCorpusOptions.plainVocabulary), limit)
    let symbols = ranked.prefix(kept).map(\.symbol)
    let listed = try SymbolVocabulary(kind: kind, symbols: symbols)
    let isComplete = ranked.count <= kept && others.allSatisfy { $0.unknownCount(for: listed) == 0 }
    return isComplete ? listed : try SymbolVocabulary(kind: kind, symbols: symbols, hasUnknown: true)
  }
}

/// Counts of Unicode scalars, in blocks of those that differ in the last six bits alone: a text has few blocks of them, where a
/// table of all scalars has a million entries.
private struct ScalarCounts {
  private static let blockSize = 64
  /// Where the counts of each block begin; -1 where none has been counted.
  private var places: [Int32]
  private var counts: [Int] = []

  /// Counts scalars below a limit, a multiple of 64.
  init(limit: Int) { places = [Int32](repeating: -1, count: limit / Self.blockSize) }

  mutating func count(_ code: UInt32) {
    let block = Int(code) / Self.blockSize
    guard block < places.count else { return }
    if places[block] < 0 {
      places[block] = Int32(counts.count)
      counts.append(contentsOf: repeatElement(0, count: Self.blockSize))
    }
    counts[Int(places[block]) + Int(code) % Self.blockSize] += 1
  }

  /// Hands over the scalars that occur, in ascending order, with their counts.
  func forEach(_ body: (_ code: UInt32, _ count: Int) -> Void) {
    for (block, place) in places.enumerated() where place >= 0 {
      for offset in 0..<Self.blockSize where counts[Int(place) + offset] > 0 {
        body(UInt32(block * Self.blockSize + offset), counts[Int(place) + offset])
      }
    }
  }
}
