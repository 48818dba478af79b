import Adversarial
import Torch

/// WaveGAN's discriminator: convolutions with a stride of 4 down to 16 frames, then an affine map to the logit.
///
/// Behind every layer but the last, training shifts the frames by a few at random (`phaseShuffled`), so that the phase of
/// the generator's upsampling artefacts gives it away no longer. Labels, which the paper has none of, enter by a
/// `ProjectionHead` on the last layer's features.
public final class ClassicDiscriminator: Discriminator {
  /// The architecture.
  public let recipe: ClassicRecipe
  /// What the data decides.
  public let spec: ClassicSpec

  private let downsampling: [PolyphaseConv1d]
  private let head: ProjectionHead

  /// One convolution a layer, the affine map, label vectors where there are labels.
  public var members: Members {
    ["downconv": ModuleGroup(downsampling), "output": head.output, "label": head.label]
  }

  /// Initialises a discriminator; weights start as TensorFlow's layers do, Glorot-uniform with biases of zero.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - stream: source of random numbers for the weights.
  /// - Precondition: the recipe has no faults at the format's length.
  public init(recipe: ClassicRecipe, spec: ClassicSpec, using stream: inout RandomStream) throws {
    guard let strides = ClassicRecipe.strides(length: spec.length) else {
      preconditionFailure("a recipe's faults are looked for first")
    }
    self.recipe = recipe
    self.spec = spec
    var downsampling: [PolyphaseConv1d] = []
    var inputs = spec.channels
    for (index, stride) in strides.enumerated() {
      let outputs = recipe.width << index
      downsampling.append(
        try PolyphaseConv1d(
          inputs: inputs, outputs: outputs, kernel: recipe.kernel, stride: stride,
          initialisation: .xavierUniform, using: &stream))
      inputs = outputs
    }
    self.downsampling = downsampling
    let features = ClassicRecipe.innermost * inputs
    head = try ProjectionHead(
      features: features, labels: spec.labels, initialisation: .xavierUniform, using: &stream)
  }

  /// Logits `[B]` of sounds `[B, T, C]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the sounds have another shape or labels are missing.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    guard samples.rank == 3, samples.shape[1] == spec.length else {
      throw TorchError(
        "ClassicDiscriminator: samples of shape \(samples.shape), expected [B, \(spec.length), "
          + "\(spec.channels)]")
    }
    var stream = context.passStream("phase shuffle")
    let radius = context.isTraining ? recipe.phaseShuffle : 0
    var x = samples
    for (index, layer) in downsampling.enumerated() {
      x = try layer(x).leakyReLU()
      guard radius > 0, index < downsampling.count - 1 else { continue }
      x = try x.phaseShuffled(by: stream.index(below: 2 * radius + 1) - radius)
    }
    return try head(x.reshaped([samples.shape[0], -1]), labels: labels)
  }
}

extension Tensor {
  /// Frames `[B, T, C]` moved by a number, later where it is positive; the gap is filled with the frames mirrored at the
  /// edge, the edge itself not repeated.
  ///
  /// WaveGAN draws one shift for a whole batch. Where it judges real and generated sounds apart, with a shift for each, a
  /// batch here holds both kinds, which then have it in common.
  func phaseShuffled(by shift: Int) throws -> Tensor {
    let (frames, gap) = (shape[1], abs(shift))
    if shift == 0 { return self }
    let start = shift > 0 ? 1 : frames - 1 - gap
    let mirrored = try narrowed(along: 1, start: start, count: gap).flipped(along: 1)
    let kept = try narrowed(along: 1, start: shift > 0 ? 0 : gap, count: frames - gap)
    return try Tensor.concatenated(shift > 0 ? [mirrored, kept] : [kept, mirrored], along: 1)
  }
}

/// WaveGAN's generator: an affine map to 16 frames of many channels, then transposed convolutions that make four times as
/// many frames of half the channels, down to the waveform.
///
/// Labels, which the paper has none of, enter as a learned vector beside the latent.
public final class ClassicGenerator: SoundGenerator {
  /// The architecture.
  public let recipe: ClassicRecipe
  /// What the data decides.
  public let spec: ClassicSpec

  private let dense: Linear
  private let upsampling: [PolyphaseConvTranspose1d]
  private let filter: Conv1d?
  private let labelVectors: Embedding?

  /// The affine map, one transposed convolution a layer, the filter where there is one, label vectors where there are
  /// labels.
  public var members: Members {
    ["dense": dense, "upconv": ModuleGroup(upsampling), "filter": filter, "label": labelVectors]
  }

  /// Initialises a generator; weights start as TensorFlow's layers do, Glorot-uniform with biases of zero.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: source of random numbers for the weights.
  /// - Precondition: the recipe has no faults at the format's length.
  public init(
    recipe: ClassicRecipe, spec: ClassicSpec, latentDimension: Int, using stream: inout RandomStream
  ) throws {
    guard let strides = ClassicRecipe.strides(length: spec.length) else {
      preconditionFailure("a recipe's faults are looked for first")
    }
    self.recipe = recipe
    self.spec = spec
    var channels = recipe.width << (strides.count - 1)
    let labelDimension = spec.labels > 0 ? recipe.labelDimension : 0
    dense = try Linear(
      inputs: latentDimension + labelDimension, outputs: ClassicRecipe.innermost * channels,
      initialisation: .xavierUniform, using: &stream)
    var upsampling: [PolyphaseConvTranspose1d] = []
    for (index, stride) in strides.enumerated() {
      let outputs = index == strides.count - 1 ? spec.channels : channels / 2
      upsampling.append(
        try PolyphaseConvTranspose1d(
          inputs: channels, outputs: outputs, kernel: recipe.kernel, stride: stride,
          initialisation: .xavierUniform, using: &stream))
      channels = outputs
    }
    self.upsampling = upsampling
    filter = try recipe.postFilter.map { taps in
      try Conv1d(
        inputs: spec.channels, outputs: spec.channels, kernel: taps, padding: .same,
        groups: spec.channels, bias: false, initialisation: .xavierUniform, using: &stream)
    }
    labelVectors =
      spec.labels > 0
      ? try Embedding(symbols: spec.labels, dimensions: recipe.labelDimension, using: &stream) : nil
  }

  /// Sounds `[B, T, C]` in (-1, 1), or near it behind a filter, of latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var input = latents
    if let labelVectors {
      guard let labels else { throw TorchError("ClassicGenerator: no labels, expected [B] of them") }
      input = try Tensor.concatenated([latents, labelVectors(labels)], along: 1)
    }
    var x = try dense(input).reshaped([latents.shape[0], ClassicRecipe.innermost, -1])
    for layer in upsampling { x = try layer(x.relu()) }
    x = try x.converted(to: latents.dtype).tanh()
    guard let filter else { return x }
    return try filter(x.transposed(1, 2)).transposed(1, 2).converted(to: latents.dtype)
  }
}

/// The architecture of WaveGAN (Donahue, McAuley and Puckette, 2019), "Adversarial audio synthesis", for sounds of
/// 16 · 4^k or 32 · 4^k frames.
///
/// With 16384 frames, one channel and 100 numbers in a latent, a width of 64 gives the published networks of 19,065,345
/// and 17,427,969 parameters. 32768 and 65536 frames have 73,149,953 and 69,875,201.
public struct ClassicRecipe: Codable, Equatable, Sendable {
  /// Channels next to the waveform; each layer towards the latent or the logit has twice as many.
  public var width = 64
  /// Taps of the kernels, as in the paper 25.
  public var kernel = 25
  /// Taps of a filter, one a channel, that the generator ends with and learns; nil for none. The paper tries 512.
  public var postFilter: Int?
  /// Frames that the discriminator shifts its layers' outputs by in training, at most, in either direction; 0 for none.
  public var phaseShuffle = 2
  /// Numbers in the vector of a label that the generator takes beside the latent, where there are labels.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// The frames at the latent's end of either network.
  static let innermost = 16

  /// The strides between a sound and 16 frames, in the order of the layers of either network; nil where the length is not
  /// 16 · 4^k or 32 · 4^k, or less than 64.
  static func strides(length: Int) -> [Int]? {
    var strides: [Int] = []
    var frames = innermost
    while frames * 4 <= length {
      strides.append(4)
      frames *= 4
    }
    if frames * 2 <= length {
      strides.append(2)
      frames *= 2
    }
    return frames == length && length >= 4 * innermost ? strides : nil
  }

  /// Invalid values of the recipe.
  ///
  /// - Parameters:
  ///   - key: where in a modality's recipe it stands.
  ///   - length: frames of a sound; nil where the data decides.
  ///   - lengthKey: where in a modality's recipe that stands.
  public func faults(key: String = "classic", length: Int?, lengthKey: String = "data.length")
    -> [RecipeFault]
  {
    var faults = RecipeFaults()
    // Sizes beyond are slips, and their products overflow.
    if let length {
      faults.expect(
        length <= 1 << 24 && Self.strides(length: length) != nil, lengthKey, length,
        "16 · 4^k or 32 · 4^k frames from 64 to 16777216, such as 4096, 8192 or 16384")
    }
    faults.expect("\(key).width", width, 1...1024)
    faults.expect("\(key).kernel", kernel, 4...1023)
    let filter = postFilter ?? 1
    faults.expect((1...65_536).contains(filter), "\(key).postFilter", filter, "1 to 65536, or none")
    faults.expect("\(key).phaseShuffle", phaseShuffle, 0...15)
    faults.expect("\(key).labelDimension", labelDimension, 1...4096)
    return faults.list
  }
}

/// What the data decides about the classic networks.
public struct ClassicSpec: Codable, Equatable, Sendable {
  /// Frames of a sound.
  public var length: Int
  /// Channels of a sound.
  public var channels: Int
  /// Number of labels; 0 for networks without conditions.
  public var labels: Int

  /// Makes a format.
  public init(length: Int, channels: Int = 1, labels: Int = 0) {
    self.length = length
    self.channels = channels
    self.labels = labels
  }
}
