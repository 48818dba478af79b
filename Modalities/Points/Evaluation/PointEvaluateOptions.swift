import ArgumentParser
import ModalityKit
import PointDatasets

/// The flags of `duel points evaluate`, beside those that all media share.
public struct PointEvaluateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Measure this run beside the model, such as one of mlp networks; repeat for several.",
      valueName: "run"),
    completion: .file())
  var beside: [String] = []

  @Option(
    help: ArgumentHelp(
      "Points of every cloud that is measured. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    name: .customLong("normalize"),
    help: "The normalisation that the numbers are meant for: any other than the model's is refused.")
  var normalisation: PointNormalisation?

  @Option(
    help: ArgumentHelp(
      "Factor of the latents, from 0: below 1 shapes are more typical and less varied.", valueName: "factor"))
  var truncation = 1.0

  @OptionGroup var labels: EvaluationLabels

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    if let points, !(16...65_536).contains(points) {
      throw ValidationError("--points \(points): expected 16 to 65536")
    }
    guard (0...10).contains(truncation) else {
      throw ValidationError("--truncation \(truncation): expected 0 to 10")
    }
  }
}
