import Adversarial
import Torch

/// WaveGAN's generator: an affine map to 16 frames of many channels, then transposed convolutions that make four times as
/// many frames of half the channels, down to the waveform.
///
/// Labels, which the paper has none of, enter as a learned vector beside the latent.
public final class ClassicGenerator: Generator {
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

  /// Draws a generator; weights start as TensorFlow's layers do, Glorot-uniform with biases of zero.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - latentDimension: numbers in a latent.
  ///   - stream: where the weights are drawn from.
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
