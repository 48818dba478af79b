/// Standard errors of a statistic by leaving out one group of samples after the other (the delete-a-group jackknife;
/// Shao and Tu, "The jackknife and bootstrap", 1995).
///
/// Unlike a bootstrap's, its subsets hold no sample twice: it suits statistics that repeats would change by themselves, such
/// as distances between samples, or covariances of about as many features as samples. It does not suit medians and other
/// statistics that jump.
public enum Jackknife {
  /// Which samples a group leaves out: those whose position is `group` modulo `groups`.
  public static func isLeftOut(_ position: Int, by group: Int, of groups: Int) -> Bool {
    position % groups == group
  }

  /// The standard error from the statistic's values without each group in turn.
  ///
  /// - Parameter values: one value for each group left out; groups are of equal size to within one sample.
  /// - Returns: `sqrt((g - 1) / g * Σ (value - mean)²)`, nil for fewer than two groups.
  public static func standardError(leavingOut values: [Double]) -> Double? {
    let groups = Double(values.count)
    guard values.count > 1 else { return nil }
    let mean = values.reduce(0, +) / groups
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ((groups - 1) / groups * squares).squareRoot()
  }

  /// The standard error of a statistic of samples.
  ///
  /// - Parameters:
  ///   - count: how many samples there are.
  ///   - groups: how many groups to leave out in turn, at most; at least 2.
  ///   - statistic: receives the positions that are kept.
  /// - Returns: nil for fewer than four samples.
  public static func standardError(
    count: Int, groups: Int = 20, statistic: ([Int]) throws -> Double
  ) rethrows -> Double? {
    precondition(groups > 1, "a standard deviation needs two groups")
    guard count > 3 else { return nil }
    let groups = min(groups, count)
    let values = try (0..<groups).map { group in
      try statistic((0..<count).filter { !isLeftOut($0, by: group, of: groups) })
    }
    return standardError(leavingOut: values)
  }
}
