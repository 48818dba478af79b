import Adversarial
import Torch

/// A critic of codes: affine maps with rectifiers between them, and a logit.
final class CodeCritic: Discriminator {
  private let layers: PerPointLayers
  private let logit: ProjectionHead

  /// The maps, the logit with its labels.
  var members: Members { ["layers": layers, "logit": logit] }

  /// Draws a critic of codes of so many numbers.
  init(recipe: LatentRecipe, numbers: Int, labels: Int = 0, using stream: inout RandomStream) throws {
    layers = try PerPointLayers(
      inputs: numbers, widths: recipe.critic, slope: 0.2, initialisation: .heNormal, using: &stream)
    logit = try ProjectionHead(
      features: layers.outputs, labels: labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of codes `[B, K]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the codes have another size or labels are missing.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try logit(layers(samples), labels: labels)
  }
}
