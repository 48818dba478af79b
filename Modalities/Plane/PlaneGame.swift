import Adversarial
import Files
import Foundation
import ModalityKit
import Pictures
import PlaneDatasets
import Torch

/// Points in the plane as the trainer needs them: standardised, with two networks and pictures of both.
public final class PlaneGame: Game {
  /// Samples in a preview.
  static let previewCount = 1_000
  /// Samples and validation points whose energy distance chooses among checkpoints, at most.
  private static let validationCount = 500

  /// The generator being trained.
  public let generator: any Generator
  /// Holds the moving average.
  public let averagedGenerator: any Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Where the networks lie.
  public let device: Device
  private let recipe: PlaneRecipe
  private let spec: PlaneSpec
  private let points: Tensor
  private let labels: Tensor?
  private let validation: KernelDistance?
  private let validationLabels: [Int]?
  private let drawing: PlanePicture
  private let density: (any PlaneDensity)?

  /// Initialises the networks.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public init(recipe: PlaneRecipe, corpus: PlaneCorpus, seed: UInt64, device: Device) throws {
    generator = try PlaneGenerator(recipe, seed: seed, device: device)
    averagedGenerator = try PlaneGenerator(recipe, seed: seed, device: device)
    discriminator = try PlaneDiscriminator(recipe, seed: seed, device: device)
    self.recipe = recipe
    self.device = device
    spec = try recipe.completeSpec()
    points = try spec.standardised(corpus.training.points).moved(to: device)
    labels =
      spec.labels.isEmpty
      ? nil : try Tensor(corpus.training.labels.map { $0 ?? 0 }, shape: [points.shape[0]], device: device)
    let chosen = corpus.validation.points.prefix(Self.validationCount)
    validation =
      chosen.count < 4
      ? nil : try KernelDistance(reference: spec.standardised(Array(chosen)), kernel: .energy)
    validationLabels = spec.labels.isEmpty ? nil : corpus.validation.labels.map { $0 ?? 0 }
    density = recipe.density
    drawing = PlanePicture(
      window: spec.rectangle, density: density, backdrop: Array(corpus.training.points.prefix(2_000)))
  }

  /// Points to train on.
  public var trainingCount: Int { points.shape[0] }

  /// Real points, standardised `[B, 2]`, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let indices = try Tensor(indices.map(Int64.init), shape: [indices.count], device: device)
    return Batch(samples: try points.gathered(at: indices), labels: try labels?.gathered(at: indices))
  }

  /// Whether `--warm-up-steps` asks for one; the presets do not.
  public var hasWarmUp: Bool { recipe.training.warmUp.steps > 0 }

  /// How far the generated points' mean, mean squares and mean product are from the batch's, squared: the method of
  /// moments.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    var stream = context.stream("latents")
    let latents = try recipe.training.prior.draw(
      count: batch.count, dimension: recipe.training.latentDimension, using: &stream, device: device)
    let fake = try generator.generate(latents: latents, labels: batch.labels, context: context)
    func moments(_ samples: Tensor) throws -> Tensor {
      let product =
        try samples.narrowed(along: 1, start: 0, count: 1)
        * samples.narrowed(along: 1, start: 1, count: 1)
      return try Tensor.concatenated([samples, samples.squared(), product], along: 1).mean(along: 0)
    }
    return try (moments(fake) - moments(batch.samples)).squared().sum()
  }

  /// The energy distance to validation points, in standard deviations of the data.
  public func validationScore(of generator: any Generator) throws -> Double? {
    guard let validation else { return nil }
    let sampler = PlaneSampler(generator, recipe: recipe, spec: spec, device: device)
    let labels = LabelChoice.shares(of: validationLabels ?? [], classes: spec.labels.count)
    let drawn = try sampler.samples(count: Self.validationCount, seed: 0, labels: labels, scope: "validation")
    return try validation.measure(drawn.samples).value
  }

  /// Writes samples of fixed latents and the discriminator's surface as tables, with a picture of both.
  public func preview(of generator: any Generator, seed: UInt64, into folder: URL) throws -> [String] {
    let sampler = PlaneSampler(generator, recipe: recipe, spec: spec, device: device)
    let drawn = try sampler.samples(count: Self.previewCount, seed: seed, labels: .each, scope: "preview")
    let state = PlaneState(samples: try spec.points(drawn.samples), surface: try surface())
    try SampleFiles.makeFolder(folder)
    try AtomicFile.write(state.samplesText, to: folder.appendingPathComponent(PlaneState.samplesName))
    try AtomicFile.write(state.surfaceText, to: folder.appendingPathComponent(PlaneState.surfaceName))
    try drawing.picture(state).write(to: folder.appendingPathComponent("plane.png"))
    let finite = state.surface.allSatisfy(\.isFinite)
    let range =
      finite
      ? String(format: "%.3g to %.3g", state.surface.min() ?? 0, state.surface.max() ?? 0) : "not finite"
    return [
      ModeCounts(state.samples, density: density).map { "\($0.words); logits \(range)" } ?? "logits \(range)"
    ]
  }

  /// The discriminator's logits at the cells' centres; with labels, their mean over all labels.
  private func surface() throws -> [Float] {
    let centres = try spec.standardised(PlanePicture.centres(of: spec.rectangle)).moved(to: device)
    let context = StepContext(seed: 0, scope: "surface")
    func logits(_ label: Int?) throws -> Tensor {
      let labels = try label.map {
        try Tensor([Int64](repeating: Int64($0), count: centres.shape[0])).moved(to: device)
      }
      return try discriminator.discriminate(centres, labels: labels, context: context).converted(to: .float32)
    }
    return try withoutGradients {
      let all = try spec.labels.isEmpty ? [logits(nil)] : spec.labels.indices.map { try logits($0) }
      return try Tensor.stacked(all).mean(along: 0).moved(to: .cpu).array(of: Float.self)
    }
  }
}

/// Draws points from a generator, in chunks whose draws depend on the seed and the chunk's number alone.
struct PlaneSampler {
  /// Points drawn at a time. Part of what a seed means.
  static let chunkSize = 1_024

  private let generator: any Generator
  private let recipe: PlaneRecipe
  private let spec: PlaneSpec
  private let device: Device

  init(_ generator: any Generator, recipe: PlaneRecipe, spec: PlaneSpec, device: Device) {
    (self.generator, self.recipe, self.spec, self.device) = (generator, recipe, spec, device)
  }

  init(_ model: TrainedModel<Plane>) throws {
    self.init(
      model.generator, recipe: model.recipe, spec: try model.recipe.completeSpec(), device: model.device)
  }

  /// The standardised points of one chunk, `[chunkSize, 2]`, and the indices of their labels.
  func chunk(_ number: Int, seed: UInt64, labels: LabelChoice, scope: String) throws
    -> (samples: Tensor, labels: [Int]?)
  {
    let context = StepContext(seed: seed, step: number, scope: scope)
    var stream = context.stream("latents")
    let latents = try recipe.training.prior.draw(
      count: Self.chunkSize, dimension: recipe.training.latentDimension, using: &stream, device: device)
    let labels = labels.labels(
      ofChunk: number, size: Self.chunkSize, classes: spec.labels.count, seed: seed)
    let tensor = try labels.map { try Tensor($0, shape: [$0.count], device: device) }
    let samples = try withoutGradients {
      try generator.generate(latents: latents, labels: tensor, context: context)
    }
    return (samples, labels)
  }

  /// Standardised points `[count, 2]`, and the indices of their labels.
  func samples(count: Int, seed: UInt64, labels: LabelChoice, scope: String = "generate") throws
    -> (samples: Tensor, labels: [Int]?)
  {
    let chunks = try stride(from: 0, to: count, by: Self.chunkSize).map {
      try chunk($0 / Self.chunkSize, seed: seed, labels: labels, scope: scope)
    }
    let samples = try Tensor.concatenated(chunks.map(\.samples)).narrowed(along: 0, start: 0, count: count)
    return (
      samples, spec.labels.isEmpty ? nil : Array(chunks.flatMap { $0.labels ?? [] }.prefix(count))
    )
  }
}
