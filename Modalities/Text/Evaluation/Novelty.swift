import Metrics
import TextDatasets

/// The distance of lines to the nearest training line.
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
  ///
  /// - Parameters:
  ///   - line: any line.
  ///   - limit: where no training line is nearer than this, this is the result: the lower, the quicker.
  public func distance(to line: [Int32], below limit: Double = 1) -> Double {
    if copies.contains(line) { return 0 }
    let lowerBounds = groups.map { group in
      Double(abs(group.length - line.count)) / Double(max(group.length, line.count, 1))
    }
    var distance = EditDistance(pattern: line, capacity: groups[groups.count - 1].length)
    var best = min(limit, 1)
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
  ///   - limit: only the first `limit` lines are measured.
  ///   - generator: source of the resamples behind the median's error.
  /// - Returns: both with their standard errors. The median's is by bootstrap; since distances are fractions of few symbols,
  ///   it jumps between these, and between jumps the error is a rough one.
  public func measure(
    _ samples: some Sequence<[Int32]>, limit: Int = .max, using generator: inout some RandomNumberGenerator
  ) -> (mean: Score, median: Score) {
    Self.summary(of: samples.prefix(limit).map { distance(to: $0) }, using: &generator)
  }

  /// The mean and the median of distances, with their errors.
  static func summary(
    of distances: [Double], using generator: inout some RandomNumberGenerator
  ) -> (mean: Score, median: Score) {
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let error = Bootstrap.standardError(count: distances.count, using: &generator) { places in
      median(places.map { distances[$0] })
    }
    return (Score(meanOfSamples: distances), Score(median(distances), standardError: error))
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

/// Whether samples repeat each other or the training lines.
public enum Novelty {
  /// How many of the samples are different, in percent of all, with its error by `DistinctCount`.
  ///
  /// It falls with the number of samples.
  ///
  /// - Parameter samples: at least one; without an error for fewer than four.
  public static func uniqueShare(_ samples: [[Int32]]) -> Score {
    precondition(!samples.isEmpty, "a share needs samples")
    let error = DistinctCount.standardError(of: samples, strata: Strata(count: samples.count))
    let count = Double(samples.count)
    return Score(
      100 * Double(Set(samples).count) / count, standardError: error.map { 100 * $0 / count })
  }

  /// How many of the samples are exact copies of training lines, in percent, with the binomial standard error.
  ///
  /// - Parameters:
  ///   - samples: at least one; repetitions count each time.
  ///   - training: the training lines.
  public static func copyShare(_ samples: [[Int32]], of training: Set<[Int32]>) -> Score {
    copyShare(samples) { training.contains($0) }
  }

  /// How many of the samples are known, in percent, with the binomial standard error.
  ///
  /// - Parameters:
  ///   - samples: at least one; repetitions count each time.
  ///   - isTrainingLine: whether a sample is a training line; for corpora that do not fit into a set.
  public static func copyShare(
    _ samples: [[Int32]], isTrainingLine: ([Int32]) throws -> Bool
  ) rethrows -> Score {
    Score(percentage: try samples.count(where: isTrainingLine), of: samples.count)
  }
}

extension TextCorpus {
  /// A predicate that is true of samples that equal a training sample, for any number of training samples.
  var copyTest: @Sendable ([Int32]) -> Bool {
    // Where ids and bytes say the same, the sorted lines decide. Windows are not sorted; unknown symbols, and graphemes
    // in their composed form, may be other bytes in the file.
    if options.window == nil, vocabulary.kind == .scalars, !vocabulary.hasUnknown {
      return { training.hasSample(vocabulary.decode($0)) }
    }
    // Hashes instead of samples: 64 bits of each fit into memory.
    let hashes = Set(training.indices.map { training.encoded($0).hashValue })
    return { hashes.contains($0.hashValue) }
  }
}
