import Torch

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
  ///   - count: the number of samples; positive. Of fewer than four there is no error.
  public init(percentage hits: Int, of count: Int) {
    precondition(count > 0 && hits >= 0 && hits <= count, "a share is part of something")
    let share = Double(hits) / Double(count)
    let error = 100 * (share * (1 - share) / Double(count)).squareRoot()
    self.init(100 * share, standardError: count < Strata.minimum ? nil : error)
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

/// Which samples of a row were drawn alike, and so by what another draw of the row would differ.
///
/// Where a conditional model is measured on equally many samples of each label, whatever the seed, other draws differ within
/// labels only. Errors that take the labels for drawn as well would be too large, up to twice where labels differ much.
public struct Strata: Hashable, Sendable {
  /// Samples that a stratum has at least, for its spread, and the spread between pairs, to be told. Fewer in all have no error:
  /// one or two, or three that happen to be alike, say next to nothing of how others would differ.
  public static let minimum = 4

  /// Positions of the samples of each stratum, ascending.
  public let parts: [[Int]]
  /// How many samples there are.
  public let count: Int

  /// Samples that were all drawn alike.
  public init(count: Int) { self.init(parts: [Array(0..<count)], count: count) }

  /// Samples that were drawn label by label, or all alike where there are no labels.
  ///
  /// Labels of fewer than four samples are taken together, those that make no four together with the most frequent one.
  ///
  /// - Parameters:
  ///   - labels: one for each sample.
  ///   - count: how many samples there are.
  public init(labels: [Int]?, count: Int) {
    guard let labels else {
      self.init(count: count)
      return
    }
    precondition(labels.count == count, "a label for each sample")
    let groups = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
    var parts = groups.filter { $0.count >= Self.minimum }
    let rest = groups.filter { $0.count < Self.minimum }.flatMap(\.self)
    let largest = parts.indices.max { parts[$0].count < parts[$1].count }
    if rest.count < Self.minimum, let largest {
      parts[largest] += rest
    } else if !rest.isEmpty {
      parts.append(rest)
    }
    self.init(parts: parts.map { $0.sorted() }, count: count)
  }

  private init(parts: [[Int]], count: Int) {
    (self.parts, self.count) = (parts, count)
  }

  /// Deals the samples at random into groups that hold as many of each stratum, to within one sample.
  ///
  /// - Parameters:
  ///   - groups: how many.
  ///   - generator: shuffles each stratum.
  /// - Returns: the positions in each group.
  public func dealt(into groups: Int, using generator: inout some RandomNumberGenerator) -> [[Int]] {
    var dealt = [[Int]](repeating: [], count: groups)
    var next = 0
    for part in parts {
      for index in generator.indices(part.count, outOf: part.count) {
        dealt[next % groups].append(part[index])
        next += 1
      }
    }
    return dealt
  }

  /// Some of the samples at random, with as many of each stratum, in proportion, to within one.
  ///
  /// - Parameters:
  ///   - limit: how many; all of them, in another order, where there are no more.
  ///   - generator: source of the draws.
  /// - Returns: their positions.
  public func drawn(_ limit: Int, using generator: inout some RandomNumberGenerator) -> [Int] {
    let order = dealt(into: 1, using: &generator)[0]
    return EvenSpread.indices(limit, outOf: count).map { order[$0] }
  }
}

extension Score {
  /// The mean of some samples' values, with its standard error over other draws of as many samples of each stratum; without
  /// one for fewer than four values.
  ///
  /// - Parameters:
  ///   - values: at least one, in the samples' order.
  ///   - strata: of the samples.
  public init(meanOf values: [Double], strata: Strata) {
    precondition(!values.isEmpty && strata.count == values.count, "a value for each sample")
    let count = Double(values.count)
    guard values.count >= Strata.minimum else {
      self.init(values.reduce(0, +) / count)
      return
    }
    let variance = strata.parts.reduce(0) { sum, part in
      let mean = part.reduce(0) { $0 + values[$1] } / Double(part.count)
      let squares = part.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) }
      return sum + squares * Double(part.count) / Double(part.count - 1)
    }
    self.init(values.reduce(0, +) / count, standardError: variance.squareRoot() / count)
  }

  /// The mean of values of samples that were all drawn alike; see `init(meanOf:strata:)`.
  ///
  /// - Parameter values: one for each sample, at least one.
  public init(meanOfSamples values: [Double]) {
    self.init(meanOf: values, strata: Strata(count: values.count))
  }

  /// The share in percent of samples that have some property, with its standard error over other draws of as many samples of
  /// each stratum.
  public init(percentageOf hits: [Bool], strata: Strata) {
    self.init(meanOf: hits.map { $0 ? 100 : 0 }, strata: strata)
  }
}

extension Score {
  /// A sum of values over a sum of counts, as nats over symbols, with the bootstrap error over samples; without one for fewer
  /// than four.
  ///
  /// - Parameters:
  ///   - values: one for each sample.
  ///   - counts: what each sample counts; their sum is positive.
  ///   - generator: what resamples are drawn from.
  public init(
    ratioOf values: [Double], to counts: [Int], using generator: inout some RandomNumberGenerator
  ) {
    func ratio(_ indices: [Int]) -> Double {
      var (sum, count) = (0.0, 0)
      for index in indices {
        sum += values[index]
        count += counts[index]
      }
      return sum / Double(count)
    }
    let error = Bootstrap.standardError(count: values.count, using: &generator, statistic: ratio)
    self.init(ratio(Array(values.indices)), standardError: error)
  }
}
