import Adversarial
import Torch

/// A Markov chain as the finished generator of a game: it has nothing to train, and a verdict can be had on it.
public final class ChainGenerator: Generator {
  private let chain: MarkovGenerator
  private let spec: TextSpec

  /// None.
  public let members: Members = [:]

  /// Makes a generator of a chain over the format's symbols.
  public init(_ chain: MarkovGenerator, spec: TextSpec) {
    (self.chain, self.spec) = (chain, spec)
  }

  /// Draws one sample for each of latents `[B, Z]`, which are not looked at, as one-hot vectors `[B, T, V]` without a gradient.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var stream = context.stream("symbols")
    return try spec.oneHot(
      chain.sample(count: latents.shape[0], maximumLength: spec.maximumLength, using: &stream))
  }
}
