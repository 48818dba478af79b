/// Means of what the steps since the last report measured.
///
/// Sums are part of a checkpoint, so that a training that goes on reports what it would have reported.
struct Statistics: Codable, Equatable, Sendable {
  private struct Entry: Codable, Equatable, Sendable {
    var name: String
    var sum: Double
    var count: Int
  }

  private var entries: [Entry] = []

  /// Adds a measurement under a name.
  mutating func add(_ name: String, _ value: Double) {
    if let index = entries.firstIndex(where: { $0.name == name }) {
      entries[index].sum += value
      entries[index].count += 1
    } else {
      entries.append(Entry(name: name, sum: value, count: 1))
    }
  }

  /// The means, in the order in which the names first came, and a fresh start.
  mutating func drain() -> [(name: String, value: Double)] {
    defer { entries = [] }
    return entries.map { ($0.name, $0.sum / Double($0.count)) }
  }
}
