/// A measured number, with its standard error where one is known.
///
/// In a table all standard errors mean one thing: the standard deviation of the number over other draws of as many samples of
/// the row, with labels drawn anew too unless equally many of each were asked for; and of the held-out samples where the
/// number is a ratio to what these score. Training samples, and held-out ones that samples are compared with, are as given.
/// A column whose errors mean something else, or that has none, says so in its `errorNote`. How near each comes to the
/// truth is in docs/experiments/errors.md.
public struct Score: Hashable, Sendable {
  /// The number, in the unit of its column; not finite where the computation broke down.
  public var value: Double
  /// One standard deviation of the value over other draws; nil where it is not known.
  public var standardError: Double?

  /// Makes a measurement.
  public init(_ value: Double, standardError: Double? = nil) {
    self.value = value
    self.standardError = standardError
  }

  /// The mean of some values, with its standard error s / sqrt(n); without one for a single value.
  ///
  /// - Parameter values: at least one value.
  public init(meanOf values: [Double]) {
    precondition(!values.isEmpty, "a mean needs values")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      mean, standardError: values.count > 1 ? (squares / (count - 1) / count).squareRoot() : nil)
  }

  /// This number over another one, with the errors of both, which are taken for independent.
  ///
  /// - Parameter denominator: a number that is not 0; the ratio has an error only where both have.
  public func ratio(to denominator: Score) -> Score {
    let ratio = value / denominator.value
    guard let error = standardError, let other = denominator.standardError else { return Score(ratio) }
    let sum = error * error + ratio * ratio * other * other
    return Score(ratio, standardError: sum.squareRoot() / abs(denominator.value))
  }

  /// A share of samples in percent, with the binomial standard error.
  ///
  /// - Parameters:
  ///   - hits: how many samples have the property; at most `count`.
  ///   - count: how many samples were looked at; positive.
  public init(percentage hits: Int, of count: Int) {
    precondition(count > 0 && hits >= 0 && hits <= count, "a share is part of something")
    let share = Double(hits) / Double(count)
    self.init(100 * share, standardError: 100 * (share * (1 - share) / Double(count)).squareRoot())
  }
}

extension Score: Codable {
  private enum CodingKeys: String, CodingKey {
    case value
    case standardError
  }

  /// Reads a measurement; a null value is "not a number".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(Double?.self, forKey: .value) ?? .nan,
      standardError: try container.decodeIfPresent(Double.self, forKey: .standardError))
  }

  /// Writes both keys always; what is not finite becomes null, since JSON has no word for it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value.isFinite ? value : nil, forKey: .value)
    let error = standardError.flatMap { $0.isFinite ? $0 : nil }
    try container.encode(error, forKey: .standardError)
  }
}
