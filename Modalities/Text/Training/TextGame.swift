import Adversarial
import Corpora
import ModalityKit
import TextDatasets
import Torch

/// Text as the trainer needs it: one-hot sequences, a likelihood to warm up with and to hold on to.
public final class TextGame: RecipeGame {
  let recipe: TextRecipe
  let spec: TextSpec
  private let corpus: TextCorpus
  private let validation: TextValidation
  /// The networks that play.
  public let networks: GameNetworks<TextRecipe>

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
    try (networks.discriminator as? TextDiscriminator)?.read(corpus.training)
    validation = try TextValidation(corpus: corpus, spec: spec, device: device)
  }

  /// A discriminator with fresh weights, told what the training text has.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? {
    let discriminator = try networks.makeDiscriminator(using: &stream)
    if let counted = networks.discriminator as? TextDiscriminator {
      (discriminator as? TextDiscriminator)?.read(like: counted)
    }
    return discriminator
  }

  /// Samples as exact one-hot vectors `[B, T, V]`, behind their end filled up with end symbols.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    try batch(of: corpus.training, at: indices)
  }

  /// Samples that are not trained on.
  public var heldOutCount: Int { corpus.untrained.count }
  /// Whether these are a validation part.
  public var canTrainOnHeldOut: Bool { !corpus.validation.isEmpty }
  /// Not where the discriminator is told the training text: samples that it was told of are no evidence of what real text has.
  public var canReserve: Bool { recipe.discriminator.lexicalSlots ?? 0 == 0 }

  /// Samples of the validation part.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    try batch(of: corpus.untrained, at: indices)
  }

  private func batch(of part: TextSamples, at indices: [Int]) throws -> Batch {
    let length = spec.sequenceLength
    let ids = part.batch(indices, length: length)
    let samples = try Tensor(ids, shape: [indices.count, length]).converted(to: .int64).moved(to: device)
      .symbolVectors(count: spec.vocabulary.count)
    return try Batch(samples, of: part, at: indices)
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

  /// The same: the likelihood regularises the generator during the adversarial phase.
  public func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? {
    try warmUpLoss(on: batch, context: context)
  }

  /// Symbols that are to be predicted, ends counted: the likelihood is a mean over them, and samples differ in length.
  public func lossWeight(at indices: [Int]) -> Double {
    let ends = spec.hasEnd ? 1 : 0
    let lengths = indices.map { min(corpus.training.encoded($0).count + ends, spec.sequenceLength) }
    return Double(lengths.reduce(0, +))
  }

  /// The score of `TextValidation`.
  public func validationScore() throws -> Double? {
    try validation.score(networks.averagedGenerator, recipe: recipe, device: device)
  }

  /// Samples as `samples.txt`, one on a line; the first few for the terminal.
  public func preview(seed: UInt64) throws -> Preview {
    let lines = try Sampler<Text>(
      networks.averagedGenerator, recipe: recipe, device: device, options: TextSampling()
    ).samples(count: Text.previewCount, seed: seed)
    return Preview(
      items: Text.previewItems(of: lines, recipe: recipe), lines: Array(lines.prefix(3)))
  }
}

/// Real text to train on and to measure on.
public struct TextDataset: CorpusDataset {
  /// The samples, split.
  public let corpus: TextCorpus
  /// The grammar that the samples were drawn from, for the built-in corpus: it knows their true likelihood.
  public let grammar: GrammarCorpus?
}

extension TextDataset {
  /// Opens the user's data, or makes the built-in corpus when `source.path` is nil, and completes the recipe with what
  /// the data decides.
  ///
  /// Where the recipe is complete already, as that of a trained model, the data is read with the model's symbols, and
  /// lines are at most as long as the model's.
  /// - Throws: `UserError` that names the file and where in it data is missing or malformed.
  public init(_ source: DataSource, recipe: inout TextRecipe) throws {
    var options = recipe.data
    if let spec = recipe.spec, spec.hasEnd {
      options.maximumLength = min(options.maximumLength ?? spec.maximumLength, spec.maximumLength)
    }
    let vocabulary = recipe.spec?.vocabulary
    grammar = source.path == nil ? GrammarCorpus() : nil
    let known = recipe.spec?.labels
    corpus = try source.corpus(labels: known) { path in
      try TextCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: options,
        vocabulary: vocabulary, labels: known)
    } builtIn: {
      try GrammarCorpus().corpus(options: options, vocabulary: vocabulary)
    }
    guard recipe.spec == nil else { return }
    recipe.spec = TextSpec(
      vocabulary: corpus.vocabulary, sequenceLength: corpus.sequenceLength, hasEnd: options.window == nil,
      labels: corpus.labelNames)
    if recipe.discriminator.lexicalSlots == nil {
      recipe.discriminator.lexicalSlots = Lexicon.slots(symbols: corpus.training.symbolCount)
    }
  }
}
