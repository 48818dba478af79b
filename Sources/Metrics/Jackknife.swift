/// Standard errors of a statistic by leaving out groups of samples, and pairs of groups (the delete-a-group jackknife; Efron
/// and Stein, "The jackknife estimate of variance", Annals of Statistics 9, 1981).
///
/// The plain jackknife counts what pairs of samples do together twice: it errs by up to a half where a statistic is mostly that,
/// as distances of good samples are, which are all noise about the least value. What leaving out two groups does beyond
/// leaving out each tells how much this is, and it is taken off once. Statistics in which more than two samples act
/// together, such as shares of what is covered, need something else: `HalfSplits`, `DistinctCount`.
///
/// Unlike a bootstrap's, its subsets hold no sample twice: repeats change distances between samples by themselves, and
/// covariances of about as many features as samples. It does not suit medians and other statistics that jump.
public struct Jackknife: Sendable {
  /// The samples that are left out in turn: the statistic's values without them tell the error.
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
      // Few groups tell little.
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

  /// What the plain jackknife says: the spread between groups of what a group adds by itself.
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
