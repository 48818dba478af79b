/// Standard errors of any statistic, by resampling the samples with replacement (Efron, "Bootstrap methods:
/// another look at the jackknife", Annals of Statistics 7, 1979).
///
/// The results are pure functions of the generator's state: the same seed gives the same error.
/// Not for statistics that count distinct samples: a resample repeats about 37 % of them by construction.
public enum Bootstrap {
  /// The statistic of each resample.
  ///
  /// - Parameters:
  ///   - count: how many samples there are; must be positive.
  ///   - replicates: how many resamples to draw; must be positive.
  ///   - generator: source of the indices; takes `count * replicates` words.
  ///   - statistic: receives `count` indices into the samples, with repetitions.
  /// - Returns: `replicates` values.
  public static func values(
    count: Int, replicates: Int, using generator: inout some RandomNumberGenerator,
    statistic: ([Int]) throws -> Double
  ) rethrows -> [Double] {
    precondition(count > 0 && replicates > 0, "a bootstrap needs samples and replicates")
    var indices = [Int](repeating: 0, count: count)
    return try (0..<replicates).map { _ in
      for position in indices.indices { indices[position] = generator.index(below: count) }
      return try statistic(indices)
    }
  }

  /// The standard deviation of a statistic over resamples.
  ///
  /// Its own relative error is about 1 / sqrt(2 * replicates): 5 % for the default of 200.
  ///
  /// - Parameters:
  ///   - count: how many samples there are.
  ///   - replicates: how many resamples to draw; at least 2.
  ///   - generator: source of the indices.
  ///   - statistic: receives `count` indices into the samples, with repetitions.
  /// - Returns: the standard error, or nil for fewer than four samples.
  public static func standardError(
    count: Int, replicates: Int = 200, using generator: inout some RandomNumberGenerator,
    statistic: ([Int]) throws -> Double
  ) rethrows -> Double? {
    precondition(replicates > 1, "a standard deviation needs two replicates")
    guard count >= Strata.minimum else { return nil }
    let values = try values(
      count: count, replicates: replicates, using: &generator, statistic: statistic)
    let mean = values.reduce(0, +) / Double(replicates)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(replicates - 1)).squareRoot()
  }
}

/// Standard errors of a statistic by leaving out groups of samples, and pairs of groups (the delete-a-group jackknife; Efron
/// and Stein, "The jackknife estimate of variance", Annals of Statistics 9, 1981).
///
/// The plain jackknife counts what pairs of samples do together twice: it errs by up to a half where a statistic is mostly that,
/// as distances of good samples are, which are all noise about the least value. What leaving out two groups does beyond
/// leaving out each shows how large this bias is, and it is subtracted once. Statistics in which more than two samples act
/// together, such as shares of what is covered, need something else: `HalfSplits`, `DistinctCount`.
///
/// Unlike a bootstrap's, its subsets hold no sample twice: repeats change distances between samples by themselves, and
/// covariances of about as many features as samples. It does not suit medians and other statistics that jump.
public struct Jackknife: Sendable {
  /// The samples that are left out in turn: the statistic's values without them give the error.
  public let leftOut: [[Int]]
  private let strata: Strata
  /// Which of these are the groups of each stratum.
  private let groups: [Range<Int>]
  /// Where the groups begin whose pairs are left out, and how many they are; the pairs follow.
  private let paired: (start: Int, count: Int)

  /// Deals samples to groups.
  ///
  /// - Parameters:
  ///   - strata: how the samples were drawn.
  ///   - groups: how many to leave out in turn, about, at most one for each sample.
  ///   - paired: how many groups to leave out in pairs, about, at least 4, at most one for each sample.
  ///   - generator: deals the samples: data comes sorted, so what stands together must not go together.
  /// - Returns: nil for fewer than four samples.
  public init?(
    _ strata: Strata, groups: Int = 100, paired: Int = 14, using generator: inout some RandomNumberGenerator
  ) {
    precondition(groups > 1 && paired >= Strata.minimum, "a standard deviation needs groups")
    guard strata.count >= Strata.minimum else { return nil }
    self.strata = strata
    var leftOut: [[Int]] = []
    self.groups = strata.parts.map { part in
      let share = Int((Double(groups * part.count) / Double(strata.count)).rounded())
      let count = min(part.count, max(2, share))
      let start = leftOut.count
      for group in Strata(count: part.count).dealt(into: count, using: &generator) {
        leftOut.append(group.map { part[$0] })
      }
      return start..<leftOut.count
    }
    let count = Self.evenGroups(strata, limit: paired)
    self.paired = (leftOut.count, count)
    let halves = strata.dealt(into: count, using: &generator)
    leftOut += halves
    for second in 0..<count {
      for first in 0..<second { leftOut.append(halves[first] + halves[second]) }
    }
    self.leftOut = leftOut
  }

  /// How many groups hold the strata's samples most evenly: what groups that hold more of some stratum do together is not
  /// what samples do.
  private static func evenGroups(_ strata: Strata, limit: Int) -> Int {
    guard strata.parts.count > 1 else { return min(limit, strata.count) }
    func unevenness(_ groups: Int) -> Double {
      let rests = strata.parts.map { Double($0.count % groups) / Double(groups) }
      // Few groups give a poor estimate.
      return rests.reduce(0) { $0 + $1 * (1 - $1) } / Double(rests.count) + 0.2 / Double(groups)
    }
    return (Strata.minimum...min(limit, strata.count)).min { unevenness($0) < unevenness($1) } ?? limit
  }

  /// The standard error.
  ///
  /// - Parameters:
  ///   - whole: the statistic of all samples.
  ///   - values: the statistic without each of `leftOut`.
  public func standardError(whole: Double, without values: [Double]) -> Double {
    precondition(values.count == leftOut.count, "a value for each of the sets that are left out")
    let pairs = pairVariance(whole: whole, values)
    let total = Double(groups.reduce(0) { $0 + $1.count })
    // How often the plain jackknife counts the variance by pairs, at so many groups: a little more than twice.
    let surplus =
      2 * total * total * total * (total - 2) / ((total - 1) * (total - 1) * (total - 1) * (total - 1))
    let variance = plainVariance(whole: whole, values) - (surplus - 1) * pairs
    // Noise in both can take the difference below what the variance cannot be below.
    return max(variance, pairs / 4).squareRoot()
  }

  /// The standard error of a statistic.
  ///
  /// - Parameters:
  ///   - whole: the statistic of all samples.
  ///   - statistic: receives the positions that are kept, ascending.
  public func standardError(whole: Double, statistic: ([Int]) throws -> Double) rethrows -> Double {
    standardError(
      whole: whole,
      without: try leftOut.map { group in
        var isKept = [Bool](repeating: true, count: strata.count)
        for position in group { isKept[position] = false }
        return try statistic(isKept.indices.filter { isKept[$0] })
      })
  }

  /// The plain jackknife's estimate: the spread between groups of what a group adds by itself.
  private func plainVariance(whole: Double, _ values: [Double]) -> Double {
    let count = Double(strata.count)
    return zip(strata.parts, groups).reduce(0) { sum, stratum in
      let parts = stratum.1.map { group -> (size: Double, influence: Double) in
        let size = Double(leftOut[group].count)
        return (size, (count * whole - (count - size) * values[group]) / size)
      }
      let size = Double(stratum.0.count)
      let mean = parts.reduce(0) { $0 + $1.size * $1.influence } / size
      let squares = parts.reduce(0) { $0 + $1.size * ($1.influence - mean) * ($1.influence - mean) }
      return sum + size * squares / Double(parts.count - 1) / (count * count)
    }
  }

  /// The part of the variance that comes from what pairs of groups do together.
  private func pairVariance(whole: Double, _ values: [Double]) -> Double {
    let (g, count) = (paired.count, Double(strata.count))
    let groups = Double(g)
    var together = [Double](repeating: 0, count: g * g)
    var pair = paired.start + g
    for second in 0..<g {
      for first in 0..<second {
        let (a, b) = (paired.start + first, paired.start + second)
        let sizes = (Double(leftOut[a].count), Double(leftOut[b].count))
        let sum =
          count * whole - (count - sizes.0) * values[a] - (count - sizes.1) * values[b]
          + (count - sizes.0 - sizes.1) * values[pair]
        together[first * g + second] = sum * groups / count
        together[second * g + first] = sum * groups / count
        pair += 1
      }
    }
    // Less what each group does with all others.
    let sums = (0..<g).map { row in together[(row * g)..<((row + 1) * g)].reduce(0, +) }
    let mean = sums.reduce(0, +) / ((groups - 1) * (groups - 2))
    var squares = 0.0
    for row in 0..<g {
      for column in 0..<g where column != row {
        let rest = together[row * g + column] - (sums[row] + sums[column]) / (groups - 2) + mean
        squares += rest * rest
      }
    }
    let single = squares / (groups * (groups - 3)) * (groups - 2) * (groups - 2)
    return single * (groups - 1) / (2 * groups * groups * groups)
  }
}

/// Standard errors of scores that hang on who is nearest to whom, from how much random halves of the samples differ.
///
/// Where nearest neighbours decide, many samples act together, which a jackknife does not see, and repeats change everything,
/// which rules a bootstrap out. But halves of a set are two independent draws of half as many samples; beside a half of the
/// reference samples they are the same picture, thinned out; and the variance of a mean over local things doubles when there
/// are half as many of them. So a half of the variance between halves is that of the whole.
///
/// This holds as long as the picture stays alike when it is thinned: not for samples that fall into a few tight clumps, where
/// errors come out too large mostly, or too small.
public enum HalfSplits {
  /// Standard errors of statistics.
  ///
  /// - Parameters:
  ///   - strata: how the samples were drawn.
  ///   - references: how many reference samples there are.
  ///   - minimum: the fewest samples, and reference samples, of which the statistics can be taken.
  ///   - splits: how often to split.
  ///   - generator: source of the halves.
  ///   - statistics: receives positions of half of the samples and of half of the reference samples, and returns equally many
  ///     numbers each time.
  /// - Returns: an error for each statistic; nil where halves are too small.
  public static func standardErrors(
    strata: Strata, references: Int, minimum: Int = 2, splits: Int = 50,
    using generator: inout some RandomNumberGenerator, statistics: ([Int], [Int]) throws -> [Double]
  ) rethrows -> [Double]? {
    guard min(strata.count, references) / 2 >= minimum else { return nil }
    var squares: [Double] = []
    for _ in 0..<splits {
      let halves = strata.dealt(into: 2, using: &generator)
      let beside = generator.indices(references / 2, outOf: references)
      let (first, second) = (try statistics(halves[0], beside), try statistics(halves[1], beside))
      let differences = zip(first, second).map { ($0 - $1) * ($0 - $1) }
      squares = squares.isEmpty ? differences : zip(squares, differences).map { $0 + $1 }
    }
    // A difference has twice the variance of a half, which has twice that of the whole.
    return squares.map { ($0 / Double(splits) / 4).squareRoot() }
  }

  /// The standard error of a positive statistic, as a share of it: of one that grows or falls as samples get fewer, and by
  /// which factor is the same for all.
  ///
  /// - Parameters:
  ///   - strata: how the samples were drawn.
  ///   - splits: how often to split.
  ///   - generator: source of the halves.
  ///   - statistic: receives positions of half of the samples, at least two.
  /// - Returns: nil for fewer than four samples.
  public static func relativeError(
    strata: Strata, splits: Int = 50, using generator: inout some RandomNumberGenerator,
    statistic: ([Int]) throws -> Double
  ) rethrows -> Double? {
    guard strata.count >= 4 else { return nil }
    var sum = 0.0
    for _ in 0..<splits {
      let halves = strata.dealt(into: 2, using: &generator)
      let (first, second) = (try statistic(halves[0]), try statistic(halves[1]))
      let mean = (first + second) / 2
      // Where all samples are one, nothing differs.
      if mean > 0 { sum += (first - second) * (first - second) / (mean * mean) }
    }
    return (sum / Double(splits) / 4).squareRoot()
  }
}
