import ArgumentParser
import ModalityKit

/// The flags of `duel text evaluate`, beside those that all media share.
public struct TextEvaluateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What logits are divided by when samples are drawn; likelihoods are those of the model as trained.",
      valueName: "number"))
  var temperature = 1.0

  @Option(help: ArgumentHelp("Draw from so many of the likeliest symbols only.", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp("Draw from the likeliest symbols that have this share only.", valueName: "share"))
  var topP: Double?

  @Option(
    help: ArgumentHelp(
      "Latents that the likelihood of a held-out sample is averaged over: the more, the tighter the bound.",
      valueName: "count"))
  var likelihoodDraws = 8

  /// No flags given.
  public init() {}

  /// Checks the ranges.
  public func validate() throws {
    guard (1...10_000).contains(likelihoodDraws) else {
      throw ValidationError("--likelihood-draws \(likelihoodDraws): expected 1 to 10000")
    }
  }

  /// The options as the sampler takes them.
  var sampling: TextSamplingOptions {
    TextSamplingOptions(temperature: temperature, topK: topK, topP: topP)
  }
}
