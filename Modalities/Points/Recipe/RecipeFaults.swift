import Adversarial

/// Gathers what makes no sense in a recipe.
struct RecipeFaults {
  /// The largest number of channels or of points that is no slip; products of two do not overflow.
  static let largestWidth = 65_536

  private(set) var list: [RecipeFault] = []

  /// Wants a value in a range.
  mutating func expect<Value: Comparable>(_ key: String, _ found: Value, _ range: ClosedRange<Value>) {
    expect(range.contains(found), key, found, "\(range.lowerBound) to \(range.upperBound)")
  }

  /// Wants a condition to hold, and says otherwise what was expected.
  mutating func expect(_ condition: Bool, _ key: String, _ found: Any, _ expected: String) {
    guard !condition else { return }
    list.append(RecipeFault(key: key, message: "found \(found), expected \(expected)"))
  }

  /// Wants so many numbers of channels.
  mutating func expectWidths(_ key: String, _ found: [Int], count: ClosedRange<Int>) {
    let isSound = count.contains(found.count) && found.allSatisfy { (1...Self.largestWidth).contains($0) }
    expect(
      isSound, key, found,
      "\(count.lowerBound) to \(count.upperBound) widths, each 1 to \(Self.largestWidth)")
  }
}
