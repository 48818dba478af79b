import Adversarial
import Foundation
import PointDatasets
import Torch

/// Shapes as the trainer needs them: clouds `[B, N, 3]`, two networks, previews to look at.
///
/// Every update draws its points of each shape anew, so that no network learns one set of points by heart.
public final class PointGame: Game {
  /// Clouds in a preview.
  static let previewCount = 12
  /// Held-out clouds that a score is made from, at most.
  private static let scoredCount = 128

  private let recipe: PointRecipe
  private let format: PointFormatRecipe
  private let corpus: PointCorpus
  private let points: any PointGenerator
  private let averagedPoints: any PointGenerator

  /// Where the networks lie.
  public let device: Device
  /// The generator being trained.
  public var generator: any Generator { points }
  /// Holds the moving average.
  public var averagedGenerator: any Generator { averagedPoints }
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Shapes to train on.
  public var trainingCount: Int { corpus.training.count }
  /// Time that batches waited for shapes to be read, where they do not fit in memory.
  public var waitingSeconds: Double { corpus.training.waitingSeconds }
  /// Whether the networks start with an objective of their own.
  public var hasWarmUp: Bool { points.hasWarmUp }

  /// Draws the networks.
  ///
  /// - Precondition: the recipe has been completed by the data.
  public init(recipe: PointRecipe, corpus: PointCorpus, seed: UInt64, device: Device) throws {
    guard let format = recipe.format else { preconditionFailure("a recipe is completed by its data first") }
    self.recipe = recipe
    self.format = format
    self.corpus = corpus
    self.device = device
    points = try recipe.makeGenerator(seed: seed, device: device)
    averagedPoints = try recipe.makeGenerator(seed: seed, device: device)
    discriminator = try recipe.makeDiscriminator(seed: seed, device: device)
  }

  /// What the discriminator judges of real shapes: clouds `[B, N, 3]`, or what the generator makes of them. In a warm-up
  /// always clouds.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    var stream = context.stream("points")
    let draws = indices.map { _ in stream.next() }
    let clouds = try clouds(of: corpus.training, at: indices, draws: draws)
    let isWarmUp = context.scope.hasPrefix("warm-up")
    let samples = isWarmUp ? clouds : try withoutGradients { try points.judged(clouds) }
    guard !format.labels.isEmpty else { return Batch(samples: samples) }
    let labels = indices.map { corpus.training.label(at: $0) ?? 0 }
    return Batch(samples: samples, labels: try Tensor(labels, shape: [labels.count], device: device))
  }

  private func clouds(of set: PointSet, at indices: [Int], draws: [UInt64]) throws -> Tensor {
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * format.points * 3)
    for (index, draw) in zip(indices, draws) {
      coordinates += try set.points(at: index, count: format.points, draw: draw)
    }
    return try Tensor(coordinates, shape: [indices.count, format.points, 3], device: device)
  }

  /// Reads shapes in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) { corpus.training.prefetch(indices) }

  /// The objective that the networks start with.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    try points.warmUpLoss(on: batch, context: context)
  }

  /// How badly a generator meets held-out shapes, nil where it has no measure of that.
  public func validationScore(of generator: any Generator) throws -> Double? {
    guard let generator = generator as? any PointGenerator, generator.hasWarmUp, corpus.heldOut.count > 0
    else {
      return nil
    }
    let count = min(corpus.heldOut.count, Self.scoredCount)
    let places = (0..<count).map { $0 * corpus.heldOut.count / count }
    let clouds = try clouds(of: corpus.heldOut, at: places, draws: places.map(UInt64.init))
    return try withoutGradients { try generator.heldOutLoss(on: clouds) }
  }

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
