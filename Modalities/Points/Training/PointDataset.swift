import ModalityKit
import PointDatasets
import Synchronization

/// Real shapes to train on and to measure on.
public struct PointDataset: ModalityDataset, Sendable {
  /// The clouds, split.
  public let corpus: PointCorpus
  private let coded = Kept<CodedShapes>()

  /// Opens the user's shapes, or makes the built-in furniture when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is normalised as the model's was.
  /// - Throws: `UserError` that names the file and the place where data is missing or malformed.
  public init(_ source: DataSource, recipe: inout PointRecipe) throws {
    let known = recipe.spec
    if let path = source.path {
      corpus = try PointCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: recipe.data,
        frame: known?.frame, labels: known?.labels)
    } else {
      try source.requireNoParts()
      corpus = try PointCorpus.furniture(options: recipe.data, frame: known?.frame, labels: known?.labels)
    }
    guard let known else {
      let points = recipe.data.points
      let codes =
        recipe.network.networks.playsOverCodes
        ? CodeSpec(recipe.latent, shapes: corpus.training.count, points: points) : nil
      recipe.spec = PointSpec(
        points: points, frame: corpus.frame, labels: corpus.labelNames, codes: codes)
      return
    }
    try DataSource.requireLabels(corpus.labelNames, toBe: known.labels, in: corpus.report.source)
  }

  /// The training shapes as codes, for networks that play over codes; nil for others. Worked out once for all games of the
  /// data, which have one recipe.
  func codedShapes(_ recipe: PointRecipe) throws -> CodedShapes? {
    guard recipe.network.networks.playsOverCodes else { return nil }
    let spec = try recipe.completeSpec()
    return try coded.value { try CodedShapes(corpus.training, recipe: recipe.latent, spec: spec) }
  }
}

extension PointDataset {
  /// What was read, left out and split.
  public var descriptionLines: [String] { [corpus.report.description] }
  /// Identifies all parts of the data.
  public var fingerprint: String { corpus.fingerprint }
  /// Samples to choose by.
  public var validationCount: Int { corpus.validation.count }
  /// The label of each training shape.
  public var trainingLabels: [Int?] { (0..<corpus.training.count).map { corpus.training.label(at: $0) } }
}

/// A value that takes time to work out, and is worked out when it is first asked for.
private final class Kept<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  func value(_ make: () throws -> Value) throws -> Value {
    try stored.withLock { stored in
      if let stored { return stored }
      let made = try make()
      stored = made
      return made
    }
  }
}
