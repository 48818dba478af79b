import Foundation

/// How often each symbol occurs, for building a vocabulary and for counting what it does not list.
struct SymbolCounts {
  let kind: SymbolKind
  /// Symbols counted so far.
  private(set) var total = 0
  /// Counts of scalars by code; in grapheme mode only of the ASCII ones.
  private var scalars: [Int]
  /// The codes whose count is not zero: few, where the table has a million entries.
  private var codesSeen: [UInt32] = []
  private var graphemes: [Character: Int] = [:]

  init(kind: SymbolKind) {
    self.kind = kind
    scalars = [Int](repeating: 0, count: kind == .scalars ? 0x11_0000 : 0x80)
  }

  /// Counts the symbols of a valid run and returns their number.
  mutating func add(_ bytes: UTF8Bytes) -> Int {
    var length = 0
    scalars.withUnsafeMutableBufferPointer { counts in
      func count(_ code: UInt32) {
        guard code < counts.count else { return }
        if counts[Int(code)] == 0 { codesSeen.append(code) }
        counts[Int(code)] += 1
      }
      switch kind {
      case .scalars:
        bytes.forEachScalar { code in
          count(code)
          length += 1
        }
      case .graphemes:
        for character in String(decoding: bytes, as: UTF8.self) {
          let codes = character.unicodeScalars
          if codes.count == 1, let code = codes.first, code.isASCII {
            count(code.value)
          } else {
            graphemes[character, default: 0] += 1
          }
          length += 1
        }
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
    for code in codesSeen {
      if let scalar = Unicode.Scalar(code) { entries.append((String(scalar), scalars[Int(code)])) }
    }
    return entries
  }

  /// Counted occurrences of symbols that a vocabulary does not list.
  func unknownCount(for vocabulary: SymbolVocabulary) -> Int {
    var unknowns = 0
    for code in codesSeen where vocabulary.id(ofScalar: code) == nil { unknowns += scalars[Int(code)] }
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
