import Adversarial
import Torch

/// A generator of point clouds.
///
/// `generate` answers clouds of as many points as in training; `clouds` answers clouds of any number that the network can
/// make.
public protocol PointGenerator: Generator {
  /// Points of every cloud where the network's layers determine it: it makes so many or, by leaving some out, fewer. Nil
  /// for networks that make any number.
  var fixedPointCount: Int? { get }
  /// Itself where it makes clouds of codes; nil for networks that play without.
  var overCodes: LatentGenerator? { get }
  /// Itself where its shapes have parts that correspond; nil for others.
  var editable: (any EditableGenerator)? { get }

  /// Makes clouds `[B, points, 3]` on the generator's device.
  ///
  /// - Parameters:
  ///   - latents: `[B, Z]`.
  ///   - labels: `[B]` for conditional networks.
  ///   - points: of a cloud; at most `fixedPointCount`.
  ///   - stream: what random choices are drawn from.
  func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
}

extension PointGenerator {
  /// Plays without codes.
  public var overCodes: LatentGenerator? { nil }
  /// Its shapes have no parts that correspond.
  public var editable: (any EditableGenerator)? { nil }

  /// Clouds of a network whose layers determine the number of points: for fewer, a choice of its points that is drawn for
  /// all clouds alike, so that point n of one cloud still corresponds to point n of another.
  ///
  /// - Precondition: `points` is at most `fixedPointCount`.
  func thinned(_ clouds: Tensor, to points: Int, using stream: inout RandomStream) throws -> Tensor {
    let total = clouds.shape[1]
    precondition(points <= total, "a network of \(total) points makes no \(points)")
    guard points < total else { return clouds }
    let kept = stream.indices(points, outOf: total).sorted()
    return try clouds.gathered(at: Tensor(kept).moved(to: clouds.device), along: 1)
  }
}
