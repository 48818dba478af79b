import Corpora
import Failures

/// How shape files become samples. Together with the files it determines the corpus entirely, so a recipe
/// stores it.
public struct PointCorpusOptions: Codable, Equatable, Sendable {
  /// Points of a sample: that many of a shape's points are drawn at each visit.
  public var points: Int
  /// Where shapes are moved to and how large they are made.
  public var normalisation: PointNormalisation
  /// Where labels (conditions) come from: nil for none, `folder` for the name of the subfolder, or a regular
  /// expression that is searched in the file's name and whose first group is the label.
  public var labels: String?
  /// A regular expression that is searched in the path below the folder: files where it is found are held out.
  public var holdoutPattern: String?
  /// Whether shapes that cannot be used are left out and counted, instead of being an error.
  public var skipBad: Bool
  /// Points drawn from each mesh or voxel grid, which then are the shape.
  public var meshPoints: Int

  /// Points that a sample or a mesh may have.
  public static let pointsRange = 1...1_048_576
  /// The value of `labels` that takes the name of the subfolder.
  public static let folderLabels = LabelRule.folderText
  /// A shape needs this part of a sample's points; where it has fewer points than a sample, some are repeated.
  static let leastShare = 4

  /// Options with defaults that suit shapes of one kind on a small machine.
  public init(
    points: Int = 512, normalisation: PointNormalisation = .box, labels: String? = nil,
    holdoutPattern: String? = nil, skipBad: Bool = false, meshPoints: Int = 2048
  ) {
    self.points = points
    self.normalisation = normalisation
    self.labels = labels
    self.holdoutPattern = holdoutPattern
    self.skipBad = skipBad
    self.meshPoints = meshPoints
  }

  /// Checks the ranges and the regular expressions.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and what was expected.
  public func validate() throws {
    for (name, value) in [("points", points), ("meshPoints", meshPoints)] {
      guard !Self.pointsRange.contains(value) else { continue }
      throw UserError(
        .usage,
        "\(name): found \(value), expected \(Self.pointsRange.lowerBound) to \(Self.pointsRange.upperBound)")
    }
    _ = try LabelRule(labels)
    _ = try HoldoutRule(pattern: holdoutPattern)
  }

  /// Writes every key, `"labels": null` included, so that a stored recipe shows all there is to choose.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(points, forKey: .points)
    try container.encode(normalisation, forKey: .normalisation)
    try container.encode(labels, forKey: .labels)
    try container.encode(holdoutPattern, forKey: .holdoutPattern)
    try container.encode(skipBad, forKey: .skipBad)
    try container.encode(meshPoints, forKey: .meshPoints)
  }

  /// The fewest points that a shape may have.
  var fewestPoints: Int { max(1, points / Self.leastShare) }
}
