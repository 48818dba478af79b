import PointDatasets

/// What only the data can tell about the networks: points, normalisation, labels, codes.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct PointFormatRecipe: Codable, Equatable, Sendable {
  /// Points of a cloud in training.
  public var points: Int
  /// How shapes were moved and scaled: a model's clouds lie in this frame.
  public var frame: PointFrame
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]
  /// Sizes of codes; nil for networks that play without.
  public var codes: CodeFormatRecipe?

  /// Describes data.
  public init(points: Int, frame: PointFrame, labels: [String] = [], codes: CodeFormatRecipe? = nil) {
    self.points = points
    self.frame = frame
    self.labels = labels
    self.codes = codes
  }

  /// In words, for messages.
  var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "normalisation \(frame.normalisation.rawValue), \(names)"
  }
}
