import Adversarial

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
  func symbol(after context: NGramKey, using generator: inout some RandomNumberGenerator) -> Int32? {
    guard let range = contexts[context] else { return nil }
    let draw = generator.index(below: cumulative[range.upperBound - 1])
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
