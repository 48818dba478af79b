import Foundation

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
