import Foundation
import Metrics

/// A Markov chain over symbols: the classical baseline that a trained text generator has to beat.
///
/// Each symbol depends on the k before it; in front of a line stand k zeros. Samples are symbol ids without end and
/// padding; id 0 is the end symbol and never stands inside a line.
public struct MarkovGenerator: Sendable {
  /// How probability is lent to what the training lines do not show.
  public enum Smoothing: Hashable, Sendable {
    /// p(s | h) = (c(h s) + e) / (c(h) + e V): every one of the V possible symbols counts e more often (Lidstone).
    case additive(Double)
    /// p_j(s | h) = (c(h s) + a p_(j-1)(s | h')) / (c(h) + a), where h' is h without its first symbol, down to
    /// p_(-1) = 1 / V (MacKay and Peto, "A hierarchical Dirichlet language model", 1995). Stronger than
    /// `additive`, most of all at high orders, whose contexts are mostly unseen.
    case interpolated(Double)
  }

  /// How many symbols the next one depends on, 1 to 8.
  public let order: Int
  /// How many symbols may follow any context: the V of the smoothing.
  public let followerCount: Int
  /// Whether lines have an end symbol that is counted, scored and drawn.
  public let hasEnd: Bool
  /// The symbol that stands for those beyond the vocabulary: counted and scored, but never drawn. Nil where there is none.
  public let unknown: Int32?
  /// The smoothing of likelihoods. Interpolated chains draw their samples by it, others by the plain counts: what is added
  /// to every count alike would soon make noise of a line.
  public let smoothing: Smoothing
  /// The table of each context length 0...order.
  let tables: [ContextCounts]

  /// Counts the training lines.
  ///
  /// - Parameters:
  ///   - training: lines of symbol ids in `1..<vocabularySize`, without end and padding.
  ///   - order: how many symbols the next one depends on, 1 to 8.
  ///   - vocabularySize: number of symbol ids, with id 0.
  ///   - hasEnd: true for lines of their own, false for windows cut out of running text.
  ///   - unknown: the symbol that is never drawn, whose id is the largest; nil to draw all.
  ///   - smoothing: for likelihoods.
  public init(
    training: [[Int32]], order: Int, vocabularySize: Int, hasEnd: Bool = true, unknown: Int32? = nil,
    smoothing: Smoothing = .additive(0.01)
  ) {
    precondition((1...8).contains(order), "a Markov generator has order 1 to 8")
    precondition(vocabularySize > 1, "a Markov generator needs a symbol besides the end")
    precondition(
      unknown.map { Int($0) == vocabularySize - 1 } ?? true, "the unknown symbol has the largest id")
    self.order = order
    self.hasEnd = hasEnd
    self.unknown = unknown
    self.smoothing = smoothing
    followerCount = hasEnd ? vocabularySize : vocabularySize - 1
    let padded = training.map { Self.padded($0, order: order, hasEnd: hasEnd) }
    tables = (0...order).map { length in
      ContextCounts(
        padded.lazy.flatMap { line in
          (order..<line.count).lazy.map { position in
            (context: NGramKey(line[position - length..<position]), symbol: line[position])
          }
        })
    }
  }

  /// The same counts, of contexts no longer than `order`, under another smoothing.
  init(_ other: MarkovGenerator, order: Int, smoothing: Smoothing) {
    precondition((1...other.order).contains(order), "longer contexts were not counted")
    self.order = order
    self.smoothing = smoothing
    (followerCount, hasEnd, unknown) = (other.followerCount, other.hasEnd, other.unknown)
    tables = Array(other.tables[...order])
  }

  /// The probability of a symbol after others; over all possible symbols they sum to 1.
  ///
  /// - Parameters:
  ///   - symbol: 0 for the end, if lines have one.
  ///   - history: the line so far, of any length.
  public func probability(of symbol: Int32, after history: [Int32]) -> Double {
    let context = [Int32](repeating: 0, count: order) + history.suffix(order)
    return probability(of: symbol, context: context.suffix(order))
  }

  /// The natural logarithm of the probability of a whole line, its end included if lines have one.
  public func logLikelihood(of sample: [Int32]) -> Double {
    let line = Self.padded(sample, order: order, hasEnd: hasEnd)
    return (order..<line.count).reduce(0) { sum, position in
      sum + log(probability(of: line[position], context: line[position - order..<position]))
    }
  }

  /// The negative log-likelihood in nats for each symbol: the sum over all lines, divided by the number of all
  /// symbols, ends included if lines have them, padding never.
  ///
  /// - Parameters:
  ///   - samples: lines that hold at least one symbol or end between them.
  ///   - replicates: how many resamples of lines the standard error is estimated from.
  ///   - generator: source of the resamples.
  public func measure(
    _ samples: [[Int32]], replicates: Int = 200, using generator: inout some RandomNumberGenerator
  ) -> Score {
    let scores = samples.map { (nats: -logLikelihood(of: $0), symbols: $0.count + (hasEnd ? 1 : 0)) }
    func ratio(_ indices: some Sequence<Int>) -> Double {
      var nats = 0.0
      var symbols = 0
      for index in indices {
        nats += scores[index].nats
        symbols += scores[index].symbols
      }
      return nats / Double(symbols)
    }
    let error = Bootstrap.standardError(
      count: scores.count, replicates: replicates, using: &generator, statistic: { ratio($0) })
    return Score(ratio(scores.indices), standardError: error)
  }

  /// The negative log-likelihood in nats for each symbol, without an error.
  ///
  /// - Parameter samples: lines that hold at least one symbol or end between them.
  public func negativeLogLikelihood(of samples: some Sequence<[Int32]>) -> Double {
    var nats = 0.0
    var symbols = 0
    for sample in samples {
      nats -= logLikelihood(of: sample)
      symbols += sample.count + (hasEnd ? 1 : 0)
    }
    return nats / Double(symbols)
  }

  /// Draws one line, symbol by symbol: of an interpolated chain by its probabilities, of others by the shares among the
  /// training lines. Where the unknown symbol stood in these, another is drawn, as if it had not been counted.
  ///
  /// - Parameters:
  ///   - maximumLength: the line is cut there; windows always reach it.
  ///   - generator: source of the draws; takes one word for each symbol and for the end, of interpolated chains more.
  public func sample(
    maximumLength: Int, using generator: inout some RandomNumberGenerator
  ) -> [Int32] {
    var line = [Int32](repeating: 0, count: order)
    while line.count < order + maximumLength, let symbol = next(after: line, using: &generator) {
      if symbol == 0 { break }
      line.append(symbol)
    }
    return Array(line.dropFirst(order))
  }

  /// Draws lines; the first lines do not depend on how many follow.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - maximumLength: lines are cut there.
  ///   - generator: source of the draws.
  public func sample(
    count: Int, maximumLength: Int, using generator: inout some RandomNumberGenerator
  ) -> [[Int32]] {
    (0..<count).map { _ in sample(maximumLength: maximumLength, using: &generator) }
  }

  /// A follower of the longest ending of a line that the training lines contain; of an interpolated chain of a shorter one
  /// with the chance that its weight gives to that.
  ///
  /// Ended lines always contain the full context; what stands at the end of a window may be found nowhere else.
  private func next(
    after line: [Int32], using generator: inout some RandomNumberGenerator
  ) -> Int32? {
    for length in (0...order).reversed() {
      let context = NGramKey(line.suffix(length))
      if case .interpolated(let weight) = smoothing {
        let followers = tables[length].count(of: unknown ?? 0, after: context)
        let count = Double(followers.context - (unknown == nil ? 0 : followers.symbol))
        // 53 random bits make a number in [0, 1).
        guard Double(generator.next() >> 11) * 0x1p-53 * (count + weight) < count else { continue }
      }
      if let symbol = tables[length].symbol(after: context, excluding: unknown, using: &generator) {
        return symbol
      }
    }
    guard case .interpolated = smoothing else { return nil }
    // The unknown symbol has the largest id.
    return Int32(generator.index(below: followerCount - (unknown == nil ? 0 : 1))) + (hasEnd ? 0 : 1)
  }

  /// The probability after exactly `order` symbols.
  private func probability(of symbol: Int32, context: ArraySlice<Int32>) -> Double {
    switch smoothing {
    case .additive(let addend):
      let count = tables[order].count(of: symbol, after: NGramKey(context))
      return (Double(count.symbol) + addend)
        / (Double(count.context) + addend * Double(followerCount))
    case .interpolated(let weight):
      return tables.indices.reduce(1 / Double(followerCount)) { shorter, length in
        let count = tables[length].count(of: symbol, after: NGramKey(context.suffix(length)))
        return (Double(count.symbol) + weight * shorter) / (Double(count.context) + weight)
      }
    }
  }

  /// The zeros that stand in front of a line, the line, and its end if it has one.
  static func padded(_ sample: [Int32], order: Int, hasEnd: Bool) -> [Int32] {
    [Int32](repeating: 0, count: order) + sample + (hasEnd ? [0] : [])
  }
}

extension MarkovGenerator {
  /// Weights of interpolation that `tuned` tries.
  public static let weights: [Double] = [1, 2, 4, 8, 16, 32, 64]

  /// The same counts under the interpolation, and of some orders the one, that other lines are likeliest under: the
  /// strongest chain that these counts make.
  ///
  /// - Parameters:
  ///   - lines: what decides: not the lines that were counted, nor those that the chain will be measured on. At least one.
  ///   - orders: which orders to choose from, none above this chain's.
  public func tuned(on lines: [[Int32]], orders: some Collection<Int>) -> MarkovGenerator {
    precondition(!lines.isEmpty && !orders.isEmpty, "a choice needs lines and orders")
    let nats = interpolatedNats(of: lines)
    let candidates = orders.flatMap { order in
      Self.weights.indices.map { (order: order, weight: Self.weights[$0], nats: nats[order][$0]) }
    }
    guard let best = candidates.min(by: { $0.nats < $1.nats }) else { return self }
    return MarkovGenerator(self, order: best.order, smoothing: .interpolated(best.weight))
  }

  /// The negative log-likelihood of lines by order, from 0, and weight. Counts are looked up once for all of them.
  private func interpolatedNats(of lines: [[Int32]]) -> [[Double]] {
    var nats = [[Double]](
      repeating: [Double](repeating: 0, count: Self.weights.count), count: order + 1)
    for line in lines {
      let padded = Self.padded(line, order: order, hasEnd: hasEnd)
      for position in order..<padded.count {
        let counts = tables.indices.map { length in
          tables[length].count(
            of: padded[position], after: NGramKey(padded[position - length..<position]))
        }
        for (column, weight) in Self.weights.enumerated() {
          var probability = 1 / Double(followerCount)
          for (length, count) in counts.enumerated() {
            probability =
              (Double(count.symbol) + weight * probability) / (Double(count.context) + weight)
            nats[length][column] -= log(probability)
          }
        }
      }
    }
    return nats
  }
}
