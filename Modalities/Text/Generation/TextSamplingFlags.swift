import ArgumentParser
import Failures
import ModalityKit

/// The flags that say how symbols are drawn, the same wherever samples are.
struct TextSamplingFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What logits are divided by: below 1 the likely becomes likelier, 0 takes the likeliest symbol always.",
      valueName: "number"))
  var temperature = 1.0

  @Option(help: ArgumentHelp("Draw from so many of the likeliest symbols only.", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp("Draw from the likeliest symbols that have this share only.", valueName: "share"))
  var topP: Double?

  /// Checks the ranges.
  func validate() throws {
    do { try options.validate() } catch let error as UserError { throw ValidationError(error.message) }
  }

  /// The options as the sampler takes them.
  var options: TextSamplingOptions {
    TextSamplingOptions(temperature: temperature, topK: topK, topP: topP)
  }
}
