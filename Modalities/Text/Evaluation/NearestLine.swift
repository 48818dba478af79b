import Metrics

/// Finds how far lines are from the nearest training line: copying is not generating.
///
/// The distance is the Levenshtein distance divided by the length of the longer line: 0 for a copy, 1 for a line that
/// has nothing in place. Exact, but quick: training lines are grouped by length, the groups visited in the order
/// of the least distance they can have and left when that exceeds the best found; within a group, sorted lines
/// share the work of their common beginnings.
public struct NearestLine: Sendable {
  /// Training lines of one length, sorted.
  private struct Group: Sendable {
    var length: Int
    var lines: [[Int32]]
    /// How many symbols each line shares with the one before it.
    var shared: [Int]
  }

  private let copies: Set<[Int32]>
  private let groups: [Group]

  /// Prepares the training lines.
  ///
  /// - Parameter training: at least one line.
  public init(training: some Sequence<[Int32]>) {
    copies = Set(training)
    precondition(!copies.isEmpty, "a nearest line needs lines")
    groups = Dictionary(grouping: copies, by: \.count).map { length, lines in
      let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }
      let shared = zip(sorted, sorted.dropFirst()).map { before, line in
        zip(before, line).prefix { $0 == $1 }.count
      }
      return Group(length: length, lines: sorted, shared: [0] + shared)
    }
    .sorted { $0.length < $1.length }
  }

  /// The normalised distance, 0 to 1, of a line to the nearest training line.
  public func distance(to line: [Int32]) -> Double {
    if copies.contains(line) { return 0 }
    let lowerBounds = groups.map { group in
      Double(abs(group.length - line.count)) / Double(max(group.length, line.count, 1))
    }
    var distance = EditDistance(pattern: line, capacity: groups[groups.count - 1].length)
    var best = 1.0
    for index in groups.indices.sorted(by: { lowerBounds[$0] < lowerBounds[$1] }) {
      guard lowerBounds[index] < best else { break }
      let longer = max(groups[index].length, line.count)
      // The largest whole distance that is still an improvement.
      let limit = Int((best * Double(longer)).rounded(.up)) - 1
      if limit > 0, let found = Self.nearest(by: &distance, in: groups[index], within: limit) {
        best = min(best, Double(found) / Double(longer))
      }
    }
    return best
  }

  /// The mean and the median normalised distance of lines to their nearest training lines.
  ///
  /// - Parameters:
  ///   - samples: lines; at least one.
  ///   - limit: only the first so many are looked at.
  ///   - generator: source of the resamples behind the median's error.
  /// - Returns: both with their standard errors. The median's is by bootstrap; since distances are fractions of few symbols,
  ///   it jumps between these, and between jumps the error is a rough one.
  public func measure(
    _ samples: some Sequence<[Int32]>, limit: Int = .max, using generator: inout some RandomNumberGenerator
  ) -> (mean: Score, median: Score) {
    let distances = samples.prefix(limit).map { distance(to: $0) }
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let error = Bootstrap.standardError(count: distances.count, using: &generator) { places in
      median(places.map { distances[$0] })
    }
    return (Score(meanOf: distances), Score(median(distances), standardError: error))
  }

  /// The least distance within a group if it is at most `limit`.
  private static func nearest(
    by distance: inout EditDistance, in group: Group, within limit: Int
  ) -> Int? {
    var limit = limit
    var found: Int?
    var isHopeless = false
    distance.keepFirst(0)
    for (candidate, shared) in zip(group.lines, group.shared) {
      // A line that begins with all that made the one before it hopeless is so too.
      if shared >= distance.count && isHopeless { continue }
      distance.keepFirst(min(shared, distance.count))
      isHopeless = false
      while !isHopeless && distance.count < group.length {
        distance.append(candidate[distance.count])
        // Each remaining symbol lowers the distance by at most 1.
        isHopeless = distance.distance - (group.length - distance.count) > limit
      }
      guard !isHopeless, distance.distance <= limit else { continue }
      found = distance.distance
      limit = distance.distance - 1
      if limit < 1 { break }
    }
    return found
  }
}
