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
  /// - Returns: the standard error, or nil for fewer than two samples, which tell nothing about it.
  public static func standardError(
    count: Int, replicates: Int = 200, using generator: inout some RandomNumberGenerator,
    statistic: ([Int]) throws -> Double
  ) rethrows -> Double? {
    precondition(replicates > 1, "a standard deviation needs two replicates")
    guard count > 1 else { return nil }
    let values = try values(
      count: count, replicates: replicates, using: &generator, statistic: statistic)
    let mean = values.reduce(0, +) / Double(replicates)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(replicates - 1)).squareRoot()
  }
}
