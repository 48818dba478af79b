/// Standard errors of scores that hang on who is nearest to whom, from how much random halves of the samples differ.
///
/// Where nearest neighbours decide, many samples act together, which a jackknife does not tell, and repeats change everything,
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
  ///   - statistics: receives positions of half of the samples and of half of the reference samples, and answers equally many
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
