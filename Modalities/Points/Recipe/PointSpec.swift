import ModalityKit
import PointDatasets

/// What only the data can tell about the networks: points, normalisation, labels, codes.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct PointSpec: DataSpec {
  /// Points of a cloud in training.
  public var points: Int
  /// How shapes were moved and scaled: a model's clouds lie in this frame.
  public var frame: PointFrame
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]
  /// Sizes of codes; nil for networks that play without.
  public var codes: CodeSpec?

  /// Describes data.
  public init(points: Int, frame: PointFrame, labels: [String] = [], codes: CodeSpec? = nil) {
    self.points = points
    self.frame = frame
    self.labels = labels
    self.codes = codes
  }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "normalisation \(frame.normalisation.rawValue), \(names)"
  }

  /// Clouds are comparable in one frame, whatever the number of points that networks were trained with.
  public func isComparable(to other: PointSpec) -> Bool { frame == other.frame && labels == other.labels }
}
