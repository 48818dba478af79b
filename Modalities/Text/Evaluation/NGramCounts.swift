import Foundation

/// How often each run of n symbols occurs in a set of lines.
///
/// Samples are symbol ids without their end; id 0 is the end symbol and also the padding. Which runs a line has is
/// the question on which published numbers differ; `Framing` states it.
public struct NGramCounts: Sendable {
  /// What stands after the symbols of a line while n-grams are taken from it.
  public enum Framing: Hashable, Sendable {
    /// The definition of gan_language (Gulrajani et al. 2017, `language_helpers.py`): every line is cut to this
    /// length or filled up to it with padding, and all its `length - n + 1` runs count, those of padding included.
    case padded(length: Int)
    /// One end symbol after the last symbol; a line of m symbols has `m + 2 - n` runs, if any.
    case ended
    /// Nothing: a line of m symbols has `m + 1 - n` runs, if any.
    case bare
  }

  /// The length n of the runs.
  public let order: Int
  /// Which runs a line has.
  public let framing: Framing
  /// The number of runs in all, repetitions counted.
  public let total: Int
  /// The different runs, ascending, and how often each occurs.
  let entries: [(key: NGramKey, count: Int)]

  /// Counts the runs of all lines.
  ///
  /// - Parameters:
  ///   - samples: lines of symbol ids, without end and padding.
  ///   - order: the length of the runs; positive.
  ///   - framing: which runs a line has.
  public init(_ samples: some Sequence<[Int32]>, order: Int, framing: Framing) {
    precondition(order > 0, "a run has at least one symbol")
    var counts: [NGramKey: Int] = [:]
    var total = 0
    for sample in samples {
      for key in Self.keys(of: sample, order: order, framing: framing) {
        counts[key, default: 0] += 1
        total += 1
      }
    }
    self.order = order
    self.framing = framing
    self.total = total
    // Sorted, because a dictionary's order differs between processes, and with it the rounding of sums.
    entries = counts.map { (key: $0.key, count: $0.value) }.sorted { $0.key < $1.key }
  }

  /// How many different runs there are.
  public var distinct: Int { entries.count }

  /// How often one run of `order` symbols occurs.
  public func count(of run: [Int32]) -> Int {
    run.count == order ? count(of: NGramKey(run[...])) : 0
  }

  /// The Jensen-Shannon divergence of two distributions of runs, in bits: 0 where they are equal, 1 where they share no
  /// run. Not a number where either has no run at all.
  ///
  /// It falls as the number of samples rises, for perfect samples too: compare at equal counts only.
  ///
  /// - Parameter other: counts of the same order and framing.
  public func divergence(from other: NGramCounts) -> Double {
    precondition(
      order == other.order && framing == other.framing, "the counts have other orders or framings")
    return jensenShannon(
      entries.lazy.map { ($0.count, other.count(of: $0.key)) }, totals: (total, other.total))
  }

  /// How often a run occurs.
  func count(of key: NGramKey) -> Int {
    var range = 0..<entries.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      if entries[middle].key == key { return entries[middle].count }
      range = entries[middle].key < key ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return 0
  }

  /// The runs of one line, in reading order.
  static func keys(of sample: [Int32], order: Int, framing: Framing) -> some Sequence<NGramKey> {
    let line: [Int32] =
      switch framing {
      case .padded(let length):
        sample.prefix(length) + [Int32](repeating: 0, count: max(0, length - sample.count))
      case .ended: sample + [0]
      case .bare: sample
      }
    return (0..<max(0, line.count + 1 - order)).lazy.map { NGramKey(line[$0..<$0 + order]) }
  }
}

/// The Jensen-Shannon divergence in bits of two sets of counts.
///
/// What only the second has is not visited: it adds half of its probability, whatever its distribution.
///
/// - Parameters:
///   - pairs: the counts in the first and the second set of everything that the first has.
///   - totals: the sums of all counts of the first and of the second set.
func jensenShannon(_ pairs: some Sequence<(Int, Int)>, totals: (Int, Int)) -> Double {
  guard totals.0 > 0, totals.1 > 0 else { return .nan }
  var sum = 0.0
  var onlyFirst = 0
  var onlySecond = totals.1
  for (first, second) in pairs where first > 0 {
    guard second > 0 else {
      onlyFirst += first
      continue
    }
    onlySecond -= second
    let left = Double(first) / Double(totals.0)
    let right = Double(second) / Double(totals.1)
    let middle = (left + right) / 2
    sum += left * log2(left / middle) + right * log2(right / middle)
  }
  // Whole numbers for the unshared part make "equal" exactly 0 and "disjoint" exactly 1.
  return (sum + Double(onlyFirst) / Double(totals.0) + Double(onlySecond) / Double(totals.1)) / 2
}
