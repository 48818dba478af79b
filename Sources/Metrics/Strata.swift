import Torch

/// Which samples of a row were drawn alike, and so by what another draw of the row would differ.
///
/// Where a conditional model is measured on equally many samples of each label, whatever the seed, other draws differ within
/// labels only. Errors that take the labels for drawn as well would be too large, up to twice where labels differ much.
public struct Strata: Hashable, Sendable {
  /// Samples that a stratum has at least, for its spread, and the spread between pairs, to be told.
  static let minimum = 4

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
    return EvenSpread.places(limit, outOf: count).map { order[$0] }
  }
}

extension Score {
  /// The mean of some samples' values, with its standard error over other draws of as many samples of each stratum; without
  /// one for a single value.
  ///
  /// - Parameters:
  ///   - values: at least one, in the samples' order.
  ///   - strata: of the samples.
  public init(meanOf values: [Double], strata: Strata) {
    precondition(!values.isEmpty && strata.count == values.count, "a value for each sample")
    let count = Double(values.count)
    let variance = strata.parts.reduce(0) { sum, part in
      let mean = part.reduce(0) { $0 + values[$1] } / Double(part.count)
      let squares = part.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) }
      return sum + squares * Double(part.count) / Double(part.count - 1)
    }
    self.init(
      values.reduce(0, +) / count, standardError: values.count > 1 ? variance.squareRoot() / count : nil)
  }

  /// The share in percent of samples that have some property, with its standard error over other draws of as many samples of
  /// each stratum.
  public init(percentageOf hits: [Bool], strata: Strata) {
    self.init(meanOf: hits.map { $0 ? 100 : 0 }, strata: strata)
  }
}
