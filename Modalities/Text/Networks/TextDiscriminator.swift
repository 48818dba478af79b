import Adversarial
import TextDatasets
import Torch

/// A convolutional discriminator of sequences.
///
/// Filters of several widths slide over the symbols' vectors, as in RelGAN and SeqGAN; what each finds is pooled over time by
/// its maximum and its mean, and two linear layers make a logit of it, to which a small perceptron adds what a `Lexicon` says. The maximum shows whether something occurs at
/// all, the mean how often. Real and generated sequences are padded alike with end symbols, which the filters see as they see
/// other symbols, so that the length is evidence. As many rows of zeros as a filter is wide, less one, stand in front, so
/// that filters see where a sequence begins.
public final class TextDiscriminator: Discriminator {
  /// The architecture.
  public let recipe: TextDiscriminatorRecipe

  private let embedding: Embedding
  private let convolutions: [Conv1d]
  private let hidden: Linear
  private let head: ProjectionHead
  /// What the discriminator is told of words and runs; nil where the recipe has no slots for it.
  let lexicon: Lexicon?
  private let lexical: Sequential?

  /// Symbol vectors, one convolution a width, two linear layers, label vectors where there are labels, and the lexicon with
  /// its perceptron where the recipe has one.
  public var members: Members {
    [
      "embedding": embedding, "convolutions": ModuleGroup(convolutions), "hidden": hidden,
      "output": head.output, "label": head.label, "lexicon": lexicon, "lexical": lexical,
    ]
  }

  /// Initialises a discriminator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: symbols, labels.
  ///   - stream: source of random numbers for the weights.
  public init(recipe: TextDiscriminatorRecipe, spec: TextSpec, using stream: inout RandomStream) throws {
    self.recipe = recipe
    let norm = recipe.spectralNorm
    embedding = try Embedding(
      symbols: spec.vocabulary.count, dimensions: recipe.embedding, spectralNorm: norm, using: &stream)
    var convolutions: [Conv1d] = []
    for width in recipe.widths {
      convolutions.append(
        try Conv1d(
          inputs: recipe.embedding, outputs: recipe.channels, kernel: width, spectralNorm: norm,
          using: &stream
        ))
    }
    self.convolutions = convolutions
    hidden = try Linear(
      inputs: 2 * recipe.channels * recipe.widths.count, outputs: recipe.hidden, spectralNorm: norm,
      using: &stream)
    head = try ProjectionHead(
      features: recipe.hidden, labels: spec.labels.count, spectralNorm: norm, labelDeviation: 1,
      using: &stream)
    guard let slots = recipe.lexicalSlots, slots > 0 else {
      (lexicon, lexical) = (nil, nil)
      return
    }
    lexicon = try Lexicon(spec: spec, slots: slots)
    lexical = try Sequential([
      Linear(inputs: 2 * Lexicon.width, outputs: Self.lexicalWidth, spectralNorm: norm, using: &stream),
      Lambda.leakyReLU(),
      Linear(inputs: Self.lexicalWidth, outputs: 1, spectralNorm: norm, using: &stream),
    ])
  }

  /// Units of the perceptron over the lexicon's numbers.
  private static let lexicalWidth = 32

  /// Counts the training text, where the recipe has a lexicon.
  func read(_ training: TextSamples) throws { try lexicon?.count(training) }

  /// Takes what a discriminator of the same recipe has counted.
  func read(like other: TextDiscriminator) {
    if let counted = other.lexicon { lexicon?.take(counted) }
  }

  /// Logits `[B]` of one-hot vectors `[B, T, V]`, exact or relaxed. A label enters by a
  /// `ProjectionHead`.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let vectors = try embedding(soft: samples)
    var pooled: [Tensor] = []
    for convolution in convolutions {
      let found = try convolution.causally(overFrames: vectors).leakyReLU()
      pooled.append(try found.max(along: 1))
      pooled.append(try found.mean(along: 1))
    }
    var dropout: RandomStream? = context.isTraining ? context.stream("dropout") : nil
    let features = try hidden(Tensor.concatenated(pooled, along: 1).dropout(recipe.dropout, using: &dropout))
      .leakyReLU()
    let logits = try head(features, labels: labels)
    guard let lexicon, let lexical else { return logits }
    return try logits + lexical(lexicon(samples.symbolIDs())).squeezingDimension(at: 1)
  }
}
