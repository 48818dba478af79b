import PointDatasets
import Torch

/// Smooth deformations of shapes: every point is moved by a polynomial of its place, of second degree. A chair so gets other
/// proportions, a reclining back, a higher seat, and stays a chair.
///
/// Which polynomials come into question is learned from shapes that are near each other (`NeighbourDeformations`).
struct Deformation {
  /// Terms of a polynomial in three coordinates.
  static let terms = 10
  /// Numbers that say how a shape is deformed: the factors of each term for each axis, `[terms, 3]` in a row.
  static let count = 3 * terms

  /// Whose mean shape places are measured by.
  let codec: ShapeCodec
  /// By which deformed shapes are brought back into their frame.
  let rule: PointNormalisation

  /// Prepares to deform shapes that a codec's mean shape stands for.
  ///
  /// - Parameters:
  ///   - codec: of the shapes.
  ///   - rule: by which deformed shapes are brought back into their frame.
  init(codec: ShapeCodec, rule: PointNormalisation) { (self.codec, self.rule) = (codec, rule) }

  /// Clouds `[B, N, 3]`, deformed by polynomials `[B, 30]` and brought back into their frame.
  func callAsFunction(_ clouds: Tensor, by polynomials: Tensor) throws -> Tensor {
    let factors = try polynomials.reshaped([clouds.shape[0], Self.terms, 3])
    return try (clouds + terms(of: clouds).matmul(factors)).framed(rule)
  }

  /// The terms of polynomials at each point of clouds `[B, N, 3]`, whose coordinates are measured in halves of the mean shape's
  /// longest side from its middle, `[B, N, 10]`.
  func terms(of clouds: Tensor) throws -> Tensor {
    let (low, high) = try codec.bounds
    let half = try (high - low).max() / 2
    // A mean shape whose points are all at one place has no size.
    let place = try (clouds - (low + high) / 2) / half.filled(where: half.equals(0), with: 1)
    let (x, y, z) = try (axis(0, of: place), axis(1, of: place), axis(2, of: place))
    return try Tensor.concatenated(
      [Tensor.ones(x.shape, device: x.device), place, place.squared(), x * y, x * z, y * z], along: 2)
  }

  private func axis(_ number: Int, of clouds: Tensor) throws -> Tensor {
    try clouds.narrowed(along: 2, start: number, count: 1)
  }

  /// Sums of polynomials `[B, K, 30]` with weights `[B, K]`, `[B, 30]`, such that random weights of variance 1 make sums that
  /// are as large as one of the polynomials.
  static func sums(of polynomials: Tensor, weighted weights: Tensor) throws -> Tensor {
    let size = Double(weights.shape[1]).squareRoot()
    return try (weights / size).expandingDimension(at: 1).matmul(polynomials)
      .reshaped([weights.shape[0], count])
  }
}
