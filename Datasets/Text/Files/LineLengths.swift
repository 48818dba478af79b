/// How many lines have how many symbols, and the limit that follows where none is given.
///
/// The longest line decides, unless it is one of few that are much longer than all others: every step of a training would cost
/// what they cost. The usual length is the one that all lines but a share of `share` keep to, and all but one where that is less
/// than one line. A line is an outlier that is longer than `stretch` times the usual length and than `shortest`. The limit is the
/// length of the longest line that is no outlier, and never more than `largest`.
struct LineLengths: Equatable {
  /// Symbols of a line, at most, unless a limit says otherwise.
  static let largest = 256
  /// No line of so many symbols or fewer is an outlier: there is little to spare.
  static let shortest = 32
  /// The share of the lines that may be longer than the usual length.
  static let share = 0.005
  /// How many times the usual length an outlier exceeds.
  static let stretch = 1.5

  /// Lines by their number of symbols, up to `largest`.
  private var counts = [Int](repeating: 0, count: Self.largest + 1)
  /// Lines with more symbols than that, and these symbols.
  private var beyond = (lines: 0, symbols: 0)

  static func == (left: Self, right: Self) -> Bool {
    left.counts == right.counts && left.beyond == right.beyond
  }

  /// Counts a line of so many symbols, at least one.
  mutating func add(_ symbols: Int) {
    if symbols <= Self.largest {
      counts[symbols] += 1
    } else {
      beyond.lines += 1
      beyond.symbols += symbols
    }
  }

  /// The limit by the rule above.
  var limit: Int {
    let lines = counts.reduce(beyond.lines, +)
    let spare = min(max(1, Int(Double(lines) * Self.share)), lines - 1)
    guard beyond.lines <= spare else { return Self.largest }
    var (usual, longer) = (Self.largest, beyond.lines)
    while usual > 1, longer + counts[usual] <= spare {
      longer += counts[usual]
      usual -= 1
    }
    let bound = min(max(Self.shortest, Int(Self.stretch * Double(usual))), Self.largest)
    return counts[...bound].lastIndex { $0 > 0 } ?? bound
  }

  /// Lines with more symbols than a limit of at most `largest`, and how many symbols they have beyond it.
  func excess(over limit: Int) -> (lines: Int, symbols: Int) {
    var excess = (lines: beyond.lines, symbols: beyond.symbols - beyond.lines * limit)
    for symbols in counts.indices.dropFirst(limit + 1) {
      excess.lines += counts[symbols]
      excess.symbols += counts[symbols] * (symbols - limit)
    }
    return excess
  }
}
