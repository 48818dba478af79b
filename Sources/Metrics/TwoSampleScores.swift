import Torch

/// How well two sets of samples match, from who is nearest to whom under any distance: for media whose samples have no
/// features that a Fréchet distance or balls could be taken of.
///
/// All three depend on how many samples both sets have: compare sets of one size only.
public struct TwoSampleScores: Hashable, Sendable {
  /// The leave-one-out accuracy of the classifier by the nearest neighbour (Lopez-Paz and Oquab, "Revisiting classifier
  /// two-sample tests", 2017), in percent: 50 where the sets are indistinguishable, 100 where they are separable, and less than
  /// 50 where samples are copies of real ones. A sample as near to the one set as to the other counts half.
  ///
  /// The error is over draws of the generated samples for the real ones as given, by `HalfSplits`; nil without distances of
  /// all pairs. A binomial error would take neighbours for independent.
  public let accuracy: Score
  /// The share of real samples that are the nearest real one of any generated sample (Achlioptas et al., 2018), in
  /// percent; well below 100 even for perfect samples, two of which often share their nearest one.
  ///
  /// The error is over draws of the generated samples for the real ones as given, by `DistinctCount`.
  public let coverage: Score
  /// The mean distance of real samples to the nearest generated one (Achlioptas et al., 2018). It does not distinguish good sets
  /// apart: clean samples can be nearer than real.
  ///
  /// The error, other than the others', is that of a mean over other draws of the real samples, for the generated ones as
  /// given.
  public let minimumMatchingDistance: Score

  /// All distances of two sets. For errors, distances that are right by and large will do where they take long.
  public struct Distances {
    /// Among the generated samples, `[S, S]`; the diagonal is ignored.
    let generated: Tensor
    /// From generated to real samples, `[S, R]`.
    let cross: Tensor
    /// Among the real samples, `[R, R]`.
    let real: Tensor

    /// Gathers them.
    public init(generated: Tensor, cross: Tensor, real: Tensor) throws {
      self.cross = try cross.converted(to: .float64)
      (self.generated, self.real) = (try Self.withoutSelves(generated), try Self.withoutSelves(real))
    }

    private init(thinned generated: Tensor, cross: Tensor, real: Tensor) {
      (self.generated, self.cross, self.real) = (generated, cross, real)
    }

    private static func withoutSelves(_ distances: Tensor) throws -> Tensor {
      let isSelf = try Tensor.identity(distances.shape[0], dtype: .bool)
      return try distances.converted(to: .float64).filled(where: isSelf, with: .infinity)
    }

    /// The accuracy of the nearest neighbour among some generated and some real samples, in percent.
    func accuracy(generated indices: [Int], real others: [Int]) throws -> Double {
      let (rows, columns) = (try Tensor(indices), try Tensor(others))
      let cross = try cross.gathered(at: rows).gathered(at: columns, along: 1)
      func hits(_ own: Tensor, _ other: Tensor, at indices: Tensor) throws -> Double {
        let own = try own.gathered(at: indices).gathered(at: indices, along: 1).min(along: 1)
        let nearer = try own.less(than: other).converted(to: .float64).sum().item()
        return try nearer + own.equals(other).converted(to: .float64).sum().item() / 2
      }
      let sum =
        try hits(generated, cross.min(along: 1), at: rows) + hits(real, cross.min(along: 0), at: columns)
      return 100 * sum / Double(indices.count + others.count)
    }
  }

  /// Scores sets by their neighbours.
  ///
  /// - Parameters:
  ///   - generatedToGenerated: for each generated sample the nearest other.
  ///   - generatedToReal: for each generated sample the nearest real one.
  ///   - realToGenerated: for each real sample the nearest generated one.
  ///   - realToReal: for each real sample the nearest other.
  ///   - distances: what the accuracy's error is computed from.
  ///   - strata: how the generated samples were drawn; all alike by default.
  ///   - generator: source of the halves behind the accuracy's standard error.
  public init(
    generatedToGenerated: [Neighbour], generatedToReal: [Neighbour], realToGenerated: [Neighbour],
    realToReal: [Neighbour], distances: Distances?, strata: Strata? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let (generated, real) = (generatedToReal.count, realToGenerated.count)
    precondition(generated > 0 && real > 0, "scores need samples")
    precondition(
      generatedToGenerated.count == generated && realToReal.count == real, "a neighbour for each sample")
    let strata = strata ?? Strata(count: generated)
    let hits =
      zip(generatedToGenerated, generatedToReal).reduce(0) { $0 + Self.hit(own: $1.0, other: $1.1) }
      + zip(realToReal, realToGenerated).reduce(0) { $0 + Self.hit(own: $1.0, other: $1.1) }
    let error = try distances.flatMap { distances in
      try HalfSplits.standardErrors(strata: strata, references: real, using: &generator) {
        [try distances.accuracy(generated: $0, real: $1)]
      }
    }
    accuracy = Score(100 * hits / Double(generated + real), standardError: error?[0])
    let covered = generatedToReal.map(\.index)
    coverage = Score(
      100 * Double(Set(covered).count) / Double(real),
      standardError: DistinctCount.standardError(of: covered, strata: strata).map { 100 * $0 / Double(real) })
    minimumMatchingDistance = Score(meanOfSamples: realToGenerated.map(\.distance))
  }

  /// Scores sets by all their distances.
  ///
  /// - Parameters:
  ///   - distances: exact ones.
  ///   - strata: how the generated samples were drawn; all alike by default.
  ///   - generator: source of the halves behind the accuracy's standard error.
  public init(
    _ distances: Distances, strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) throws {
    try self.init(
      generatedToGenerated: Neighbour.nearest(inRowsOf: distances.generated, within: true),
      generatedToReal: Neighbour.nearest(inRowsOf: distances.cross),
      realToGenerated: Neighbour.nearest(inRowsOf: distances.cross.transposed()),
      realToReal: Neighbour.nearest(inRowsOf: distances.real, within: true), distances: distances,
      strata: strata, using: &generator)
  }

  /// The share of correct decisions on a sample, in 0...1.
  private static func hit(own: Neighbour, other: Neighbour) -> Double {
    if own.distance == other.distance { return 0.5 }
    return own.distance < other.distance ? 1 : 0
  }
}
