import Adversarial
import Torch

/// A generator of point clouds.
///
/// `generate` answers what its discriminator judges, in most networks the clouds themselves; `clouds` answers clouds of
/// any number of points that the network can make.
public protocol PointGenerator: Generator {
  /// Points of every cloud where the network's layers determine it: it makes so many or, by leaving some out, fewer. Nil
  /// for networks that make any number.
  var fixedPointCount: Int? { get }

  /// Makes clouds `[B, points, 3]` on the generator's device.
  ///
  /// - Parameters:
  ///   - latents: `[B, Z]`.
  ///   - labels: `[B]` for conditional networks.
  ///   - points: of a cloud; at most `fixedPointCount`.
  ///   - stream: what random choices are drawn from.
  func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor

  /// Whether the generator has an objective of its own to start with.
  var hasWarmUp: Bool { get }
  /// The loss of that objective on real clouds `[B, N, 3]`: a single number.
  func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor
  /// What the discriminator judges of real clouds `[B, N, 3]`, without gradients.
  func judged(_ clouds: Tensor) throws -> Tensor
  /// How badly real clouds `[B, N, 3]` that it has never seen are met: the lower, the better; nil without a measure.
  func heldOutLoss(on clouds: Tensor) throws -> Double?
}

extension PointGenerator {
  /// None: the duel starts at once.
  public var hasWarmUp: Bool { false }
  /// Never called without a warm-up.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    preconditionFailure("a generator with a warm-up has a warm-up loss")
  }
  /// The clouds themselves.
  public func judged(_ clouds: Tensor) throws -> Tensor { clouds }
  /// None.
  public func heldOutLoss(on clouds: Tensor) throws -> Double? { nil }

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
