import ArgumentParser
import ModalityKit
import PointDatasets

/// The flags of `duel points generate`, beside those that all media share.
public struct PointGenerateOptions: ModalitySamplingOptions {
  @Option(help: ArgumentHelp("Points of each cloud. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @Flag(help: "Draw the first hundred shapes side by side into a picture, sheet.png.")
  var sheet = false

  /// How clouds are drawn.
  public var sampling: PointSampling { PointSampling(points: points) }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    try Self.requirePoints(points)
  }

  /// Refuses numbers of points that are slips.
  ///
  /// - Throws: `ValidationError` that names the flag.
  static func requirePoints(_ points: Int?) throws {
    guard let points, !(1...1_000_000).contains(points) else { return }
    throw ValidationError("--points \(points): expected 1 to 1000000")
  }
}

extension ShapeFormat: ExpressibleByArgument {}
