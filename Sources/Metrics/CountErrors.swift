import Foundation

/// What counts of samples in bins could have been in another draw.
///
/// A bin's share is what is expected times a ratio; ratios have whatever distribution on a grid makes the counts likeliest
/// (Kiefer and Wolfowitz, 1956, by expectation maximisation), so that what is mere chance in the counts is separated from what
/// recurs. A bin's count then says how likely each ratio is for it.
struct CountModel {
  /// Ratios that a bin may have: none of its samples at all, then .05 to 20.
  private static let ratios = [0] + (0..<60).map { 0.05 * pow(400, Double($0) / 59) }
  private static let rounds = 100

  /// A bin as far as the model distinguishes it from others.
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
  /// - Parameter holds: receives the bin and its count; must return the same for bins of one expected share.
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

/// The standard error of how many different values there are among samples.
///
/// A bootstrap's repeats would change the number by themselves. But from how many values occur once, twice and so on it can be
/// told how many new ones as many more samples would bring, f₁ - f₂ + f₃ - ... (Good and Toulmin, 1956), which is the variance
/// of the number where how many samples there are is left to chance (Poisson's distribution); as their number is given, what
/// it explains goes: f₁² over the number of samples. Two samples alike add 1 to the variance, three alike 4.
public enum DistinctCount {
  /// What values that occur once, twice and so on add. The series goes up and down, and from the third term on it is more
  /// noise than knowledge: those after the fifth are left out, as in Efron and Thisted's smoothing (1976).
  private static let weights = [1, -1, 0.875, -0.5, 0.125]

  /// The standard error of the number of different values, over other draws of as many samples of each stratum.
  ///
  /// - Parameters:
  ///   - values: one for each sample.
  ///   - strata: how the samples were drawn.
  /// - Returns: nil for fewer than four samples.
  public static func standardError(of values: [some Hashable], strata: Strata) -> Double? {
    precondition(strata.count == values.count, "a value for each sample")
    guard values.count >= Strata.minimum else { return nil }
    let counts = values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var variance = counts.values.reduce(0) { $1 <= weights.count ? $0 + weights[$1 - 1] : $0 }
    for part in strata.parts {
      let singles = Double(part.count { counts[values[$0]] == 1 })
      variance -= singles * (singles - 1) / Double(part.count - 1)
    }
    return max(variance, 0).squareRoot()
  }
}

/// The standard error of the share of targets that some sample hits, where samples fall at random on given targets, such as
/// balls, which may overlap.
///
/// The variance is that of each target by itself, by a `CountModel` of how often targets are hit; what targets have in common
/// that are hit by the same samples and no others, once or twice, by the series of `DistinctCount`; less what goes because the
/// number of samples is given. A jackknife overstates it by half or more, since a target that is hit often is missed only if
/// many samples are.
enum HitShare {
  /// The standard error, in 0...1.
  ///
  /// - Parameters:
  ///   - hits: for each target, the samples that hit it.
  ///   - strata: how the samples were drawn.
  static func standardError(of hits: [[Int]], strata: Strata) -> Double {
    let targets = Double(hits.count)
    let mean = hits.reduce(0) { $0 + Double($1.count) } / targets
    guard mean > 0 else { return 0 }
    let share = mean / Double(strata.count)
    let model = CountModel(
      counts: hits.map(\.count), expectedShares: [Double](repeating: share, count: hits.count),
      samples: strata.count)
    var variance = model.variance { $1 > 0 }
    let alike = hits.filter { $0.count == 1 || $0.count == 2 }.reduce(into: [[Int]: Int]()) {
      $0[$1, default: 0] += 1
    }
    var singles = [Double](repeating: 0, count: strata.count)
    for (samples, count) in alike {
      let pairs = Double(count * (count - 1))
      variance += samples.count == 1 ? pairs : -pairs
      if samples.count == 1 { singles[samples[0]] = Double(count) }
    }
    for part in strata.parts where part.count > 1 {
      let sum = part.reduce(0) { $0 + singles[$1] }
      let squares = part.reduce(0) { $0 + singles[$1] * singles[$1] }
      variance -= (sum * sum - squares) / Double(part.count - 1)
    }
    return max(variance, 0).squareRoot() / targets
  }

  /// What a plain jackknife makes of how much a statistic changes without each sample, up to a factor.
  static func spread(of changes: [Double], strata: Strata) -> Double {
    Score(meanOf: changes, strata: strata).standardError ?? 0
  }
}
