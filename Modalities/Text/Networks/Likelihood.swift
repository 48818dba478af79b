import Foundation
import Torch

/// How likely a generator finds given text.
///
/// With a latent z the likelihood of a sequence is the mean of p(x | z) over the prior. The loss draws one z per
/// sequence: by Jensen's inequality its mean is an upper bound of -log p(x), and equal to it where the network ignores
/// the latent. Several draws tighten the bound (Burda, Grosse and Salakhutdinov, 2016). The end symbol counts, padding does not.
extension TextGenerator {
  /// The mean negative log-likelihood in nats per symbol of a batch: a single number.
  ///
  /// - Parameters:
  ///   - ids: sequences `[B, T]`, padded with end symbols.
  ///   - latents: `[B, Z]`, one for each sequence.
  ///   - labels: `[B]` for conditional networks.
  ///   - dropout: where dropout is drawn from; nil for none.
  public func crossEntropy(of ids: Tensor, latents: Tensor, labels: Tensor?, dropout: RandomStream? = nil)
    throws
    -> Tensor
  {
    var dropout = dropout
    let ids = try spec.hasEnd ? ids.trimmedToLongest() : ids
    let logits = try logits(of: ids, latents: latents, labels: labels, dropout: &dropout)
    return try flat(logits).crossEntropy(targets: targets(ids), ignoring: ignoredTarget)
  }

  /// The negative log-likelihood in nats of each sequence, `[B]`, without gradients.
  ///
  /// - Parameters:
  ///   - ids: sequences `[B, T]`, padded with end symbols.
  ///   - latents: `[K, B, Z]`: the likelihood is averaged over K draws for each sequence.
  ///   - labels: `[B]` for conditional networks.
  public func negativeLogLikelihood(of ids: Tensor, latents: Tensor, labels: Tensor?) throws -> Tensor {
    try withoutGradients {
      let targets = try targets(ids)
      var noDropout: RandomStream?
      let logLikelihoods = try latents.unbound().map { latents in
        let logits = try logits(of: ids, latents: latents, labels: labels, dropout: &noDropout)
        let nats = try flat(logits).crossEntropy(targets: targets, ignoring: ignoredTarget, reduction: .none)
        return try -nats.reshaped(ids.shape).sum(along: 1)
      }
      let count = Double(logLikelihoods.count)
      return try -(Tensor.stacked(logLikelihoods).logSumExp(along: 0) - log(count))
    }
  }

  /// Marks places that count for nothing.
  private var ignoredTarget: Int { -100 }

  private func flat(_ logits: Tensor) throws -> Tensor {
    try logits.reshaped([-1, spec.vocabulary.count])
  }

  /// What is to be predicted at each place, `[B T]`: symbols and the first end symbol.
  private func targets(_ ids: Tensor) throws -> Tensor {
    guard spec.hasEnd else { return try ids.reshaped([-1]) }
    return try ids.filled(where: ids.isAfterEnd(), with: Double(ignoredTarget)).reshaped([-1])
  }
}
