import Adversarial
import Foundation
import Metrics
import RandomNumbers

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

/// A run of symbols packed into 128 bits, to be counted and ordered quickly.
///
/// Each of the n symbols takes 128 / n bits, at most 32: exact for every vocabulary up to n = 4, for all of Unicode at
/// n = 6, and for 65,536 symbols at n = 8. A run with a larger symbol is represented by a 128-bit hash
/// instead; two runs then share a key with probability 2^-128.
struct NGramKey: Hashable, Comparable, Sendable {
  // Two words and not UInt128, which needs macOS 15.
  private var high: UInt64 = 0
  private var low: UInt64 = 0

  /// Packs symbols; none are negative.
  init(_ symbols: ArraySlice<Int32>) {
    let bits = min(32, 128 / max(1, symbols.count))
    guard bits > 0, symbols.allSatisfy({ UInt64(UInt32(bitPattern: $0)) >> UInt64(bits) == 0 }) else {
      self = Self(hashing: symbols)
      return
    }
    for symbol in symbols {
      high = high << UInt64(bits) | low >> UInt64(64 - bits)
      low = low << UInt64(bits) | UInt64(UInt32(bitPattern: symbol))
    }
  }

  /// Two chains of the finaliser of SplitMix64 (Steele, Lea, Flood 2014), kept apart by their increments.
  private init(hashing symbols: ArraySlice<Int32>) {
    for symbol in symbols {
      let word = UInt64(UInt32(bitPattern: symbol))
      high = SplitMix64.mixed(high &+ 0x9e37_79b9_7f4a_7c15 ^ word)
      low = SplitMix64.mixed(low &+ 0xd1b5_4a32_d192_ed03 ^ word)
    }
  }

  static func < (left: Self, right: Self) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}

/// Which symbols followed each context of a fixed length, and how often: a sparse table.
struct ContextCounts: Sendable {
  /// Where each context's followers stand.
  private let contexts: [NGramKey: Range<Int>]
  /// The followers of all contexts, ascending within one.
  private let followers: [Int32]
  /// For each follower, the sum of the counts of its context up to and including it.
  private let cumulative: [Int]

  /// Counts pairs of a context and the symbol that followed it.
  init(_ pairs: some Sequence<(context: NGramKey, symbol: Int32)>) {
    let sorted = pairs.sorted { ($0.context, $0.symbol) < ($1.context, $1.symbol) }
    var contexts: [NGramKey: Range<Int>] = [:]
    var followers: [Int32] = []
    var cumulative: [Int] = []
    var start = 0
    for (position, pair) in sorted.enumerated() {
      let isNewContext = position == 0 || sorted[position - 1].context != pair.context
      if isNewContext { start = followers.count }
      if isNewContext || sorted[position - 1].symbol != pair.symbol {
        followers.append(pair.symbol)
        cumulative.append(isNewContext ? 0 : cumulative[cumulative.count - 1])
      }
      cumulative[cumulative.count - 1] += 1
      contexts[pair.context] = start..<followers.count
    }
    self.contexts = contexts
    self.followers = followers
    self.cumulative = cumulative
  }

  /// How often a context occurred, and how often a symbol followed it.
  func count(of symbol: Int32, after context: NGramKey) -> (symbol: Int, context: Int) {
    guard let range = contexts[context] else { return (0, 0) }
    let total = cumulative[range.upperBound - 1]
    let position = first(in: range) { followers[$0] >= symbol }
    guard position < range.upperBound, followers[position] == symbol else { return (0, total) }
    let before = position == range.lowerBound ? 0 : cumulative[position - 1]
    return (cumulative[position] - before, total)
  }

  /// A symbol drawn by its share among those that followed a context; nil where the context never occurred.
  ///
  /// - Parameter excluded: a symbol that is not drawn, as if it had followed nothing.
  func symbol(
    after context: NGramKey, excluding excluded: Int32?, using generator: inout some RandomNumberGenerator
  ) -> Int32? {
    guard let range = contexts[context] else { return nil }
    let count =
      excluded.map { self.count(of: $0, after: context) } ?? (
        symbol: 0, context: cumulative[range.upperBound - 1]
      )
    guard count.symbol < count.context else { return nil }
    var draw = generator.index(below: count.context - count.symbol)
    // Draws beyond the excluded symbol's own stretch pass over it.
    if let excluded, count.symbol > 0 {
      let position = first(in: range) { followers[$0] >= excluded }
      if draw >= cumulative[position] - count.symbol { draw += count.symbol }
    }
    return followers[first(in: range) { cumulative[$0] > draw }]
  }

  /// The first position at which an ascending condition holds, or the range's upper bound.
  private func first(in range: Range<Int>, where holds: (Int) -> Bool) -> Int {
    var range = range
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = holds(middle) ? range.lowerBound..<middle : middle + 1..<range.upperBound
    }
    return range.lowerBound
  }
}

/// Measures sets of samples against all training lines by the Jensen-Shannon divergence of their n-grams, with its error.
///
/// The training lines are counted once for any number of sets.
public struct NGramDivergence: Sendable {
  /// The counts of the training lines.
  public let training: NGramCounts

  /// Counts the training lines.
  ///
  /// - Parameters:
  ///   - training: all training lines, without end and padding.
  ///   - order: the length of the runs.
  ///   - framing: which runs a line has; `padded` gives the classic metric.
  public init(training: some Sequence<[Int32]>, order: Int, framing: NGramCounts.Framing) {
    self.training = NGramCounts(training, order: order, framing: framing)
  }

  /// The divergence in bits, 0 to 1, of samples from the training lines.
  public func callAsFunction(_ samples: some Sequence<[Int32]>) -> Double {
    NGramCounts(samples, order: training.order, framing: training.framing).divergence(from: training)
  }

  /// The divergence with its standard error over the draw of samples, by jackknife; the training lines count as fixed.
  ///
  /// A bootstrap would double the noise of each run's count, of which a small divergence consists.
  ///
  /// - Parameters:
  ///   - samples: at least one line; without an error for fewer than four.
  ///   - generator: deals the samples to the jackknife's groups.
  public func measure(_ samples: [[Int32]], using generator: inout some RandomNumberGenerator) -> Score {
    let whole = self(samples)
    guard let jackknife = Jackknife(Strata(count: samples.count), using: &generator) else {
      return Score(whole)
    }
    // Runs get small numbers once, so that counts are arrays.
    var numbers: [NGramKey: Int] = [:]
    var trainingCounts: [Int] = []
    let runs = samples.map { sample in
      NGramCounts.keys(of: sample, order: training.order, framing: training.framing).map { key in
        if let number = numbers[key] { return number }
        let number = trainingCounts.count
        numbers[key] = number
        trainingCounts.append(training.count(of: key))
        return number
      }
    }
    var counts = [Int](repeating: 0, count: trainingCounts.count)
    for line in runs { for number in line { counts[number] += 1 } }
    let total = counts.reduce(0, +)
    let values = jackknife.leftOut.map { positions in
      var (kept, left) = (counts, total)
      for position in positions {
        left -= runs[position].count
        for number in runs[position] { kept[number] -= 1 }
      }
      return jensenShannon(zip(kept, trainingCounts), totals: (left, training.total))
    }
    return Score(whole, standardError: jackknife.standardError(whole: whole, without: values))
  }
}
