import Adversarial
import Torch

/// A critic of codes: affine maps with rectifiers between them, and a logit. A label adds the product of its vector with the
/// last features (Miyato and Koyama, 2018).
final class CodeCritic: Discriminator {
  private let layers: PerPointLayers
  private let output: Linear
  private let labelVectors: Embedding?

  /// The maps, the logit, label vectors where there are labels.
  var members: Members { ["layers": layers, "output": output, "label": labelVectors] }

  /// Draws a critic of codes of so many numbers.
  init(recipe: LatentRecipe, numbers: Int, labels: Int = 0, using stream: inout RandomStream) throws {
    layers = try PerPointLayers(
      inputs: numbers, widths: recipe.critic, slope: 0.2, initialisation: .heNormal, using: &stream)
    output = try Linear(inputs: layers.outputs, outputs: 1, initialisation: .xavierUniform, using: &stream)
    labelVectors =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: layers.outputs,
        initialisation: .normal(standardDeviation: 1 / Double(layers.outputs).squareRoot()), using: &stream)
      : nil
  }

  /// Logits `[B]` of codes `[B, K]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the codes have another size or labels are missing.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let features = try layers(samples).widened()
    let logits = try output(features).widened().squeezingDimension(at: 1)
    guard let labelVectors else { return logits }
    guard let labels else { throw TorchError("CodeCritic: no labels, expected [B] of them") }
    return try logits + (features * labelVectors(labels)).sum(along: 1)
  }
}
