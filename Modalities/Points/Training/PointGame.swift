import Adversarial
import Foundation
import PointDatasets
import Torch

/// Shapes as the trainer needs them: clouds `[B, N, 3]` or their codes `[B, K]`, two networks, previews to look at.
///
/// Every update draws its points of each shape anew, or deforms its shape anew, so that no network learns a few by heart.
public final class PointGame: Game {
  /// Clouds in a preview.
  static let previewCount = 12

  private let recipe: PointRecipe
  private let format: PointFormatRecipe
  private let corpus: PointCorpus
  /// The shapes as codes, and the generator that deforms them, for networks that play over codes.
  private let codes: (shapes: CodedShapes, generator: LatentGenerator)?

  /// Where the networks lie.
  public let device: Device
  /// The generator being trained.
  public let generator: any Generator
  /// Holds the moving average.
  public let averagedGenerator: any Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Shapes to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for shapes to be read, where they do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }

  /// Draws the networks.
  ///
  /// - Precondition: the recipe has been completed by the data.
  public init(recipe: PointRecipe, dataset: PointDataset, seed: UInt64, device: Device) throws {
    guard let format = recipe.format else { preconditionFailure("a recipe is completed by its data first") }
    self.recipe = recipe
    self.format = format
    self.device = device
    corpus = dataset.corpus
    let generator = try recipe.makeGenerator(seed: seed, device: device)
    let averaged = try recipe.makeGenerator(seed: seed, device: device)
    if let shapes = try dataset.codedShapes(recipe), let generator = generator as? LatentGenerator {
      for case let generator as LatentGenerator in [generator, averaged] { try generator.take(shapes) }
      codes = (shapes, generator)
    } else {
      codes = nil
    }
    self.generator = generator
    averagedGenerator = averaged
    discriminator = try recipe.makeDiscriminator(seed: seed, device: device)
  }

  /// Clouds `[B, N, 3]` of real shapes or their codes `[B, K]`, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    var stream = context.stream("points")
    if let codes {
      let batch = try codes.shapes.batch(at: indices)
      let neighbours = try codes.shapes.deformations.gathered(at: Tensor(indices)).moved(to: device)
      let amounts =
        try stream.normal([indices.count, neighbours.shape[1]]).moved(to: device) * recipe.latent.realShare
      return Batch(
        samples: try withoutGradients {
          try codes.generator.codec.encode(
            codes.generator.deformed(batch.samples.moved(to: device), towards: neighbours, by: amounts))
        },
        labels: try batch.labels?.moved(to: device))
    }
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * format.points * 3)
    for (index, draw) in zip(indices, stream.words(indices.count)) {
      coordinates += try corpus.training.points(at: index, count: format.points, draw: draw)
    }
    let samples = try Tensor(coordinates, shape: [indices.count, format.points, 3], device: device)
    guard !format.labels.isEmpty else { return Batch(samples: samples) }
    let labels = indices.map { corpus.training.label(at: $0) ?? 0 }
    return Batch(samples: samples, labels: try Tensor(labels, shape: [labels.count], device: device))
  }

  /// Reads shapes in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) { corpus.training.prefetch(indices) }

  /// Writes clouds of fixed latents as PLY files with a picture of all, and answers how far their points lie from their
  /// centres.
  public func preview(of generator: any Generator, seed: UInt64, into folder: URL) throws -> [String] {
    guard let generator = generator as? any PointGenerator else { return [] }
    let sampler = PointSampler(generator, recipe: recipe, format: format, device: device)
    let clouds = try sampler.clouds(count: Self.previewCount, seed: seed, labels: .each)
    let files = try PointFiles(in: folder, count: clouds.count, format: .ply)
    for (number, cloud) in clouds.enumerated() { try files.write(cloud, number: number) }
    try PointFiles.drawSheet(of: clouds, in: folder)
    let radii = clouds.map(\.rootMeanSquareRadius)
    let mean = radii.reduce(0, +) / Double(max(radii.count, 1))
    return [
      "\(clouds.count) clouds of \(format.points) points, radius \(String(format: "%.3f", mean)): "
        + folder.relativePath
    ]
  }
}
