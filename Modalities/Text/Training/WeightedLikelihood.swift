import Foundation
import Torch

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
