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
  /// - Returns: nil for fewer than two samples.
  public static func standardError(of values: [some Hashable], strata: Strata) -> Double? {
    precondition(strata.count == values.count, "a value for each sample")
    guard values.count > 1 else { return nil }
    let counts = values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var variance = counts.values.reduce(0) { $1 <= weights.count ? $0 + weights[$1 - 1] : $0 }
    for part in strata.parts {
      let singles = Double(part.count { counts[values[$0]] == 1 })
      variance -= singles * (singles - 1) / Double(part.count - 1)
    }
    return max(variance, 0).squareRoot()
  }
}
