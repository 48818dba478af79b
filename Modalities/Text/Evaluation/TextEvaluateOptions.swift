import ArgumentParser
import ModalityKit

/// The flags of `duel text evaluate`, beside those that all media share.
public struct TextEvaluateOptions: ModalitySamplingOptions {
  @OptionGroup var flags: TextSamplingFlags

  @Option(
    help: ArgumentHelp(
      """
      Latents that the likelihood of a held-out sample is averaged over: the more, the tighter the bound. Likelihoods \
      are those of the model as trained, whatever the temperature.
      """, valueName: "count"))
  var likelihoodDraws = 8

  /// No flags given.
  public init() {}

  /// Checks the ranges.
  public func validate() throws {
    guard (1...10_000).contains(likelihoodDraws) else {
      throw ValidationError("--likelihood-draws \(likelihoodDraws): expected 1 to 10000")
    }
  }

  /// How symbols are drawn.
  public var sampling: TextSampling { flags.sampling }
}
