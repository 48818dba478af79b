import Adversarial
import Foundation
import Metrics
import ModalityKit
import PlaneDatasets
import Torch

/// Points in the plane as the trainer needs them: standardised, with two networks and pictures of both.
public final class PlaneGame: RecipeGame {
  /// Samples and validation points whose energy distance chooses among checkpoints, at most.
  private static let validationCount = 500

  /// The networks that play.
  public let networks: GameNetworks<PlaneRecipe>
  private let recipe: PlaneRecipe
  private let spec: PlaneSpec
  private let points: Tensor
  private let labels: Tensor?
  private let validation: KernelDistance?
  private let validationLabels: LabelChoice
  private let drawing: PlanePicture
  private let untrained: PlaneSet
  /// Whether the untrained points are a validation part.
  public let canTrainOnHeldOut: Bool

  /// Initialises the networks.
  ///
  /// - Throws: `TorchError` when the recipe was never completed by data.
  public init(recipe: PlaneRecipe, corpus: PlaneCorpus, seed: UInt64, device: Device) throws {
    networks = try GameNetworks(recipe, seed: seed, device: device)
    self.recipe = recipe
    spec = try recipe.completeSpec()
    points = try spec.standardised(corpus.training.points).moved(to: device)
    labels = try corpus.training.labels(at: 0..<corpus.training.count).map {
      try Tensor($0).moved(to: device)
    }
    untrained = corpus.untrained
    canTrainOnHeldOut = corpus.validation.count > 0
    let chosen = corpus.validation.points(spread: Self.validationCount)
    validation =
      chosen.count < Self.fewestValidation
      ? nil : try KernelDistance(reference: spec.standardised(chosen), kernel: .energy)
    validationLabels = .shares(
      of: (0..<corpus.validation.count).map { corpus.validation.label(at: $0) }, classes: spec.labels.count)
    drawing = PlanePicture(recipe, training: corpus.training)
  }

  /// Validation points without which there is no score.
  private static let fewestValidation = 4

  /// Points to train on.
  public var trainingCount: Int { points.shape[0] }

  /// Real points, standardised `[B, 2]`, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let indices = try Tensor(indices).moved(to: device)
    return Batch(samples: try points.gathered(at: indices), labels: try labels?.gathered(at: indices))
  }

  /// Points that are not trained on.
  public var heldOutCount: Int { untrained.count }

  /// Points that are not trained on, as `batch`.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    let points = try spec.standardised(indices.map { untrained.points[$0] }).moved(to: device)
    return try Batch(points, of: untrained, at: indices)
  }

  /// Whether `--warm-up-steps` asks for one; the presets do not.
  public var hasWarmUp: Bool { recipe.training.warmUp.steps > 0 }

  /// How far the generated points' means, mean squares and mean product are from the batch's, squared: the method of
  /// moments.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    var stream = context.stream("latents")
    let latents = try recipe.training.prior.draw(
      count: batch.count, dimension: recipe.training.latentDimension, using: &stream, device: device)
    let fake = try generator.generate(latents: latents, labels: batch.labels, context: context)
    func moments(_ samples: Tensor) throws -> Tensor {
      let product =
        try samples.narrowed(along: 1, start: 0, count: 1) * samples.narrowed(along: 1, start: 1, count: 1)
      return try Tensor.concatenated([samples, samples.squared(), product], along: 1).mean(along: 0)
    }
    return try (moments(fake) - moments(batch.samples)).squared().sum()
  }

  /// The energy distance to validation points, in standard deviations of the data.
  public func validationScore() throws -> Double? {
    guard let validation else { return nil }
    let drawn = try sampler().tensor(
      count: Self.validationCount, seed: Self.validationSeed, labels: validationLabels)
    return try validation.measure(drawn.tensor).value
  }

  /// Seed of the samples that choose among checkpoints.
  private static let validationSeed: UInt64 = 0x0076_616C_6964

  /// Samples of fixed latents and the discriminator's surface, as tables and as a picture of both.
  public func preview(seed: UInt64) throws -> Preview {
    let samples = try sampler().samples(count: Plane.previewCount, seed: seed, labels: .each)
    let state = PlaneState(samples: samples, surface: try surface())
    let range = "logits \(spelled(state.surface.min())) to \(spelled(state.surface.max()))"
    let modes = ModeCounts(samples, density: recipe.density)
    return Preview(
      items: Plane.previewItems(of: samples, recipe: recipe)
        + [state.surfaceTable, try PreviewItem(fileName: "plane.png", picture: drawing.picture(state))],
      lines: [[modes?.words, range].compactMap(\.self).joined(separator: "; ")])
  }

  private func spelled(_ logit: Float?) -> String { logit.map { String(format: "%.3g", $0) } ?? "none" }

  private func sampler() throws -> Sampler<Plane> {
    try Sampler(networks.averagedGenerator, recipe: recipe, device: device, options: PlainSampling())
  }

  /// The discriminator's logits at the cells' centres; with labels, their mean over all labels.
  private func surface() throws -> [Float] {
    let centres = try spec.standardised(PlanePicture.centres(of: spec.rectangle)).moved(to: device)
    let context = StepContext(seed: 0, scope: "surface")
    func logits(_ label: Int?) throws -> Tensor {
      let labels = try label.map {
        try Tensor([Int](repeating: $0, count: centres.shape[0])).moved(to: device)
      }
      return try discriminator.discriminate(centres, labels: labels, context: context).converted(to: .float32)
    }
    return try withoutGradients {
      let all = try spec.labels.isEmpty ? [logits(nil)] : spec.labels.indices.map { try logits($0) }
      return try Tensor.stacked(all).mean(along: 0).moved(to: .cpu).array(of: Float.self)
    }
  }
}
