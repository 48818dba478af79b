import Adversarial
import Foundation
import ModalityKit
import Torch

/// How a generator of text learns from its discriminator.
public enum TextObjective: String, Codable, Sendable, CaseIterable {
  /// Symbols become likelier that the discriminator finds to make a sample more real, by its logit as a reward: the policy
  /// gradient, with credit for the symbols that earned it. At the optimum of the logistic loss this lowers KL(q || p), which
  /// does not forgive samples that real text has not, where the likelihood lowers KL(p || q).
  case reward
  /// Samples are made likelier by as much as the discriminator finds them rarer than they are in real text: likelihood on
  /// the generator's own samples, weighted by the ratio of the densities.
  case weighted
  /// The discriminator's gradient, through symbols as the straight-through Gumbel-softmax relaxes them.
  case straightThrough = "straight-through"
}

extension TextGame {
  /// Where symbols are rewarded, as the advantage over other samples.
  public var comparesSamples: Bool { recipe.objective == .reward }

  /// What the generator's update makes small: as the recipe's objective says.
  public func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    if recipe.objective == .straightThrough { return try update.pathwiseObjective(of: generator) }
    let own = try update.judged(by: generator)
    let loss = try withoutGradients { try update.generatorLoss(real: own.realLogits, fake: own.logits) }
    let nats = try networks.generator.symbolCrossEntropy(
      of: own.samples.symbolIDs(), latents: update.latents, labels: update.real.labels)
    let weights: Tensor
    let scalar: Scalar
    if recipe.objective == .reward {
      var explained = 0.0
      weights = try update.compared(own) { batch in
        let credit = try credit(batch)
        explained = credit.explained
        return credit.values
      }.narrowed(along: 1, start: 0, count: nats.shape[1])
      scalar = Scalar("generator.creditExplained", explained)
    } else {
      weights = try WeightedLikelihood.weights(own.logits).expandingDimension(at: 1)
      scalar = Scalar("generator.largestWeight", try weights.max().item() + 1)
    }
    // Per symbol, as the anchor is, so that one rate and one weight fit samples of all lengths.
    let objective = try (nats * weights).sum(along: 1).mean() / Double(spec.sequenceLength)
    return GeneratorObjective(objective, loss: loss, samples: own.samples, scalars: [scalar])
  }

  /// The credit of each symbol of a batch, `[B, T]`.
  private func credit(_ batch: GeneratorUpdate.Judged) throws -> SymbolCredit {
    try withoutGradients {
      try withoutAutocast(on: device) {
        let ids = try batch.samples.symbolIDs()
        let isLive = try spec.hasEnd ? ids.isAfterEnd().negated() : Tensor.ones(ids.shape, device: device)
        let lexicon = (networks.discriminator as? TextDiscriminator)?.lexicon
        return try SymbolCredit(
          logits: batch.logits.widened(),
          evidence: lexicon?.evidence(of: ids) ?? Tensor.zeros(ids.shape + [0], device: device),
          isLive: isLive)
      }
    }
  }
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
