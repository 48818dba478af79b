import Adversarial
import Foundation
import ModalityKit
import PointDatasets
import Torch

/// Shapes as the trainer needs them: clouds `[B, N, 3]` or their codes `[B, K]`, two networks, previews to look at.
///
/// Every update draws its points of each shape anew, or deforms its shape anew, so that no network learns a few by heart.
public final class PointGame: Game {
  /// Clouds in a preview.
  static let previewCount = 12

  private let recipe: PointRecipe
  private let spec: PointSpec
  private let corpus: PointCorpus
  private let networks: GameNetworks<PointRecipe>
  /// The shapes as codes, and the generator that deforms them, for networks that play over codes.
  private let codes: (shapes: CodedShapes, generator: LatentGenerator)?

  /// Where the networks lie.
  public var device: Device { networks.device }
  /// The generator being trained.
  public var generator: any Generator { networks.generator }
  /// Holds the moving average.
  public var averagedGenerator: any Generator { networks.averagedGenerator }
  /// The discriminator.
  public var discriminator: any Discriminator { networks.discriminator }
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
    } else {
      codes = nil
    }
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
    coordinates.reserveCapacity(indices.count * spec.points * 3)
    for (index, draw) in zip(indices, stream.words(indices.count)) {
      coordinates += try corpus.training.points(at: index, count: spec.points, draw: draw)
    }
    let samples = try Tensor(coordinates, shape: [indices.count, spec.points, 3], device: device)
    guard !spec.labels.isEmpty else { return Batch(samples: samples) }
    let labels = indices.map { corpus.training.label(at: $0) ?? 0 }
    return Batch(samples: samples, labels: try Tensor(labels, shape: [labels.count], device: device))
  }

  /// Reads shapes in the background, where they do not fit in memory.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) { corpus.training.prefetch(indices) }

  /// Clouds of fixed latents as PLY files with a picture of all, `sheet.png`; for the terminal, how far their points lie
  /// from their centres.
  public func preview(of generator: any Generator, seed: UInt64) throws -> Preview {
    let sampler = try Sampler<Points>(
      networks.averagedGenerator, recipe: recipe, device: device, options: PointSampling())
    let clouds = try sampler.samples(count: Self.previewCount, seed: seed, labels: .each)
    var items = try clouds.enumerated().map { number, cloud in
      let name = String(format: "%04d.ply", number)
      return PreviewItem(
        fileName: name, content: .cloud(cloud.coordinates),
        fileBytes: try ShapeFile.bytes(of: cloud, format: .ply, name: name))
    }
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
