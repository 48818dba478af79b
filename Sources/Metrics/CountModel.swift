import Foundation

/// What counts of samples in bins could have been in another draw.
///
/// A bin's share is what is expected times a ratio; ratios have whatever distribution on a grid makes the counts likeliest
/// (Kiefer and Wolfowitz, 1956, by expectation maximisation), so that what is mere chance in the counts is told from what
/// recurs. A bin's count then says how likely each ratio is for it.
struct CountModel {
  /// Ratios that a bin may have: none of its samples at all, then .05 to 20.
  private static let ratios = [0] + (0..<60).map { 0.05 * pow(400, Double($0) / 59) }
  private static let rounds = 100

  /// A bin as far as the model tells it from others.
  private struct Bin: Hashable {
    var count: Int
    var expectedShare: Double
  }

  private let samples: Int
  /// Bins that are alike, the first of them, how many they are, and how likely each ratio is for them.
  private let groups: [(bin: Bin, first: Int, size: Double, weights: [Double])]

  /// Fits the ratios.
  ///
  /// - Parameters:
  ///   - counts: how many samples each bin holds.
  ///   - expectedShares: of the samples, for each bin, all positive; what they are measured against.
  ///   - samples: how many samples there are; bins may overlap.
  init(counts: [Int], expectedShares: [Double], samples: Int) {
    self.samples = samples
    let bins = zip(counts, expectedShares).map { Bin(count: $0, expectedShare: $1) }
    let alike = Dictionary(grouping: bins.indices) { bins[$0] }.map { ($0.key, $0.value[0], $0.value.count) }
      .sorted { $0.1 < $1.1 }
    let likelihoods = alike.map { bin, _, _ in
      let logs = Self.shares(bin).map { Self.logProbability(of: bin.count, samples: samples, share: $0) }
      let largest = logs.max() ?? 0
      return logs.map { exp($0 - largest) }
    }
    let sizes = alike.map { Double($0.2) }
    let width = Self.ratios.count
    var prior = [Double](repeating: 1 / Double(width), count: width)
    var weights = likelihoods
    for _ in 0..<Self.rounds {
      var next = [Double](repeating: 0, count: width)
      for group in sizes.indices {
        var sum = 0.0
        for ratio in 0..<width { sum += likelihoods[group][ratio] * prior[ratio] }
        for ratio in 0..<width {
          let weight = likelihoods[group][ratio] * prior[ratio] / sum
          weights[group][ratio] = weight
          next[ratio] += sizes[group] * weight / Double(bins.count)
        }
      }
      prior = next
    }
    groups = zip(alike, weights).map { ($0.0, $0.1, Double($0.2), $1) }
  }

  /// The variance, from draw to draw, of the number of bins whose count fulfils a condition.
  ///
  /// Bins are taken for independent: that the counts of disjoint ones sum to the number of samples matters little where they
  /// are many.
  ///
  /// - Parameter holds: receives the bin and its count; must answer alike for bins of one expected share.
  func variance(where holds: (Int, Int) -> Bool) -> Double {
    groups.reduce(0) { sum, group in
      let fulfilling = (0...samples).filter { holds(group.first, $0) }
      let others = (0...samples).filter { !holds(group.first, $0) }
      // Summing over the fewer of both.
      let fewer = fulfilling.count < others.count ? fulfilling : others
      let chances = Self.shares(group.bin).map { share in
        min(1, fewer.reduce(0) { $0 + exp(Self.logProbability(of: $1, samples: samples, share: share)) })
      }
      return sum + group.size * zip(group.weights, chances).reduce(0) { $0 + $1.0 * $1.1 * (1 - $1.1) }
    }
  }

  /// The share of samples that falls into a bin under each ratio; one of 1 would leave nothing to chance, and no logarithm.
  private static func shares(_ bin: Bin) -> [Double] { ratios.map { min(bin.expectedShare * $0, 1 - 1e-9) } }

  /// The logarithm of the binomial probability of a count.
  private static func logProbability(of count: Int, samples: Int, share: Double) -> Double {
    guard share > 0 else { return count == 0 ? 0 : -.infinity }
    let (n, k) = (Double(samples), Double(count))
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log1p(-share)
  }
}
