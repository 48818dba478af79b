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

  /// Draws a discriminator; weights start as TensorFlow's layers do, Glorot-uniform with biases of zero.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - stream: where the weights are drawn from.
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
