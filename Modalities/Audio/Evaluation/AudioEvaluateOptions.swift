import ArgumentParser
import ModalityKit

/// The flags of `duel audio evaluate`, beside those that all media share.
public struct AudioEvaluateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Measure this run beside the model, such as one of classic networks; repeat for several.",
      valueName: "run"),
    completion: .file())
  var beside: [String] = []

  @Option(
    help: ArgumentHelp(
      "Factor of the latents, from 0: below 1 sounds are more typical and less varied.", valueName: "factor"))
  var truncation = 1.0

  @OptionGroup var labels: EvaluationLabels

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    guard (0...10).contains(truncation) else {
      throw ValidationError("--truncation \(truncation): expected 0 to 10")
    }
  }
}
