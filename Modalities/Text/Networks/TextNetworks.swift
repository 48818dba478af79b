import Adversarial
import ModalityKit
import Torch

/// `TextGenerator` and `TextDiscriminator`: a recurrent network that writes symbol by symbol, and convolutions that read.
struct RecurrentNetworks: NetworkFamily {
  func faults(of recipe: TextRecipe) -> [RecipeFault] {
    let (generator, discriminator) = (recipe.generator, recipe.discriminator)
    var faults = RecipeFaults()
    // Sizes beyond are slips, and their products overflow.
    faults.expect("generator.embedding", generator.embedding, 1...RecipeFaults.largestWidth)
    faults.expect("generator.hidden", generator.hidden, 1...RecipeFaults.largestWidth)
    faults.expect("generator.layers", generator.layers, 1...8)
    for (network, share) in [("generator", generator.dropout), ("discriminator", discriminator.dropout)] {
      faults.expect((0..<1).contains(share), "\(network).dropout", share, "0 up to but not including 1")
    }
    let temperature = generator.temperature
    faults.expect(
      temperature.from > 0 && temperature.to > 0, "generator.temperature", temperature, "values above 0")

    faults.expect("discriminator.embedding", discriminator.embedding, 1...RecipeFaults.largestWidth)
    faults.expect(
      !discriminator.widths.isEmpty && discriminator.widths.allSatisfy { (1...64).contains($0) },
      "discriminator.widths", discriminator.widths, "at least one width, each 1 to 64")
    faults.expect("discriminator.channels", discriminator.channels, 1...RecipeFaults.largestWidth)
    let slots = discriminator.lexicalSlots ?? 0
    faults.expect(
      slots == 0 || (4_096...1 << 26).contains(slots) && slots & (slots - 1) == 0,
      "discriminator.lexicalSlots",
      slots, "0 or a power of two from 4096")
    faults.expect("discriminator.hidden", discriminator.hidden, 1...RecipeFaults.largestWidth)
    return faults.list
  }

  func rowNames(of parameter: String, in part: NetworkPart, spec: TextSpec) -> RowNames? {
    let isOfSymbols =
      parameter.hasPrefix("embedding.") || part == .generator && parameter.hasPrefix("output.")
    return isOfSymbols ? RowNames("symbols", spec.vocabulary.names) : labelRows(of: parameter, spec: spec)
  }

  func generator(_ recipe: TextRecipe, spec: TextSpec, using stream: inout RandomStream) throws
    -> TextGenerator
  {
    try TextGenerator(
      recipe: recipe.generator, spec: spec, latentDimension: recipe.training.latentDimension, using: &stream)
  }

  func discriminator(_ recipe: TextRecipe, spec: TextSpec, using stream: inout RandomStream) throws
    -> any Discriminator
  {
    try TextDiscriminator(recipe: recipe.discriminator, spec: spec, using: &stream)
  }
}

/// The generator's architecture, and how it relaxes its choices in training.
public struct TextGeneratorRecipe: Codable, Equatable, Sendable {
  /// Numbers in a symbol's vector.
  public var embedding = 64
  /// Numbers in a recurrent layer's state.
  public var hidden = 128
  /// Recurrent layers.
  public var layers = 1
  /// Share of the symbol vectors and of the last states that is zeroed while the likelihood is trained, in [0, 1).
  public var dropout = 0.1
  /// What the perturbed logits are divided by before the softmax that carries the gradient, over the duel. RelGAN
  /// lowers it exponentially (Nie, Narodytska and Patel, ICLR 2019): the lower, the closer the gradient's direction to
  /// that of hard choices, and the rarer a gradient at all.
  public var temperature = Schedule.exponential(from: 1, to: 0.25)

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// The discriminator's architecture.
public struct TextDiscriminatorRecipe: Codable, Equatable, Sendable {
  /// Numbers in a symbol's vector.
  public var embedding = 32
  /// Symbols that the filters of each convolution span.
  public var widths = [2, 3, 4, 5]
  /// Filters of each width.
  public var channels = 64
  /// Numbers in the layer between the filters and the logit.
  public var hidden = 128
  /// Share of the pooled features that is zeroed in training, in [0, 1).
  public var dropout = 0.0
  /// Whether every weight is divided by its largest singular value.
  public var spectralNorm = false
  /// Slots of each table of the lexicon that the discriminator is told of, a power of two; 0 for none. Nil until the data
  /// decides.
  public var lexicalSlots: Int?

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// Sequences of symbol ids as tensors. Ids are 64-bit integers, 0 being the end symbol that also pads.
extension Tensor {
  /// Ids `[B, T]` as exact one-hot vectors `[B, T, V]` in single precision.
  func symbolVectors(count: Int) throws -> Tensor {
    try Tensor.zeros(shape + [count], device: device)
      .scattering(1, at: expandingDimension(at: -1), along: -1)
  }

  /// One-hot vectors `[B, T, V]`, also relaxed ones, as ids `[B, T]`.
  func symbolIDs() throws -> Tensor { try argmax(along: -1) }

  /// Ids `[B, T]` shifted one step later, with a given id at the first step: the previous symbol of each step.
  func previousIDs(first: Int) throws -> Tensor {
    try narrowed(along: 1, start: 0, count: shape[1] - 1).padded(1, 0, value: Double(first))
  }

  /// For ids `[B, T]`, whether each step lies behind the first end symbol.
  func isAfterEnd() throws -> Tensor {
    let isEnd = try equals(0).converted(to: .int64)
    return try (isEnd.cumulativeSum(along: 1) - isEnd).greater(than: 0)
  }

  /// Ids `[B, T]` without the steps before which every sequence has ended.
  func trimmedToLongest() throws -> Tensor {
    let isLive = try isAfterEnd().negated().converted(to: .int64).max(along: 0)
    return try narrowed(along: 1, start: 0, count: Int(isLive.sum().item()))
  }
}

extension Tensor {
  /// Logits `[B, V]` with minus infinity for all symbols but the likeliest; first the `topK` likeliest are kept,
  /// then of these the fewest whose probabilities sum to `topP`. Symbols as likely as the last one kept are kept too.
  func keeping(topK: Int?, topP: Double?) throws -> Tensor {
    var logits = self
    if let topK, topK < shape[1] {
      let least = try logits.top(topK).values.narrowed(along: 1, start: topK - 1, count: 1)
      logits = try logits.filled(where: logits.less(than: least), with: -.infinity)
    }
    if let topP, topP < 1 {
      let sorted = try logits.sorted(along: -1, descending: true).values
      let shares = try sorted.softmax(along: -1)
      // A symbol goes when those before it have the mass already; the first one always stays.
      let isBeyond = try (shares.cumulativeSum(along: 1) - shares).less(than: topP).negated()
      let least = try sorted.filled(where: isBeyond, with: .infinity).min(along: 1, keepingDimensions: true)
      logits = try logits.filled(where: logits.less(than: least), with: -.infinity)
    }
    return logits
  }
}
