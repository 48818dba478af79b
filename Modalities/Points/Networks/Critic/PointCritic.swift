import Adversarial
import Torch

/// A critic of clouds in the manner of PointNet (Qi et al., 2017): a network that all points share, pooled over the
/// points, and a head. Knows no order of the points and takes any number of them.
///
/// There is no batch norm: penalties take the gradient sample by sample.
public final class PointCritic: Discriminator {
  /// The architecture.
  public let recipe: PointCriticRecipe

  private let shared: PerPointLayers
  private let head: PerPointLayers
  private let logit: ProjectionHead

  /// The shared network, the head, the logit with its labels.
  public var members: Members { ["shared": shared, "head": head, "logit": logit] }

  /// Draws a critic.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: where the weights are drawn from.
  public init(recipe: PointCriticRecipe, labels: Int = 0, using stream: inout RandomStream) throws {
    self.recipe = recipe
    shared = try PerPointLayers(
      inputs: 3, widths: recipe.widths, slope: recipe.slope, initialisation: .heNormal, using: &stream)
    head = try PerPointLayers(
      inputs: recipe.pooling == .both ? 2 * shared.outputs : shared.outputs, widths: recipe.head,
      slope: recipe.headSlope, initialisation: .xavierUniform, using: &stream)
    logit = try ProjectionHead(
      features: head.outputs, labels: labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of clouds `[B, N, 3]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the samples have another shape or labels are missing.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    guard samples.rank == 3, samples.shape[2] == 3 else {
      throw TorchError("PointCritic: samples of shape \(samples.shape), expected [B, N, 3]")
    }
    return try logit(head(pooled(samples)), labels: labels)
  }

  /// `[B, C]`, or `[B, 2 C]` with both kinds.
  private func pooled(_ clouds: Tensor) throws -> Tensor {
    switch recipe.pooling {
    case .max: return try CriticalPoints.maximum(of: clouds, through: shared)
    case .mean: return try shared(clouds).widened().mean(along: 1)
    case .both:
      let features = try shared(clouds)
      return try Tensor.concatenated(
        [
          features.maximumOverPoints().widened(),
          features.widened().mean(along: 1),
        ],
        along: 1)
    }
  }
}
