import ArgumentParser
import ModalityKit

/// The flags of `duel text generate`, beside those that all media share.
public struct TextGenerateOptions: ParsableArguments {
  @OptionGroup var flags: TextSamplingFlags

  @Option(help: ArgumentHelp("What every sample begins with.", valueName: "text"))
  var prefix = ""

  @Option(help: ArgumentHelp("The label to generate with. (default: any)", valueName: "name"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      """
      Draw from a Markov chain over so many symbols (1 to 8) fitted to the run's data instead of from the network: \
      the classical baseline.
      """, valueName: "order"))
  var markov: Int?

  /// No flags given.
  public init() {}

  /// Checks the ranges, and that flags fit each other.
  public func validate() throws {
    guard let markov else { return }
    guard (1...8).contains(markov) else { throw ValidationError("--markov \(markov): expected 1 to 8") }
    guard sampling == TextSamplingOptions() else {
      throw ValidationError("--markov: takes neither temperature nor top-k, top-p, prefix or label")
    }
  }

  /// The options as the sampler takes them.
  var sampling: TextSamplingOptions {
    var options = flags.options
    options.prefix = prefix
    options.label = label
    return options
  }
}
