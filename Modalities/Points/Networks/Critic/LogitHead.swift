import Torch

/// A critic's last step: an affine map from features to a logit, to which a label adds the product of its vector with the
/// features (Miyato and Koyama, 2018).
final class LogitHead: Module {
  private let output: Linear
  private let labelVectors: Embedding?

  /// The map, label vectors where there are labels.
  var members: Members { ["output": output, "label": labelVectors] }

  /// Draws a head.
  ///
  /// - Parameters:
  ///   - features: how many.
  ///   - labels: how many there are; 0 without conditions.
  ///   - stream: where the weights are drawn from.
  init(features: Int, labels: Int, using stream: inout RandomStream) throws {
    output = try Linear(inputs: features, outputs: 1, initialisation: .xavierUniform, using: &stream)
    labelVectors =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: features,
        initialisation: .normal(standardDeviation: 1 / Double(features).squareRoot()), using: &stream)
      : nil
  }

  /// Logits `[B]` of features `[B, C]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing.
  func callAsFunction(_ features: Tensor, labels: Tensor?) throws -> Tensor {
    let features = try features.widened()
    let logits = try output(features).widened().squeezingDimension(at: 1)
    guard let labelVectors else { return logits }
    guard let labels else { throw TorchError("LogitHead: no labels, expected [B] of them") }
    return try logits + (features * labelVectors(labels)).sum(along: 1)
  }
}
