import Corpora
import Failures

/// How shape files become samples. Together with the files it determines the corpus entirely, so a recipe
/// stores it.
public struct PointCorpusOptions: CorpusOptions {
  /// Points of a sample: that many of a shape's points are drawn at each visit.
  public var points: Int
  /// Where shapes are moved to and how large they are made.
  public var normalisation: PointNormalisation
  /// Where labels (conditions) come from, as `LabelRule` reads it, or `array` for those beside the shapes in NPZ files; nil
  /// for none.
  public var labels: String?
  /// A regular expression for the paths below the folder of files that are held out.
  public var holdoutPattern: String?
  /// Whether shapes that cannot be used are left out and counted, instead of being an error.
  public var skipBad: Bool
  /// Points drawn from each mesh or voxel grid, which then are the shape.
  public var meshPoints: Int
  /// How the axes of arrays lie; nil to find that out.
  public var axes: ArrayAxes?
  /// The array of NPZ files that have several; nil for their only one or one of a usual name.
  public var array: String?

  /// Points that a sample or a mesh may have.
  public static let pointsRange = 1...1_048_576
  /// A shape needs this part of a sample's points; where it has fewer points than a sample, some are repeated.
  static let leastShare = 4

  /// Options with defaults that suit shapes of one kind on a small machine.
  public init(
    points: Int = 512, normalisation: PointNormalisation = .box, labels: String? = nil,
    holdoutPattern: String? = nil, skipBad: Bool = false, meshPoints: Int = 2048,
    axes: ArrayAxes? = nil, array: String? = nil
  ) {
    self.points = points
    self.normalisation = normalisation
    self.labels = labels
    self.holdoutPattern = holdoutPattern
    self.skipBad = skipBad
    self.meshPoints = meshPoints
    self.axes = axes
    self.array = array
  }

  /// Checks the ranges and the regular expressions.
  ///
  /// - Throws: `UserError` (usage) that names the option, its value and what was expected.
  public func validate() throws {
    try expect("points", points, in: Self.pointsRange)
    try expect("meshPoints", meshPoints, in: Self.pointsRange)
    try validateRules()
  }

  /// How files are read.
  public var rules: ShapeRules {
    ShapeRules(axes: axes, array: array, skipsBadRows: skipBad, takesLabels: labels == Self.arrayLabels)
  }

  /// The text that asks for labels from an array beside that of the shapes.
  public static let arrayLabels = "array"

  /// The options as far as they say what the names of files mean.
  var forNames: PointCorpusOptions {
    var options = self
    if rules.takesLabels { options.labels = nil }
    return options
  }

  /// The fewest points that a shape may have.
  var fewestPoints: Int { max(1, points / Self.leastShare) }
}
