import Corpora
import ModalityKit
import PointDatasets
import Synchronization

/// Real shapes to train on and to measure on.
public struct PointDataset: CorpusDataset {
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
    let options = recipe.data
    corpus = try source.corpus(labels: known?.labels) { path in
      try PointCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options,
        frame: known?.frame, labels: known?.labels)
    } builtIn: {
      try PointCorpus.furniture(options: options, frame: known?.frame, labels: known?.labels)
    }
    guard known == nil else { return }
    let codes =
      recipe.network.networks.playsOverCodes
      ? CodeSpec(recipe.latent, shapes: corpus.training.count, points: options.points) : nil
    recipe.spec = PointSpec(
      points: options.points, frame: corpus.frame, labels: corpus.labelNames, codes: codes)
  }

  /// The training shapes as codes, for networks that play over codes; nil for others. Worked out once for all games of the
  /// data, which have one recipe.
  func codedShapes(_ recipe: PointRecipe) throws -> CodedShapes? {
    guard recipe.network.networks.playsOverCodes else { return nil }
    let spec = try recipe.completeSpec()
    return try coded.value { try CodedShapes(corpus.training, recipe: recipe.latent, spec: spec) }
  }
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
