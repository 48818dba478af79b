/// Gathers what makes no sense in a recipe.
public struct RecipeFaults: Sendable {
  /// The largest number of channels or of points that is no slip; products of two do not overflow.
  public static let largestWidth = 65_536

  /// What was found so far.
  public private(set) var list: [RecipeFault] = []
  private let prefix: String

  /// Has found nothing yet.
  ///
  /// - Parameter prefix: what all keys begin with.
  public init(prefix: String = "") { self.prefix = prefix }

  /// Wants a value in a range.
  public mutating func expect<Value: Comparable & CustomStringConvertible>(
    _ key: String, _ found: Value, _ range: ClosedRange<Value>
  ) {
    expect(range.contains(found), key, found, "\(range.lowerBound) to \(range.upperBound)")
  }

  /// Wants a condition to hold, and says otherwise what was expected.
  public mutating func expect(
    _ condition: Bool, _ key: String, _ found: some CustomStringConvertible, _ expected: String
  ) {
    guard !condition else { return }
    list.append(RecipeFault(key: prefix + key, message: "found \(found), expected \(expected)"))
  }

  /// Wants so many numbers of channels.
  public mutating func expectWidths(_ key: String, _ found: [Int], count: ClosedRange<Int>) {
    let isSound = count.contains(found.count) && found.allSatisfy { (1...Self.largestWidth).contains($0) }
    expect(
      isSound, key, found,
      "\(count.lowerBound) to \(count.upperBound) widths, each 1 to \(Self.largestWidth)")
  }
}
