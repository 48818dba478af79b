import Adversarial
import Torch

/// A critic of clouds in the manner of PointNet (Qi et al., 2017): a network that all points share, pooled over the
/// points, and a head. Knows no order of the points and takes any number of them.
///
/// There is no batch norm: penalties take the gradient sample by sample. A label adds the product of its vector with the
/// head's last features (Miyato and Koyama, 2018).
public final class PointCritic: Discriminator {
  /// The architecture.
  public let recipe: PointCriticRecipe

  private let shared: PerPointLayers
  private let head: PerPointLayers
  private let output: Linear
  private let labelVectors: Embedding?

  /// The shared network, the head, the logit, label vectors where there are labels.
  public var members: Members {
    ["shared": shared, "head": head, "output": output, "label": labelVectors]
  }

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
    output = try Linear(
      inputs: head.outputs, outputs: 1, initialisation: .xavierUniform, using: &stream)
    labelVectors =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: head.outputs,
        initialisation: .normal(standardDeviation: 1 / Double(head.outputs).squareRoot()), using: &stream)
      : nil
  }

  /// Logits `[B]` of clouds `[B, N, 3]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the samples have another shape or labels are missing.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    guard samples.rank == 3, samples.shape[2] == 3 else {
      throw TorchError("PointCritic: samples of shape \(samples.shape), expected [B, N, 3]")
    }
    let features = try head(pooled(samples)).widened()
    let logits = try output(features).widened().squeezingDimension(at: 1)
    guard let labelVectors else { return logits }
    guard let labels else { throw TorchError("PointCritic: no labels, expected [B] of them") }
    return try logits + (features * labelVectors(labels)).sum(along: 1)
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
