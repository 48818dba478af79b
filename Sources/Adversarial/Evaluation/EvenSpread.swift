/// A choice of things in order that needs no draw: for sets that are too large to look at whole.
public enum EvenSpread {
  /// Positions of some of `total` things, evenly spread and ascending: `limit` of them, or all where there are no more.
  public static func places(_ limit: Int, outOf total: Int) -> [Int] {
    let count = min(limit, total)
    return (0..<count).map { $0 * total / count }
  }
}
