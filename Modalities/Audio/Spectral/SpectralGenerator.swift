import Adversarial
import ModalityKit
import Torch

/// A generator of log-mel pictures of clips, which a `ClipCodec` makes sounds of.
///
/// A latent chooses an exemplar, a training clip of the wanted label, and a clip most like it; it varies the two as
/// `ClipVariation` says, as much as makes a sample as new as a clip is beside the others; and a network of convolutions over
/// frames corrects the result, so that it cannot be told from real clips. So training starts from sounds instead of noise, a
/// label cannot become one sound, and a few clips make a model: a density around instances, as in instance-conditioned
/// GANs (Casanova et al., 2021), with instances that follow from the latent.
public final class SpectralGenerator: SoundGenerator {
  /// What the network's output is multiplied by: sounds are nearly right, and a step is to be small.
  private static let caution = 0.1

  /// The architecture.
  public let recipe: SpectralRecipe
  /// Pictures of sounds and back.
  let codec: ClipCodec
  private let variation: ClipVariation
  private let exemplars: Buffer
  private let exemplarLabels: Buffer?
  private let keys: Buffer
  private let neighbours: Buffer
  private let alignments: Buffer
  private let transpositions: Buffer
  private let peak: Buffer
  private let strength: Buffer
  private let labelVectors: Embedding?
  private let mapping: Linear
  private let falling: [PolyphaseConv1d]
  private let rising: [StyledBlock]
  private let output: PolyphaseConv1d

  /// Exemplars with labels, keys, neighbours, alignments and strength; the correcting network.
  public var members: Members {
    [
      "exemplars": exemplars, "exemplarLabels": exemplarLabels, "keys": keys, "neighbours": neighbours,
      "alignments": alignments, "transpositions": transpositions, "peak": peak, "strength": strength,
      "label": labelVectors, "mapping": mapping,
      "falling": ModuleGroup(falling), "rising": ModuleGroup(rising), "output": output,
    ]
  }

  /// The first numbers of a latent vary an exemplar, the next ones choose the neighbour, the others the exemplar.
  static func leastLatent(_ recipe: SpectralRecipe) -> Int {
    ClipVariation.numbers + recipe.neighbours + 8
  }

  /// Initialises a generator; exemplars are silent until `take` or loaded weights set them.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  init(recipe: SpectralRecipe, spec: AudioSpec, latentDimension: Int, using stream: inout RandomStream) throws
  {
    guard let sizes = spec.codes else {
      throw TorchError("the recipe has no sizes of codes: no data has completed it")
    }
    self.recipe = recipe
    codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
    variation = try ClipVariation(recipe.variation, codec: codec)
    let (count, frames, numbers) = (sizes.exemplars, codec.frames, codec.numbers)
    exemplars = Buffer(try Tensor.zeros([count, frames, numbers], dtype: .uint8))
    exemplarLabels = spec.labels.isEmpty ? nil : Buffer(try Tensor.zeros([count], dtype: .int64))
    let choosing = latentDimension - ClipVariation.numbers - sizes.neighbours
    let drawn = try stream.normal([count, choosing])
    keys = Buffer(try drawn / (drawn.squared().sum(along: 1, keepingDimensions: true) + 1e-12).squareRoot())
    neighbours = Buffer(try Tensor.zeros([count, sizes.neighbours], dtype: .int64))
    alignments = Buffer(try Tensor.zeros([count, sizes.neighbours, frames]))
    transpositions = Buffer(try Tensor.zeros([count, sizes.neighbours]))
    peak = Buffer(try Tensor.zeros([1]))
    strength = Buffer(try Tensor.ones([1]))
    let style = recipe.style
    labelVectors =
      spec.labels.isEmpty
      ? nil : try Embedding(symbols: spec.labels.count, dimensions: recipe.labelDimension, using: &stream)
    mapping = try Linear(
      inputs: latentDimension + (spec.labels.isEmpty ? 0 : recipe.labelDimension), outputs: style,
      initialisation: .heNormal, using: &stream)
    var falling: [PolyphaseConv1d] = []
    for (level, width) in recipe.widths.enumerated() {
      falling.append(
        try PolyphaseConv1d(
          inputs: level == 0 ? numbers : recipe.widths[level - 1], outputs: width,
          kernel: level == 0 ? recipe.kernel + 2 : 6, stride: level == 0 ? 1 : 2, using: &stream))
    }
    self.falling = falling
    let upwards = Array(recipe.widths.reversed())
    rising = try upwards.enumerated().map { level, width in
      try StyledBlock(
        inputs: upwards[max(level - 1, 0)], outputs: width, kernel: recipe.kernel, style: style,
        using: &stream)
    }
    output = try PolyphaseConv1d(
      inputs: recipe.widths[0], outputs: numbers, kernel: recipe.kernel, initialisation: .zeros,
      using: &stream)
  }

  /// Sets exemplars and what belongs to them.
  func take(_ clips: CodedClips) throws {
    let device = exemplars.value.device
    exemplars.value = try clips.exemplars.moved(to: device)
    neighbours.value = try clips.neighbours.moved(to: device)
    alignments.value = try clips.fits.alignments.moved(to: device)
    transpositions.value = try clips.fits.transpositions.moved(to: device)
    peak.value = try clips.peak.moved(to: device)
    strength.value = try clips.strength.moved(to: device)
    if let exemplarLabels, let labels = clips.labels { exemplarLabels.value = try labels.moved(to: device) }
  }

  /// Codes `[B, F, N]` of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let codes = try withoutGradients { try varied(latents: latents, labels: labels) }
    return try (codes + correction(of: codes, latents: latents, labels: labels, context: context).widened())
      .clamped(from: -1)
  }

  /// Clips of the first codes, with the peak of training clips where these have one in common.
  public func sounds(of samples: Tensor, first count: Int, sampling: AudioSampling) throws -> Tensor {
    let clips = try codec.decode(
      samples, first: count, iterations: sampling.phaseIterations ?? recipe.phaseIterations)
    let wanted = try peak.value.item()
    guard wanted > 0 else { return clips }
    return try clips.stretched(toPeaks: peak.value)
  }
  /// Itself.
  public var overCodes: SpectralGenerator? { self }

  /// Exemplars that latents choose, varied, `[B, F, N]`.
  func varied(latents: Tensor, labels: Tensor?) throws -> Tensor {
    let (slots, first) = (neighbours.value.shape[1], ClipVariation.numbers)
    let chosen = try choices(
      latents.narrowed(along: 1, start: first + slots, count: latents.shape[1] - first - slots),
      labels: labels)
    let slot = try latents.narrowed(along: 1, start: first, count: slots).argmax(along: 1)
    let pairs = try (chosen * Double(slots) + slot).converted(to: .int64)
    let others = try neighbours.value.reshaped([-1]).gathered(at: pairs)
    return try variation(
      CodeSteps.codes(of: exemplars.value.gathered(at: chosen)),
      like: NeighbourFits(alignments: alignments.value, transpositions: transpositions.value)
        .gathered(at: pairs, codes: CodeSteps.codes(of: exemplars.value.gathered(at: others))),
      amounts: latents.narrowed(along: 1, start: 0, count: first),
      strength: strength.value * recipe.strength)
  }

  /// The exemplar `[B]` of the wanted label whose key is nearest to a part of each latent.
  private func choices(_ latents: Tensor, labels: Tensor?) throws -> Tensor {
    var agreement = try latents.matmul(keys.value.transposed())
    if let exemplarLabels {
      guard let labels else { throw TorchError("SpectralGenerator: no labels, expected [B] of them") }
      let others = try labels.expandingDimension(at: 1)
        .equals(exemplarLabels.value.expandingDimension(at: 0)).negated()
      agreement = try agreement.filled(where: others, with: -1e4)
    }
    return try agreement.argmax(along: 1)
  }

  /// What the network adds to codes.
  private func correction(of codes: Tensor, latents: Tensor, labels: Tensor?, context: StepContext) throws
    -> Tensor
  {
    var inputs = latents
    if let labelVectors, let labels {
      inputs = try Tensor.concatenated([latents, labelVectors(labels)], along: 1)
    }
    let style = try mapping(inputs).leakyReLU()
    var stream = context.stream("noise")
    var levels: [Tensor] = []
    for layer in falling { levels.append(try layer(levels.last ?? codes + 1).leakyReLU()) }
    var frames = levels[levels.count - 1]
    for (level, block) in rising.enumerated() {
      if level > 0 { frames = try frames.doubledFrames() }
      let draws = try stream.normal([codes.shape[0], frames.shape[1], 1], device: codes.device)
      frames = try block(frames, style: style, noise: draws)
      if level > 0 { frames = try (frames + levels[levels.count - 1 - level]) * 0.5.squareRoot() }
    }
    // Silence stays.
    let free = try output(frames.leakyReLU()) * (Self.caution / recipe.correction)
    return try free.tanh() * recipe.correction * CodeWarp.openness(of: codes)
  }
}
