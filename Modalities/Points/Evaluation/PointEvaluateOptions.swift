import ArgumentParser
import ModalityKit
import PointDatasets

/// The flags of `duel points evaluate`, beside those that all media share.
public struct PointEvaluateOptions: ModalitySamplingOptions {
  @Option(
    help: ArgumentHelp(
      "Points of every cloud that is measured. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    name: .customLong("normalize"),
    help: "The normalisation that the numbers are meant for: any other than the model's is refused.")
  var normalisation: PointNormalisation?

  /// How clouds are drawn.
  public var sampling: PointSampling { PointSampling(points: points) }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    if let points, !(16...65_536).contains(points) {
      throw ValidationError("--points \(points): expected 16 to 65536")
    }
  }
}
