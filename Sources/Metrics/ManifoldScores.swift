import Torch

/// Quality and coverage of generated samples apart, by balls that reach from each sample to its k-th nearest neighbour
/// in its set.
///
/// All four depend on how many samples both sets have: compare sets of one size only. Errors are over draws of the generated
/// samples, for the real ones as given.
public struct ManifoldScores: Hashable, Sendable {
  /// The share of generated samples inside any real ball (Kynkäänniemi et al., 2019). One outlying real sample with a wide
  /// ball is enough to raise it.
  public let precision: Score
  /// The share of real samples inside any generated ball (Kynkäänniemi et al., 2019), with an error by `HitShare`, more where
  /// balls that change with their neighbours add to it.
  public let recall: Score
  /// How many real balls a generated sample lies in, over k (Naeem et al., 2020); 1 where the distributions agree, and
  /// it can pass 1.
  public let density: Score
  /// The share of real balls that hold a generated sample (Naeem et al., 2020), `1 - 2^-k` or so where distributions and
  /// sizes agree, with an error by `HitShare`: a binomial one would take for chance that samples are dense in some places.
  public let coverage: Score

  /// Compares two sets of features.
  ///
  /// - Parameters:
  ///   - real: `[M, D]` of more than k samples.
  ///   - generated: `[N, D]` of more than k samples.
  ///   - k: which neighbour a ball reaches to; 3 in the paper on precision and recall, 5 in that on density and coverage.
  ///   - strata: how the generated samples were drawn; all alike by default.
  public init(real: Tensor, generated: Tensor, neighbours k: Int = 5, strata: Strata? = nil) throws {
    let strata = strata ?? Strata(count: generated.shape[0])
    let cross = try PairwiseBlocks.squaredDistances(generated, real)
    let realRadii = try PairwiseBlocks.squaredDistances(within: real).bottom(k).values
      .narrowed(along: 1, start: k - 1, count: 1)
    let isInside = try cross.less(than: (realRadii * Self.hair).transposed())
    let inside = try isInside.converted(to: .float64).sum(along: 1).array(of: Double.self)
    precision = Score(meanOf: inside.map { $0 > 0 ? 1 : 0 }, strata: strata)
    density = Score(meanOf: inside.map { $0 / Double(k) }, strata: strata)
    let covering = try Self.columns(isInside)
    coverage = Score(
      Double(covering.count { !$0.isEmpty }) / Double(covering.count),
      standardError: HitShare.standardError(of: covering, strata: strata))
    recall = try GeneratedBalls(generated, cross: cross, neighbours: k).recall(strata: strata)
  }

  /// What balls are wider by, so that a sample on a ball's edge is inside.
  fileprivate static let hair = 1 + 1e-9

  /// For each column the rows in which it holds.
  fileprivate static func columns(_ mask: Tensor) throws -> [[Int]] {
    let (rows, columns) = (mask.shape[0], mask.shape[1])
    let values: [Bool] = try mask.array()
    return (0..<columns).map { column in (0..<rows).filter { values[$0 * columns + column] } }
  }
}

/// The balls of generated samples, and what becomes of them when one of these leaves.
private struct GeneratedBalls {
  /// For each real sample, the balls that it lies in, and those that it would lie in if they lost a neighbour.
  private let hits: [[Int]]
  private let nearHits: [[Int]]
  /// For each sample, the neighbours that its ball would grow without.
  private let neighbours: [[Int]]

  init(_ generated: Tensor, cross: Tensor, neighbours k: Int) throws {
    let nearest = try PairwiseBlocks.squaredDistances(within: generated).bottom(k + 1)
    let radii = try nearest.values * ManifoldScores.hair
    let isHit = try cross.less(than: radii.narrowed(along: 1, start: k - 1, count: 1))
    let isNear = try cross.less(than: radii.narrowed(along: 1, start: k, count: 1)).and(isHit.negated())
    hits = try ManifoldScores.columns(isHit)
    nearHits = try ManifoldScores.columns(isNear)
    let indices = try nearest.indices.array(of: Int.self)
    self.neighbours = (0..<generated.shape[0]).map { Array(indices[($0 * (k + 1))..<($0 * (k + 1) + k)]) }
  }

  /// The share of real samples in balls.
  ///
  /// As if balls stayed as they are, the error is that of `HitShare`. How much more the share changes where they grow as a
  /// sample leaves raises it, by the square root: what balls do by growing takes more samples together than what they do by
  /// going, so that leaving out one after the other overstates it. That the root is about right was found by simulation.
  func recall(strata: Strata) -> Score {
    let fixed = HitShare.standardError(of: hits, strata: strata)
    let alone = HitShare.spread(of: changes(growing: false), strata: strata)
    let together = HitShare.spread(of: changes(growing: true), strata: strata)
    return Score(
      Double(hits.count { !$0.isEmpty }) / Double(hits.count),
      standardError: alone > 0 ? fixed * (together / alone).squareRoot() : fixed)
  }

  /// By how many real samples fewer lie in balls without each generated sample.
  private func changes(growing: Bool) -> [Double] {
    var changes = [Double](repeating: 0, count: neighbours.count)
    for (hits, near) in zip(hits, nearHits) where hits.count < 2 {
      // Without these some ball would reach here.
      let replaced = growing ? Set(near.flatMap { neighbours[$0] }) : []
      if let only = hits.first {
        if !replaced.contains(only) { changes[only] += 1 }
      } else {
        for sample in replaced { changes[sample] -= 1 }
      }
    }
    return changes
  }
}
