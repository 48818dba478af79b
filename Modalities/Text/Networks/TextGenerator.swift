import Adversarial
import Torch

/// A recurrent network that writes a sequence symbol by symbol, each drawn given those before it.
///
/// Latent and label enter through the state before the first symbol, `tanh(W z + b + label's vector)`: bounded, so that
/// priors with long tails cannot overwhelm the recurrence. The symbol before the first one is the end symbol, id 0.
///
/// Three modes share all weights: `logits` scores given sequences (the likelihood),
/// `generate` writes relaxed ones for a discriminator, and `TextSampler` writes text.
public final class TextGenerator: Generator {
  /// The architecture.
  public let recipe: TextGeneratorRecipe
  /// What the data decides.
  public let spec: TextSpec
  /// Numbers in a latent.
  public let latentDimension: Int

  let embedding: Embedding
  let recurrence: GRU
  private let latentProjection: Linear
  private let labelVectors: Embedding?
  private let output: Linear

  /// Symbol vectors, latent projection, label vectors where there are labels, recurrence, output layer.
  public var members: Members {
    [
      "embedding": embedding, "latent": latentProjection, "label": labelVectors, "gru": recurrence,
      "output": output,
    ]
  }

  /// Initialises a generator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides: symbols, length, labels.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  public init(
    recipe: TextGeneratorRecipe, spec: TextSpec, latentDimension: Int, using stream: inout RandomStream
  ) throws {
    self.recipe = recipe
    self.spec = spec
    self.latentDimension = latentDimension
    let symbols = spec.vocabulary.count
    let state = recipe.layers * recipe.hidden
    embedding = try Embedding(
      symbols: symbols, dimensions: recipe.embedding,
      initialisation: .normal(standardDeviation: 1 / Double(recipe.embedding).squareRoot()), using: &stream)
    // Small, since the likelihood has no use for noise and would first have to unlearn it.
    latentProjection = try Linear(
      inputs: latentDimension, outputs: state,
      initialisation: .normal(standardDeviation: 0.1 / Double(latentDimension).squareRoot()), using: &stream)
    labelVectors =
      spec.labels.isEmpty
      ? nil
      : try Embedding(
        symbols: spec.labels.count, dimensions: state, initialisation: .normal(standardDeviation: 0.1),
        using: &stream)
    recurrence = try GRU(
      inputs: recipe.embedding, hidden: recipe.hidden, layers: recipe.layers, using: &stream)
    output = try Linear(inputs: recipe.hidden, outputs: symbols, using: &stream)
  }

  /// Where the networks' weights lie.
  var device: Device { latentProjection.bias?.value.device ?? .cpu }

  /// The state before the first symbol, `[layers, B, H]`, of latents `[B, Z]` and labels `[B]`.
  func initialState(latents: Tensor, labels: Tensor?) throws -> Tensor {
    var state = try latentProjection(latents)
    if let labelVectors {
      guard let labels else { throw TorchError("TextGenerator: no labels, expected [B] of them") }
      state = try state + labelVectors(labels)
    }
    return try state.tanh().reshaped([-1, recipe.layers, recipe.hidden]).transposed(0, 1).contiguous()
  }

  /// Logits `[..., V]` of the next symbol given the last layer's states `[..., H]`. Where samples have no end, the
  /// end symbol has no chance.
  func nextLogits(_ states: Tensor) throws -> Tensor {
    let logits = try output(states).converted(to: .float32)
    return spec.hasEnd ? logits : try logits + TextGenerator.endMask(-1e9, for: logits)
  }

  /// A row `[V]` to add to logits `[..., V]`: a number for the end symbol, 0 for the others.
  static func endMask(_ value: Double, for logits: Tensor) throws -> Tensor {
    let end = try Tensor([0], shape: [1], device: logits.device)
    return try Tensor.zeros([logits.shape[logits.rank - 1]], device: logits.device)
      .scattering(value, at: end, along: 0)
  }

  /// Logits `[B, T, V]` of each symbol of sequences `[B, T]` given those before it, all steps at once.
  ///
  /// - Parameters:
  ///   - ids: symbol ids.
  ///   - latents: `[B, Z]`.
  ///   - labels: `[B]` for conditional networks.
  ///   - dropout: where dropout is drawn from; nil for none.
  public func logits(of ids: Tensor, latents: Tensor, labels: Tensor?, dropout: inout RandomStream?) throws
    -> Tensor
  {
    try logits(of: ids, state: initialState(latents: latents, labels: labels), dropout: &dropout)
  }

  func logits(of ids: Tensor, state: Tensor, dropout: inout RandomStream?) throws -> Tensor {
    let vectors = try embedding(ids.previousIDs(first: 0)).sequenceDropout(recipe.dropout, using: &dropout)
    let states = try recurrence(vectors, state: state, dropout: recipe.dropout, using: &dropout).outputs
    return try nextLogits(states.sequenceDropout(recipe.dropout, using: &dropout))
  }

  /// Writes sequences as one-hot vectors `[B, T, V]` whose gradient is that of a relaxation: the straight-through
  /// Gumbel-softmax (Jang, Gu and Poole, 2017).
  ///
  /// Each symbol is the argmax of logits plus Gumbel noise, that is, a draw from the softmax of the logits. Forward, a row
  /// is that symbol exactly, so a discriminator cannot recognise real rows as one-hot; backward it is
  /// `softmax((logits + noise) / temperature)`. As in RelGAN the drawn symbol is fed back and no gradient flows through it. So
  /// the gradient needs no loop: the symbols are drawn first, and their logits are then computed for all steps at once.
  /// Behind the first end symbol stand end symbols without a gradient.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let state = try initialState(latents: latents, labels: labels)
    var stream = context.stream("gumbel")
    let symbols = spec.vocabulary.count
    let noise = try stream.gumbel(
      [spec.sequenceLength, state.shape[1], symbols], samplesAlong: 1, device: state.device)
    let ids = try rollOut(from: state) { logits, index, rows in
      let noise = try noise.selected(index)
      return try (logits + (rows.map { try noise.gathered(at: $0) } ?? noise)).argmax(along: -1)
    }
    let length = ids.shape[1]
    let missing = spec.sequenceLength - length
    let hard = try ids.padded(0, missing).symbolVectors(count: symbols)
    // Discriminator updates and previews need no gradient.
    guard state.requiresGrad else { return hard }
    var noDropout: RandomStream?
    let logits = try logits(of: ids, state: state, dropout: &noDropout)
    let temperature = recipe.temperature.value(at: context.phaseStep, of: context.phaseSteps)
    let noiseInTime = try noise.narrowed(along: 0, start: 0, count: length).transposed(0, 1)
    let soft = try ((logits + noiseInTime) / temperature).softmax(along: -1)
    // Exactly zero, with the soft rows' gradient.
    var gradient = try soft - soft.detached()
    if spec.hasEnd {
      let isLive = try ids.isAfterEnd().negated().converted(to: .float32)
      gradient = try gradient * isLive.expandingDimension(at: -1)
    }
    return try hard + gradient.padded(0, 0, 0, missing)
  }
}
