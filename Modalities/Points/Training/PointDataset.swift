import ModalityKit
import PointDatasets

/// Real shapes to train on and to measure on.
public struct PointDataset: Sendable {
  /// The clouds, split.
  public let corpus: PointCorpus

  /// Opens the user's shapes, or makes the built-in furniture when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is normalised as the model's was.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  public init(_ source: DataSource, recipe: inout PointRecipe) throws {
    let known = recipe.format
    if let path = source.path {
      corpus = try PointCorpus(
        path: path, holdout: source.holdout, options: recipe.data, frame: known?.frame, labels: known?.labels)
    } else {
      try source.requireNoHoldout()
      corpus = try PointCorpus.furniture(options: recipe.data, frame: known?.frame, labels: known?.labels)
    }
    guard let known else {
      recipe.format = PointFormatRecipe(
        points: recipe.data.points, frame: corpus.frame, labels: corpus.labelNames)
      return
    }
    try DataSource.requireLabels(corpus.labelNames, toBe: known.labels, in: corpus.report.source)
  }
}
