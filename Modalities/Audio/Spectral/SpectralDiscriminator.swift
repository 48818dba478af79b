import Adversarial
import Foundation
import Torch

/// A discriminator of log-mel pictures of clips: convolutions over frames whose features are averaged over the clip, a label by a
/// `ProjectionHead`, and outright what convolutions are slow to find: plain statistics of the bands.
///
/// It judges patches. One that saw where in a clip a feature lies knew its few thousand clips by heart and moved sounds away from
/// real ones; without the statistics the generator's first thousand steps were drift that it did not see.
public final class SpectralDiscriminator: Discriminator {
  private let augmentation: CodeAugmentation
  private let first: PolyphaseConv1d
  private let layers: [PolyphaseConv1d]
  private let head: ProjectionHead
  private let plain: Linear
  private let mean: Buffer
  private let scale: Buffer

  /// Layers, logit, label vectors where there are labels.
  public var members: Members {
    [
      "first": first, "layers": ModuleGroup(layers), "output": head.output, "label": head.label,
      "plain": plain, "mean": mean, "scale": scale,
    ]
  }

  /// Initialises a discriminator.
  ///
  /// - Parameters:
  ///   - recipe: the architecture.
  ///   - spec: what the data decides.
  ///   - stream: source of random numbers for the weights.
  init(recipe: SpectralRecipe, spec: AudioSpec, using stream: inout RandomStream) throws {
    let codec = try ClipCodec(sampleRate: spec.sampleRate, length: spec.length, channels: spec.channels)
    augmentation = try CodeAugmentation(recipe.augmentation, codec: codec, sampleRate: spec.sampleRate)
    first = try PolyphaseConv1d(
      inputs: codec.numbers, outputs: recipe.width, kernel: 5, initialisation: .heNormal,
      using: &stream)
    layers = try (0..<recipe.layers).map { _ in
      try PolyphaseConv1d(
        inputs: recipe.width, outputs: recipe.width, kernel: 6, stride: 2, initialisation: .heNormal,
        using: &stream)
    }
    head = try ProjectionHead(features: recipe.width, labels: spec.labels.count, using: &stream)
    plain = try Linear(inputs: 3 * codec.numbers, outputs: 1, initialisation: .zeros, using: &stream)
    mean = Buffer(try Tensor.zeros([3 * codec.numbers]))
    scale = Buffer(try Tensor.ones([3 * codec.numbers]))
  }

  /// Takes what the clips' statistics are standardised by.
  func take(_ clips: CodedClips) throws {
    mean.value = try clips.statistics.mean.converted(to: .float32).moved(to: mean.value.device)
    scale.value = try (1 / clips.statistics.deviation).converted(to: .float32).moved(to: scale.value.device)
  }

  /// Logits `[B]` of codes `[B, F, N]`; in training they are augmented first, real and generated ones alike.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var codes = samples
    if context.isTraining {
      var stream = context.stream("augmentation")
      codes = try withoutAutocast(on: samples.device) {
        try augmentation.apply(to: samples.widened(), using: &stream)
      }
    }
    // Silence is nothing, as the padding is.
    var features = try first(codes + 1).leakyReLU()
    for layer in layers {
      // An odd frame has a silent neighbour.
      if features.shape[1] % 2 == 1 { features = try features.padded(0, 0, 0, 1) }
      features = try layer(features).leakyReLU()
    }
    let numbers = try (CodeStatistics.raw(codes, dtype: .float32) - mean.value) * scale.value
    return try head(features.mean(along: 1), labels: labels) + plain(numbers).squeezingDimension(at: 1)
  }
}

/// Augmentation of codes before the discriminator sees them, real and generated ones alike, against overfitting to few
/// clips.
public struct CodeAugmentationRecipe: Codable, Equatable, Sendable {
  /// The largest shift in time in either direction, in seconds; silence moves in from the other side.
  public var shift = 0.02
  /// The largest change of speed in either direction, as a share.
  public var speed = 0.02
  /// The largest change of all frequencies in either direction, as a share.
  public var frequency = 0.01
  /// The largest change of level, and of the slope of the spectrum from its middle to its ends, in decibels.
  public var colour = 0.3

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// Augments batches of codes; differentiable as often as one likes.
struct CodeAugmentation: Sendable {
  private let recipe: CodeAugmentationRecipe
  private let warp: CodeWarp
  private let codec: ClipCodec
  /// Frames a second.
  private let rate: Double

  /// Prepares to augment codes of a codec at a sample rate in hertz.
  init(_ recipe: CodeAugmentationRecipe, codec: ClipCodec, sampleRate: Int) throws {
    self.recipe = recipe
    self.codec = codec
    warp = try CodeWarp(codec)
    rate = Double(sampleRate) / Double(codec.hop)
  }

  /// Augments codes `[B, F, N]`.
  func apply(to codes: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let device = codes.device
    var draws = try (stream.uniform([codes.shape[0], 5], device: device) * 2 - 1).unbound(along: 1)
      .map { try $0.expandingDimension(at: 1) }[...]
    let times = try Tensor.arange(0, Double(codec.frames)).converted(to: .float32).moved(to: device)
    let shift = try draws.removeFirst() * (recipe.shift * rate)
    let speed = try (draws.removeFirst() * recipe.speed).exp()
    var changed = try warp.inTime(codes, at: times * speed + shift)
    changed = try warp.inFrequency(changed, by: (draws.removeFirst() * recipe.frequency).exp())
    let slope =
      try Tensor.arange(0, Double(codec.bands)).converted(to: .float32).moved(to: device)
      * (2 / Double(codec.bands)) - 1
    let decibels = try (draws.removeFirst() + draws.removeFirst() * slope) * recipe.colour
    return try warp.louder(changed, by: decibels.reshaped([-1, 1, 1, codec.bands]))
  }
}
