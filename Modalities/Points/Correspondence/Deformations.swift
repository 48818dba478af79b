import Metrics
import PointDatasets
import Torch

/// Fits the smooth deformations that bring each shape nearest to others.
///
/// Where shapes bend, these are the shapes most similar to it: random linear combinations of a shape's fitted deformations vary it as its
/// neighbours differ from it. Where they take the proportions of others, these are from near to far. The natural size of
/// deformations and their correlations follow from the data.
enum NeighbourDeformations {
  /// Shapes that are searched for neighbours, at most, evenly spread over the set.
  private static let candidates = 2_000
  /// Shapes whose deformations are computed at a time.
  private static let chunkSize = 50
  /// Ridge added to the diagonal of the normal equations, so that poorly determined coefficients stay small.
  private static let ridge = 0.01

  /// For each shape the polynomials of `Deformation` that bring its points nearest to those of others.
  ///
  /// - Parameters:
  ///   - codes: of the shapes, `[M, K]`.
  ///   - labels: of the shapes, `[M]`; shapes of the same label count as nearer than others.
  ///   - deformation: whose polynomials are wanted, with the codec of the codes.
  ///   - count: how many others of each.
  ///   - law: which others, and which polynomials.
  /// - Returns: `[M, count, 30]`; those of shapes that have fewer neighbours are 0 instead.
  static func found(
    codes: Tensor, labels: Tensor?, deformation: Deformation, count: Int, law: DeformationLaw
  ) throws -> Tensor {
    let codec = deformation.codec
    let others = try Tensor(EvenSpread.indices(candidates, outOf: codes.shape[0]))
    let nearest = try neighbours(
      of: codes, labels: labels, among: others, codec: codec, count: count, law: law)
    // Each is a neighbour of many: decoded once.
    let known = try codec.decode(codes.gathered(at: others))
    return try Tensor.concatenated(
      stride(from: 0, to: codes.shape[0], by: chunkSize).map { start in
        let size = min(chunkSize, codes.shape[0] - start)
        let clouds = try codec.decode(codes.narrowed(along: 0, start: start, count: size))
        let targets = try known.gathered(
          at: nearest.narrowed(along: 0, start: start, count: size).reshaped([-1]))
        let found =
          switch law {
          case .bending: try polynomials(from: clouds, to: targets, deformation)
          case .proportions: try ProportionMaps.found(from: clouds, to: targets, deformation)
          }
        return try found.padded(0, 0, 0, count - found.shape[1])
      })
  }

  /// Places in `others` of the shapes nearest to each or, where shapes take proportions, of some from the nearest to the farthest,
  /// `[M, C]`; the shape itself comes last.
  private static func neighbours(
    of codes: Tensor, labels: Tensor?, among others: Tensor, codec: ShapeCodec, count: Int,
    law: DeformationLaw
  ) throws -> Tensor {
    let coordinates = try codec.coordinates(of: codes)
    let otherLabels = try labels?.gathered(at: others)
    var nearest: [Tensor] = []
    try PairwiseBlocks.squaredDistances(coordinates, coordinates.gathered(at: others)) { rows, squares in
      var squares = squares
      var alike = try Tensor.ones(squares.shape)
      let largest = try squares.max().item()
      let far = largest > 0 ? 2 * largest : 1
      if let labels, let otherLabels {
        let own = try labels.narrowed(along: 0, start: rows.lowerBound, count: rows.count)
        let differ = try own.expandingDimension(at: 1).equals(otherLabels).negated()
        squares = try squares + differ.converted(to: .float64) * far
        alike = try alike.filled(where: differ, with: 0)
      }
      // A shape is its own neighbour where there is no other, which takes a deformation of 0.
      let isSelf = try Tensor(Array(rows)).expandingDimension(at: 1).equals(others)
      squares = try squares.filled(where: isSelf, with: .infinity)
      let places =
        switch law {
        case .bending: try squares.bottom(min(count, others.shape[0])).indices
        case .proportions:
          try spread(
            squares.bottom(others.shape[0]).indices,
            counts: alike.filled(where: isSelf, with: 0).sum(along: 1), to: count)
        }
      nearest.append(places)
    }
    return try Tensor.concatenated(nearest)
  }

  /// Of rows of indices `[R, K]` the first `counts [R]` each, thinned evenly to so many or repeated: `[R, count]`.
  private static func spread(_ rows: Tensor, counts: Tensor, to count: Int) throws -> Tensor {
    let shares = try (Tensor.arange(0, Double(count), dtype: .float32) + 0.5) / Double(count)
    let ranks = try (counts.clamped(from: 1).expandingDimension(at: 1) * shares).converted(to: .int64)
    return try rows.gatheredElements(at: ranks, along: 1)
  }

  /// The polynomials from each of clouds `[B, N, 3]` to each of its own neighbours `[B C, N, 3]`, by least squares:
  /// `[B, C, 30]`.
  private static func polynomials(from clouds: Tensor, to neighbours: Tensor, _ deformation: Deformation)
    throws -> Tensor
  {
    let (shapes, points) = (clouds.shape[0], clouds.shape[1])
    let count = neighbours.shape[0] / shapes
    let moves = try (neighbours.reshaped([shapes, count, points, 3]) - clouds.expandingDimension(at: 1))
      .permuted(0, 2, 1, 3).reshaped([shapes, points, 3 * count])
    let terms = try deformation.terms(of: clouds)
    let transposed = try terms.transposed() / Double(points)
    let products = try transposed.matmul(terms) + Tensor.identity(Deformation.terms) * ridge
    return try products.solving(transposed.matmul(moves))
      .reshaped([shapes, Deformation.terms, count, 3]).permuted(0, 2, 1, 3)
      .reshaped([shapes, count, Deformation.count])
  }
}

/// Smooth deformations of shapes: each point is displaced by a quadratic polynomial of its position. A chair gets other
/// proportions, a reclining back or a higher seat, and stays a chair.
///
/// `NeighbourDeformations` fits the polynomials to pairs of shapes.
struct Deformation {
  /// Terms of a polynomial in three coordinates.
  static let terms = 10
  /// Coefficients of a deformation: `[terms, 3]`, flattened.
  static let count = 3 * terms

  /// The codec whose mean shape normalises positions.
  let codec: ShapeCodec
  /// The normalisation that is applied again after a deformation.
  let rule: PointNormalisation
  /// Whether deformed clouds fill their box or sphere to the rim, as in runs from before generators chose, or as much of it as before.
  let fillsFrame: Bool

  /// Prepares to deform shapes that a codec encodes.
  ///
  /// - Parameters:
  ///   - codec: of the shapes.
  ///   - rule: the normalisation that is applied again after a deformation.
  ///   - fillsFrame: whether deformed clouds fill their box or sphere.
  init(codec: ShapeCodec, rule: PointNormalisation, fillsFrame: Bool = false) {
    (self.codec, self.rule, self.fillsFrame) = (codec, rule, fillsFrame)
  }

  /// Clouds `[B, N, 3]`, each deformed by its own polynomials `[B, K, 30]` and brought back to where it was, `[B K, N, 3]`.
  func callAsFunction(_ clouds: Tensor, by polynomials: Tensor) throws -> Tensor {
    let (batch, points, count) = (clouds.shape[0], clouds.shape[1], polynomials.shape[1])
    let factors = try polynomials.reshaped([batch, count, Self.terms, 3]).permuted(0, 2, 1, 3)
      .reshaped([batch, Self.terms, 3 * count])
    let moves = try terms(of: clouds).matmul(factors).reshaped([batch, points, count, 3]).permuted(0, 2, 1, 3)
    let deformed = try (clouds.expandingDimension(at: 1) + moves).reshaped([batch * count, points, 3])
    return try fillsFrame ? deformed.framed(rule) : deformed.framed(rule, as: clouds)
  }

  /// The terms of polynomials at each point of clouds `[B, N, 3]`, whose coordinates are measured in halves of the mean shape's
  /// longest side from its middle, `[B, N, 10]`.
  func terms(of clouds: Tensor) throws -> Tensor {
    let (low, high) = try codec.bounds
    let half = try (high - low).max() / 2
    // A mean shape whose points all coincide has no size.
    let position = try (clouds - (low + high) / 2) / half.filled(where: half.equals(0), with: 1)
    let (x, y, z) = try (axis(0, of: position), axis(1, of: position), axis(2, of: position))
    return try Tensor.concatenated(
      [Tensor.ones(x.shape, device: x.device), position, position.squared(), x * y, x * z, y * z], along: 2)
  }

  private func axis(_ number: Int, of clouds: Tensor) throws -> Tensor {
    try clouds.narrowed(along: 2, start: number, count: 1)
  }

  /// Weighted sums of polynomials `[B, C, 30]` with weights `[B, K, C]`, `[B, K, 30]`.
  static func sums(of polynomials: Tensor, weighted weights: Tensor) throws -> Tensor {
    try weights.matmul(polynomials)
  }
}
