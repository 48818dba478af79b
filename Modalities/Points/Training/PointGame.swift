import Adversarial
import Corpora
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Shapes as the trainer needs them: clouds `[B, N, 3]` or their codes `[B, K]`, two networks, previews to look at.
///
/// Every update draws new points of each shape, or a new deformation of it, against overfitting.
public final class PointGame: RecipeGame {
  private let recipe: PointRecipe
  private let spec: PointSpec
  private let corpus: PointCorpus
  /// The networks that play.
  public let networks: GameNetworks<PointRecipe>
  /// The shapes as codes, and the generator that deforms them, for networks that generate codes.
  private let codes: (shapes: CodedShapes, generator: LatentGenerator)?
  private let validation: PointValidation?

  /// Shapes to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for shapes to be read, where they do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }

  /// Initialises the networks.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(recipe: PointRecipe, dataset: PointDataset, seed: UInt64, device: Device) throws {
    self.recipe = recipe
    spec = try recipe.completeSpec()
    corpus = dataset.corpus
    networks = try GameNetworks(recipe, seed: seed, device: device)
    if let shapes = try dataset.codedShapes(recipe), let generator = networks.generator.overCodes {
      try generator.take(shapes)
      try networks.averagedGenerator.overCodes?.take(shapes)
      codes = (shapes, generator)
      validation = try PointValidation(corpus, spec: spec)
    } else {
      (codes, validation) = (nil, nil)
    }
  }

  /// Over codes a generator begins with exemplars, deformed.
  public var beginsWithSamples: Bool { codes != nil }

  /// The score of `PointValidation`, for networks that play over codes.
  public func validationScore() throws -> Double? {
    try validation?.score(networks.averagedGenerator, recipe: recipe, device: device)
  }

  /// Clouds `[B, N, 3]` of real shapes or their codes `[B, K]`, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    var stream = context.stream("points")
    if let codes {
      let batch = try codes.shapes.batch(at: indices)
      let neighbours = try codes.shapes.deformations.gathered(at: Tensor(indices)).moved(to: device)
      let count = recipe.latent.deformationLaw.amountCount(neighbours.shape[1])
      let amounts = try stream.normal([indices.count, count]).moved(to: device)
      return Batch(
        samples: try withoutGradients {
          try codes.generator.codec.encode(
            codes.generator.deformed(
              batch.samples.moved(to: device), towards: neighbours, by: amounts,
              share: recipe.latent.realShare))
        },
        labels: try batch.labels?.moved(to: device))
    }
    return try batch(of: corpus.training, at: indices, draws: stream.words(indices.count))
  }

  /// Shapes that are not trained on; of codes some of them.
  public var heldOutCount: Int {
    guard let codes else { return corpus.untrained.count }
    return codes.shapes.heldOut?.count ?? 0
  }
  /// Whether these are a validation part.
  public var canTrainOnHeldOut: Bool { corpus.validation.count > 0 }
  /// Not over codes, whose generator holds training shapes as exemplars.
  public var canReserve: Bool { codes == nil }

  /// Shapes of the validation part; codes are as they are: training's are deformed a little.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    if let codes {
      guard let all = codes.shapes.heldOut else { throw TorchError("found no held-out codes") }
      let chosen = try Tensor(indices)
      return Batch(
        samples: try all.samples.gathered(at: chosen).moved(to: device),
        labels: try all.labels?.gathered(at: chosen).moved(to: device))
    }
    var stream = context.stream("points")
    return try batch(of: corpus.untrained, at: indices, draws: stream.words(indices.count))
  }

  /// Clouds of shapes, each with the points that a word draws.
  private func batch(of set: PointSet, at indices: [Int], draws: [UInt64]) throws -> Batch {
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * spec.points * 3)
    for (index, draw) in zip(indices, draws) {
      coordinates += try set.points(at: index, count: spec.points, draw: draw)
    }
    let samples = try Tensor(coordinates, shape: [indices.count, spec.points, 3], device: device)
    return try Batch(samples, of: set, at: indices)
  }

  /// Reads shapes in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) { corpus.training.prefetch(indices) }

  /// Clouds of fixed latents as PLY files with a picture of all, `sheet.png`; for the terminal, how far their points lie
  /// from their centres.
  public func preview(seed: UInt64) throws -> Preview {
    let sampler = try Sampler<Points>(
      networks.averagedGenerator, recipe: recipe, device: device, options: PointSampling())
    let clouds = try sampler.samples(count: Points.previewCount, seed: seed, labels: .each)
    var items = try Points.previewItems(of: clouds, recipe: recipe)
    items.append(
      try PreviewItem(fileName: PointFiles.sheetName, picture: ContactSheet(clouds: clouds).picture()))
    let radii = clouds.map(\.rootMeanSquareRadius)
    let mean = radii.reduce(0, +) / Double(max(radii.count, 1))
    return Preview(
      items: items,
      lines: [
        "\(clouds.count) clouds of \(spec.points) points, radius \(String(format: "%.3f", mean)): \(PointFiles.sheetName)"
      ])
  }
}

/// Real shapes to train on and to measure on.
public struct PointDataset: CorpusDataset {
  /// The clouds, split.
  public let corpus: PointCorpus
  private let coded = Kept<CodedShapes>()

  /// Opens the user's shapes, or makes the built-in furniture when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is normalised as the model's was.
  /// - Throws: `UserError` that names the file and where in it data is missing or malformed.
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

  /// The same with so many shapes of each part at most, and the recipe's codes for as few; nil where networks play over clouds,
  /// which need no preparation.
  func thinned(to limit: Int, recipe: inout PointRecipe) -> PointDataset? {
    guard recipe.spec?.codes != nil else { return nil }
    let few = PointDataset(corpus: corpus.thinned(to: limit))
    recipe.spec?.codes = CodeSpec(
      recipe.latent, shapes: few.corpus.training.count, points: corpus.options.points)
    return few
  }

  private init(corpus: PointCorpus) { self.corpus = corpus }

  /// The training shapes as codes, for networks that generate codes; nil for others. Worked out once for all games of the
  /// data, which have one recipe.
  func codedShapes(_ recipe: PointRecipe) throws -> CodedShapes? {
    guard recipe.network.networks.playsOverCodes else { return nil }
    let spec = try recipe.completeSpec()
    return try coded.value {
      try CodedShapes(corpus.training, heldOut: corpus.untrained, recipe: recipe.latent, spec: spec)
    }
  }
}
