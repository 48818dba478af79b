import Torch

/// Quality and coverage of generated samples apart, by balls that reach from each sample to its k-th nearest neighbour
/// in its set.
///
/// All four depend on how many samples both sets have: compare sets of one size only.
public struct ManifoldScores: Hashable, Sendable {
  /// The share of generated samples inside any real ball (Kynkäänniemi et al., 2019), with its binomial error for the
  /// real samples as given. One outlying real sample with a wide ball is enough to raise it.
  public let precision: Score
  /// The share of real samples inside any generated ball (Kynkäänniemi et al., 2019), with the binomial error over real
  /// samples for the generated ones as given.
  public let recall: Score
  /// How many real balls a generated sample lies in, over k (Naeem et al., 2020); 1 where the distributions agree, and
  /// it can pass 1. The error is that of the mean for the real samples as given.
  public let density: Score
  /// The share of real balls that hold a generated sample (Naeem et al., 2020), `1 - 2^-k` or so where distributions and
  /// sizes agree; the binomial error over real samples for the generated ones as given.
  public let coverage: Score

  // Recall and coverage have no error over draws of the generated samples: a bootstrap's repeats would shrink generated
  // balls to nothing and leave 37 % of the samples out.

  /// Compares two sets of features.
  ///
  /// - Parameters:
  ///   - real: `[M, D]` of more than k samples.
  ///   - generated: `[N, D]` of more than k samples.
  ///   - k: which neighbour a ball reaches to; 3 in the paper on precision and recall, 5 in that on density and coverage.
  public init(real: Tensor, generated: Tensor, neighbours k: Int = 5) throws {
    let realRadii = try Self.radii(real, k)
    let generatedRadii = try Self.radii(generated, k)
    var realBalls: [Double] = []
    try PairwiseBlocks.squaredDistances(generated, real) { _, distances in
      realBalls += try Self.count(distances.less(than: realRadii))
    }
    var isRecalled: [Double] = []
    var isCovered: [Double] = []
    try PairwiseBlocks.squaredDistances(real, generated) { rows, distances in
      isRecalled += try Self.count(distances.less(than: generatedRadii))
      let own = try realRadii.narrowed(along: 0, start: rows.lowerBound, count: rows.count)
      isCovered += try Self.count(distances.less(than: own.expandingDimension(at: 1)))
    }
    precision = Self.share(realBalls)
    recall = Self.share(isRecalled)
    density = Score(meanOf: realBalls.map { $0 / Double(k) })
    coverage = Self.share(isCovered)
  }

  /// Squared distances to the k-th neighbours, `[N]`, a hair wider, so that a sample on a ball's edge is inside.
  private static func radii(_ samples: Tensor, _ k: Int) throws -> Tensor {
    try NearestNeighbours.distances(within: samples, count: k).selected(k - 1, along: 1).squared()
      * (1 + 1e-9)
  }

  /// How many hold in each row.
  private static func count(_ mask: Tensor) throws -> [Double] {
    try mask.converted(to: .float64).sum(along: 1).array()
  }

  private static func share(_ counts: [Double]) -> Score {
    let (hits, total) = (counts.count { $0 > 0 }, Double(counts.count))
    let share = Double(hits) / total
    return Score(share, standardError: (share * (1 - share) / total).squareRoot())
  }
}
