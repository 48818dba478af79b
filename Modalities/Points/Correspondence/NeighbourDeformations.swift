import Torch

/// The deformations that turn shapes nearly into the shapes most like them: what shapes of a set differ by that is smooth.
///
/// Random sums of those of a shape deform it as its neighbours differ from it, so that a chair becomes another chair. Which
/// amounts are natural, and which go together, so follows from the shapes instead of being chosen by hand.
enum NeighbourDeformations {
  /// Shapes that are looked through for neighbours, at most, evenly spread among all.
  private static let candidates = 2_000
  /// Shapes whose deformations are worked out at a time.
  private static let chunkSize = 50
  /// Added to the mean squares of a polynomial's terms, so that factors that hardly tell are small.
  private static let ridge = 0.01

  /// For each shape the polynomials of `Deformation` that bring its points nearest to those of its neighbours.
  ///
  /// - Parameters:
  ///   - codes: of the shapes, `[M, K]`.
  ///   - labels: of the shapes, `[M]`; shapes of the same label count as nearer than others.
  ///   - codec: of the codes.
  ///   - deformation: whose polynomials are wanted.
  ///   - count: how many neighbours of each.
  /// - Returns: `[M, count, 30]`; those of shapes that have fewer neighbours are 0 instead.
  static func found(
    codes: Tensor, labels: Tensor?, codec: ShapeCodec, deformation: Deformation, count: Int
  ) throws -> Tensor {
    let all = codes.shape[0]
    let places = (0..<min(all, candidates)).map { $0 * all / min(all, candidates) }
    let others = try Tensor(places)
    let otherCodes = try codes.gathered(at: others)
    let otherLabels = try labels?.gathered(at: others)
    return try Tensor.concatenated(
      stride(from: 0, to: all, by: chunkSize).map { start in
        let size = min(chunkSize, all - start)
        let own = try Tensor(Array(start..<start + size)).expandingDimension(at: 1)
        let ownCodes = try codes.narrowed(along: 0, start: start, count: size)
        var distances = try codec.squaredDistances(ownCodes, otherCodes)
        let far = try distances.max().item() + 1
        if let labels, let otherLabels {
          let ownLabels = try labels.narrowed(along: 0, start: start, count: size)
          let differ = try ownLabels.expandingDimension(at: 1).equals(otherLabels).negated()
          distances = try distances + differ.converted(to: .float32) * far
        }
        // A shape is its own neighbour where there is no other, which takes a deformation of 0.
        distances = try distances + own.equals(others).converted(to: .float32) * (4 * far)
        let nearest = try (distances * -1).top(min(count, places.count)).indices
        let found = try polynomials(
          from: codec.decode(ownCodes),
          to: codec.decode(otherCodes.gathered(at: nearest.reshaped([-1]))), deformation)
        return try found.padded(0, 0, 0, count - found.shape[1])
      })
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
