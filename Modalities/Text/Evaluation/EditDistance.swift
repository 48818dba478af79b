/// The Levenshtein distance of one line to many: insertions, deletions and substitutions cost 1.
///
/// Works on columns of the distance matrix, 64 rows to a machine word (Myers, "A fast bit-vector algorithm for
/// approximate string matching", JACM 46, 1999; blocks as in Hyyrö, "A bit-vector algorithm for computing
/// Levenshtein and Damerau edit distances", 2003). The caller may step back to an earlier column, so that lines
/// with a common beginning share its work.
struct EditDistance {
  /// The length of the pattern.
  let patternCount: Int
  /// How many symbols have been appended.
  private(set) var count = 0
  private let wordCount: Int
  /// Bit i of word w of a symbol's row: the pattern has the symbol at position 64 w + i. Up to its largest symbol.
  private var matches: [UInt64]
  /// Vertical differences +1 and -1 of every column so far, `wordCount` words for each.
  private var plus: [UInt64]
  private var minus: [UInt64]
  /// The last row of the matrix: distance of the whole pattern to the first j symbols of the line.
  private var distances: [Int]

  /// Prepares a pattern and stands at column 0, the empty line.
  ///
  /// - Parameters:
  ///   - pattern: symbol ids, none negative.
  ///   - capacity: how many symbols may be appended.
  init(pattern: [Int32], capacity: Int) {
    patternCount = pattern.count
    wordCount = (pattern.count + 63) / 64
    matches = [UInt64](repeating: 0, count: (Int(pattern.max() ?? 0) + 1) * wordCount)
    for (position, symbol) in pattern.enumerated() {
      matches[Int(symbol) * wordCount + position / 64] |= 1 << UInt64(position % 64)
    }
    plus = [UInt64](repeating: .max, count: (capacity + 1) * wordCount)
    minus = [UInt64](repeating: 0, count: (capacity + 1) * wordCount)
    distances = [Int](repeating: pattern.count, count: capacity + 1)
  }

  /// The distance of the pattern to the symbols appended so far.
  var distance: Int { distances[count] }

  /// Forgets all but the first symbols of the line.
  ///
  /// - Parameter count: how many stay; at most as many as were appended.
  mutating func keepFirst(_ count: Int) {
    precondition(count <= self.count, "only appended symbols can be kept")
    self.count = count
  }

  /// Appends a symbol to the line.
  mutating func append(_ symbol: Int32) {
    let row = Int(symbol) * wordCount
    let isInPattern = row < matches.count
    let column = count * wordCount
    // The horizontal difference that enters a word at its lowest row; in row 0 it is always +1.
    var carry = 1
    for word in 0..<wordCount {
      let isLast = word == wordCount - 1
      let top: UInt64 = isLast ? 1 << UInt64((patternCount - 1) % 64) : 1 << 63
      let positive = plus[column + word]
      let negative = minus[column + word]
      let match = isInPattern ? matches[row + word] : 0
      let vertical = match | negative
      let entering = match | (carry < 0 ? 1 : 0)
      let diagonal = (((entering & positive) &+ positive) ^ positive) | entering
      var horizontalPlus = negative | ~(diagonal | positive)
      var horizontalMinus = positive & diagonal
      let leaving = (horizontalPlus & top != 0 ? 1 : 0) - (horizontalMinus & top != 0 ? 1 : 0)
      horizontalPlus = horizontalPlus << 1 | (carry > 0 ? 1 : 0)
      horizontalMinus = horizontalMinus << 1 | (carry < 0 ? 1 : 0)
      plus[column + wordCount + word] = horizontalMinus | ~(vertical | horizontalPlus)
      minus[column + wordCount + word] = horizontalPlus & vertical
      carry = leaving
    }
    count += 1
    distances[count] = distances[count - 1] + carry
  }

  /// The distance of two lines: 0 where they are equal, at most the length of the longer.
  static func between(_ left: [Int32], _ right: [Int32]) -> Int {
    var distance = EditDistance(pattern: left, capacity: right.count)
    for symbol in right { distance.append(symbol) }
    return distance.distance
  }
}
