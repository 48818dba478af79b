/// How many lines have how many symbols, and the limit that follows where none is given.
///
/// The longest line decides, unless few lines are much longer than all others: every step of a training would cost
/// what they cost. The usual length is the one that all lines but a share of `share` keep to, and all but one where that is less
/// than one line. The limit is the length of the longest line where that is at most `stretch` times the usual one; otherwise
/// the usual one, rounded up to a multiple of `step`. It is never less than `shortest` and never more than `largest`.
struct LineLengths: Equatable {
  /// Symbols of a line, at most, unless a limit says otherwise.
  static let largest = 256
  /// A limit below which there is little to spare.
  static let shortest = 32
  /// The share of the lines that may be longer than the limit.
  static let share = 0.005
  /// How much longer than the others the longest line may be for none to be cut.
  static let stretch = 1.5
  private static let step = 8

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
    let longest = beyond.lines > 0 ? Self.largest + 1 : counts.lastIndex { $0 > 0 } ?? 0
    guard longest > Self.shortest else { return Self.shortest }
    let spare = min(max(1, Int(Double(lines) * Self.share)), lines - 1)
    guard beyond.lines <= spare else { return Self.largest }
    var (usual, longer) = (Self.largest, beyond.lines)
    while usual > 1, longer + counts[usual] <= spare {
      longer += counts[usual]
      usual -= 1
    }
    guard longest > Self.largest || Double(longest) > Self.stretch * Double(usual) else { return longest }
    let rounded = (usual + Self.step - 1) / Self.step * Self.step
    return min(max(rounded, Self.shortest), Self.largest)
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
