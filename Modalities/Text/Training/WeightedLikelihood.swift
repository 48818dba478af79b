import Adversarial
import Foundation
import ModalityKit
import Torch

/// How a generator of text learns from its discriminator.
public enum TextObjective: String, Codable, Sendable, CaseIterable {
  /// Samples are made likelier by as much as the discriminator finds them rarer than they are in real text: likelihood on
  /// the generator's own samples, weighted by the ratio of the densities.
  case weighted
  /// The discriminator's gradient, through symbols as the straight-through Gumbel-softmax relaxes them.
  case straightThrough = "straight-through"
}

/// Likelihood on a generator's own samples, weighted by the ratio of real text's density to the generator's.
///
/// Where r(x) = p(x) / q(x), `E_q[r(x) ∇ log q(x)] = E_p[∇ log q(x)]`: the gradient of the likelihood of real text,
/// taken on samples of which there is no end (Khalifa, Elsahar and Dymetman, "A distributional approach to controlled
/// text generation", ICLR 2021, in the form for p / q). Nothing is relaxed. What the discriminator does not tell, r = 1, adds nothing, since
/// `E_q[∇ log q(x)] = 0`; so 1 is subtracted, which takes away noise.
struct WeightedLikelihood {
  /// Weights beyond are cut off: a few samples are not to decide an update.
  static let largestWeight = 5.0

  /// The weights `[B]` of samples by the discriminator's logits `[B]`: the ratio, at most `largestWeight`, less 1.
  ///
  /// At the optimum of a logistic loss a logit is the logarithm of the ratio.
  static func weights(_ logits: Tensor) throws -> Tensor {
    try withoutGradients { try logits.widened().clamped(to: log(largestWeight)).exp() - 1 }
  }
}

extension TextGame {
  /// What the generator's update makes small: as the recipe's objective says.
  public func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    switch recipe.objective {
    case .straightThrough:
      let (samples, fakeLogits, realLogits) = try update.pass(through: generator)
      return GeneratorObjective(
        try update.generatorLoss(real: realLogits, fake: fakeLogits), samples: samples)
    case .weighted: return try weightedObjective(update)
    }
  }

  private func weightedObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    let (samples, loss, weights) = try withoutGradients {
      let (samples, fakeLogits, realLogits) = try update.pass(through: generator)
      return (
        samples, try update.generatorLoss(real: realLogits, fake: fakeLogits),
        try WeightedLikelihood.weights(fakeLogits)
      )
    }
    let nats = try networks.generator.sequenceCrossEntropy(
      of: samples.symbolIDs(), latents: update.latents, labels: update.real.labels)
    // Per symbol, as the anchor is, so that one rate and one weight fit samples of all lengths.
    let symbols = Double(spec.sequenceLength)
    return GeneratorObjective(
      try (nats * weights).mean() / symbols, loss: loss, samples: samples,
      scalars: [Scalar("generator.largestWeight", try weights.max().item() + 1)])
  }
}
