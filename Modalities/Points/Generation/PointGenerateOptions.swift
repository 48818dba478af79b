import ArgumentParser
import PointDatasets

/// The flags of `duel points generate`, beside those that all media share.
public struct PointGenerateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Points of each cloud. (default: as in training)", valueName: "count"))
  var points: Int?

  @Option(
    help: ArgumentHelp(
      "Only shapes of this label, or each label in turn: each. (default: any)", valueName: "label"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "Factor of the latents, from 0: below 1 shapes are more typical and less varied.", valueName: "factor"))
  var truncation = 1.0

  @Option(help: "How files are written: ply (binary), xyz (text), npy or obj.")
  var format = ShapeFormat.ply

  @Flag(help: "Draw the first hundred shapes side by side into a picture, sheet.png.")
  var sheet = false

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    try Self.requirePoints(points)
    guard (0...10).contains(truncation) else {
      throw ValidationError("--truncation \(truncation): expected 0 to 10")
    }
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
