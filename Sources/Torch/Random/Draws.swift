/// Draws that depend only on a generator's 64-bit words, so that runs and evaluations stay equal when the
/// standard library changes how it maps words to ranges.
extension RandomNumberGenerator {
  /// An index in `0..<bound`, uniform to within bound / 2^64; takes one word of the generator.
  ///
  /// - Parameter bound: one more than the largest result; must be positive.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "an index needs a positive bound")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// An index drawn in proportion to some counts; takes one word of the generator.
  ///
  /// - Parameter counts: none negative, their sum positive.
  public mutating func index(inProportionTo counts: [Int]) -> Int {
    var rest = index(below: counts.reduce(0, +))
    return counts.firstIndex { count in
      rest -= count
      return rest < 0
    } ?? 0
  }

  /// Different indices out of `0..<total`, in random order: a sample without replacement.
  ///
  /// - Parameters:
  ///   - count: how many; all of them, shuffled, where `count` exceeds `total`.
  ///   - total: how many there are to choose from.
  /// - Returns: `min(count, total)` indices, every subset and order equally likely.
  public mutating func indices(_ count: Int, outOf total: Int) -> [Int] {
    var pool = Array(0..<total)
    let taken = Swift.min(count, total)
    for position in 0..<taken {
      pool.swapAt(position, position + index(below: total - position))
    }
    return Array(pool.prefix(taken))
  }
}

/// A choice of things in order that needs no draw: for sets that are too large to look at whole.
public enum EvenSpread {
  /// Positions of some of `total` things, evenly spread and ascending: `limit` of them, or all where there are no more.
  public static func places(_ limit: Int, outOf total: Int) -> [Int] {
    let count = min(limit, total)
    return (0..<count).map { $0 * total / count }
  }
}
