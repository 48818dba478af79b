/// Finding the name that a user probably meant.
enum NearestName {
  /// The candidate with the fewest insertions, removals, substitutions and swaps of neighbours, or nil when
  /// none is near enough to be a slip: more than a third of its letters differ.
  ///
  /// A dotted key is also compared by its last part alone, so that `width` finds `generator.width`.
  static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { candidate -> (score: Int, name: String) in
      let whole = distance(name, candidate)
      guard let last = candidate.split(separator: ".").last, last.count < candidate.count else {
        return (whole, candidate)
      }
      // One more than the same slip in a whole name, which therefore wins.
      return (min(whole, distance(name, String(last)) + 1), candidate)
    }
    guard let best = scored.min(by: { ($0.score, $0.name) < ($1.score, $1.name) }) else { return nil }
    return best.score <= max(1, name.count / 3) ? best.name : nil
  }

  /// Damerau's distance, in its form where no part is edited twice (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.lowercased()), Array(second.lowercased()))
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, above) = (above, row)
    }
    return above[b.count]
  }
}
