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
