import CPointKernels
import Metrics
import Torch

private let chamferOperator = kernel("chamfer_matrix")
private let nearestChamferOperator = kernel("nearest_chamfer")
private let assignmentOperator = kernel("exact_assignment")
private let auctionOperator = kernel("approximate_assignment")

/// An operator of this medium's own kernels.
func kernel(_ name: String) -> Operator {
  point_kernels_register()
  return Operator("duel::\(name)")
}

/// Distances between clouds of points, between all clouds of two sets or pair by pair, in double precision.
///
/// Coordinates are taken in single precision and may be of any finite size, also small beside large ones.
public enum PairedDistances {
  /// The Chamfer distances of all pairs.
  public struct Chamfer {
    /// `[S, R]`: the mean squared distance of a cloud's points to the nearest of the other, both ways added.
    public let distances: Tensor
    /// `[S, R]`: the mean plain distance of a cloud's points to the nearest of the other, the larger of both ways. No
    /// matching can have a smaller mean.
    public let oneSided: Tensor
  }

  /// The exact Chamfer distances between two sets of clouds.
  ///
  /// - Parameters:
  ///   - first: `[S, N, 3]`.
  ///   - second: `[R, M, 3]`.
  public static func chamfer(_ first: Tensor, _ second: Tensor) throws -> Chamfer {
    let results = try chamferOperator.call([.tensor(first), .tensor(second)], capacity: 2)
    return Chamfer(distances: results[0], oneSided: results[1])
  }

  /// The exact Chamfer distances among the clouds of one set, to the bit those of the set to itself, in half the time.
  ///
  /// - Parameter clouds: `[S, N, 3]`.
  public static func chamfer(within clouds: Tensor) throws -> Chamfer {
    let results = try chamferOperator.call([.tensor(clouds), .none], capacity: 2)
    return Chamfer(distances: results[0], oneSided: results[1])
  }

  /// The nearest clouds of a set by Chamfer distance.
  public struct NearestByChamfer {
    /// For each cloud the nearest of the set, the first of equals.
    public let neighbours: [Neighbour]
    /// For each cloud whether one of the set is no farther than its own limit.
    public let areWithin: [Bool]
  }

  /// For each cloud the nearest of a set by Chamfer distance, without measuring every pair.
  ///
  /// Lower bounds come first: the distances between boxes of sixteen near points each. Of pairs that these leave, the points of
  /// a few boxes are mostly enough to show that others are nearer. What is found is, to the bit, what all distances would tell.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]` of finite coordinates.
  ///   - others: `[R, M, 3]` of finite coordinates.
  ///   - excluded: for each cloud the index of one of the others to be left out; none by default.
  ///   - limits: for each of the others how far a cloud may be to count as within; none is by default.
  public static func nearestByChamfer(
    _ clouds: Tensor, among others: Tensor, except excluded: [Int]? = nil, limits: Tensor? = nil
  ) throws -> NearestByChamfer {
    let (count, total) = (clouds.shape[0], others.shape[0])
    let results = try nearestChamferOperator.call(
      [
        .tensor(clouds), .tensor(others),
        .tensor(Tensor(excluded ?? [Int](repeating: -1, count: count))),
        .tensor(limits ?? Tensor([Double](repeating: -1, count: total))),
      ], capacity: 3)
    let indices = try results[0].array(of: Int.self)
    let distances = try results[1].array(of: Double.self)
    return NearestByChamfer(
      neighbours: zip(indices, distances).map { Neighbour(index: $0 < 0 ? nil : $0, distance: $1) },
      areWithin: try results[2].converted(to: .int64).array(of: Int.self).map { $0 != 0 })
  }

  /// Points of a cloud up to which evaluations match exactly: of twice as many an exact matching takes eight times as
  /// long, twice as long as an approximate one.
  public static let exactPoints = 1_024

  /// The Earth Mover's distances of pairs of clouds: the mean plain distance of matched points under the cheapest
  /// one-to-one matching.
  ///
  /// - Parameters:
  ///   - first: `[P, N, 3]` of finite coordinates.
  ///   - second: as many clouds of as many points.
  /// - Returns: the distances `[P]`, and for each point of the first cloud its match in the second, `[P, N]`.
  public static func matched(
    _ first: Tensor, _ second: Tensor
  ) throws -> (distances: Tensor, matches: Tensor) {
    let results = try assignmentOperator.call([.tensor(first), .tensor(second)], capacity: 2)
    return (results[0], results[1])
  }

  /// Matchings that cost little more than the cheapest.
  public struct Approximation {
    /// The mean plain distances of matched points, `[P]`.
    public let distances: Tensor
    /// What no matching costs less than, `[P]`: the exact distances lie between these and `distances`.
    public let lowerBounds: Tensor
    /// For each point of the first cloud its match in the second, `[P, N]`.
    public let matches: Tensor
  }

  /// Approximate Earth Mover's distances of pairs of clouds, by auction: at most 1 % above the lower bounds, unless the work
  /// would get out of hand.
  ///
  /// Both orders of a pair give the same distance.
  ///
  /// - Parameters:
  ///   - first: `[P, N, 3]` of finite coordinates.
  ///   - second: as many clouds of as many points.
  public static func approximatelyMatched(_ first: Tensor, _ second: Tensor) throws -> Approximation {
    let results = try auctionOperator.call([.tensor(first), .tensor(second)], capacity: 3)
    return Approximation(distances: results[0], lowerBounds: results[1], matches: results[2])
  }
}
