import Adversarial
import ModalityKit
import TextDatasets
import Torch

/// Text as the trainer needs it: one-hot sequences, a likelihood to warm up with and to hold on to.
public final class TextGame: Game {
  /// Samples that a validation looks at, at most.
  static let validationLimit = 4_096
  /// Lines in a preview.
  static let previewCount = 20

  private let recipe: TextRecipe
  private let spec: TextSpec
  private let corpus: TextCorpus
  private let validation: HeldOutLikelihood
  private let networks: GameNetworks<TextRecipe>

  /// Where the networks lie.
  public var device: Device { networks.device }
  /// The generator being trained.
  public var generator: any Generator { networks.generator }
  /// Holds the moving average.
  public var averagedGenerator: any Generator { networks.averagedGenerator }
  /// The discriminator.
  public var discriminator: any Discriminator { networks.discriminator }
  /// Distinct training samples.
  public var trainingCount: Int { corpus.training.count }
  /// Always: by maximum likelihood.
  public var hasWarmUp: Bool { true }

  /// Initialises the networks and puts the samples to choose by on the device.
  ///
  /// - Throws: `TorchError` when no data has completed the recipe, or memory ends.
  public init(recipe: TextRecipe, corpus: TextCorpus, seed: UInt64, device: Device) throws {
    self.recipe = recipe
    self.corpus = corpus
    spec = try recipe.completeSpec()
    networks = try GameNetworks(recipe, seed: seed, device: device)
    let samples = corpus.validation.isEmpty ? corpus.heldOut : corpus.validation
    let indices = samples.spread(Self.validationLimit)
    validation = try HeldOutLikelihood(
      samples: indices.map { samples.encoded($0) }, labels: samples.labels(at: indices), spec: spec,
      device: device)
  }

  /// Samples as exact one-hot vectors `[B, T, V]`, behind their end filled up with end symbols.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let length = spec.sequenceLength
    let ids = corpus.training.batch(indices, length: length)
    let samples = try Tensor(ids, shape: [indices.count, length]).converted(to: .int64).moved(to: device)
      .symbolVectors(count: spec.vocabulary.count)
    let labels = try corpus.training.labels(at: indices).map {
      try Tensor($0, shape: [$0.count], device: device)
    }
    return Batch(samples: samples, labels: labels)
  }

  /// The negative log-likelihood in nats per symbol, one latent a sequence, with dropout.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    var latentStream = context.stream("likelihood latents")
    let latents = try recipe.training.prior.draw(
      count: batch.count, dimension: recipe.training.latentDimension, using: &latentStream, device: device)
    return try networks.generator.crossEntropy(
      of: batch.samples.symbolIDs(), latents: latents, labels: batch.labels,
      dropout: context.stream("dropout"))
  }

  /// The same: what the generator knows of the language is not to be lost in the duel.
  public func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? {
    try warmUpLoss(on: batch, context: context)
  }

  /// Symbols that are to be predicted, ends counted: the likelihood is a mean over them, and samples differ in length.
  public func lossWeight(at indices: [Int]) -> Double {
    let ends = spec.hasEnd ? 1 : 0
    let lengths = indices.map { min(corpus.training.encoded($0).count + ends, spec.sequenceLength) }
    return Double(lengths.reduce(0, +))
  }

  /// The negative log-likelihood of validation samples in nats per symbol, ends counted; of held-out ones where there are
  /// too few samples for a validation part.
  public func validationScore(of generator: any Generator) throws -> Double? {
    try validation.perSymbol(of: networks.averagedGenerator, prior: recipe.training.prior)
  }

  /// Samples as `samples.txt`, one on a line; the first few for the terminal.
  public func preview(of generator: any Generator, seed: UInt64) throws -> Preview {
    let lines = try Sampler<Text>(
      networks.averagedGenerator, recipe: recipe, device: device, options: TextSampling()
    ).samples(count: Self.previewCount, seed: seed)
    return Preview(
      items: [PreviewItem(fileName: "samples.txt", lines: lines)], lines: Array(lines.prefix(3)))
  }
}
