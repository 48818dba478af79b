import Adversarial
import Foundation
import Torch

/// A two-dimensional game that trains in seconds: eight Gaussians on a circle against a small perceptron.
///
/// The classical test for mode collapse (Metz et al., "Unrolled generative adversarial networks", 2017).
public final class MixtureGame: Game {
  /// What varies between tests.
  public struct Shape: Sendable {
    /// Units of each hidden layer.
    public var hidden = 64
    /// Numbers in a latent.
    public var latent = 8
    /// Whether the game has a warm-up.
    public var hasWarmUp = false
    /// Whether the discriminator's weights are spectrally normalised.
    public var spectralNorm = false
    /// Whether the discriminator sees points through noise whose strength adapts.
    public var adaptiveNoise = false
    /// Whether samples carry their component as a label.
    public var isConditional = false

    /// The defaults, to be changed field by field.
    public init() {}
  }

  /// Components of the mixture.
  public static let modes = 8
  /// Distance of each component's mean from the origin.
  public static let radius = 1.0
  /// Standard deviation of each component.
  public static let spread = 0.05

  /// The generator.
  public let generator: any Generator
  /// The generator's moving average.
  public let averagedGenerator: any Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// The host: nothing here is worth a device.
  public let device = Device.cpu
  /// Points to train on.
  public let trainingCount = 4096
  /// Whether there is a warm-up.
  public let hasWarmUp: Bool

  private let samples: Tensor
  private let components: Tensor?

  /// Draws data and networks.
  public init(shape: Shape = Shape(), seed: UInt64) throws {
    var stream = RandomStream(seed: seed, name: "networks")
    generator = try Perceptron(
      inputs: shape.latent, labels: shape.isConditional ? Self.modes : 0, hidden: shape.hidden, outputs: 2,
      spectralNorm: false, using: &stream)
    averagedGenerator = try Perceptron(
      inputs: shape.latent, labels: shape.isConditional ? Self.modes : 0, hidden: shape.hidden, outputs: 2,
      spectralNorm: false, using: &stream)
    discriminator = try Perceptron(
      inputs: 2, labels: shape.isConditional ? Self.modes : 0, hidden: shape.hidden, outputs: 1,
      spectralNorm: shape.spectralNorm,
      noise: shape.adaptiveNoise ? AdaptiveStrength(target: 0.6, span: 512) : nil, using: &stream)
    hasWarmUp = shape.hasWarmUp
    let drawn = try Self.draw(count: trainingCount, seed: seed)
    samples = drawn.samples
    components = shape.isConditional ? drawn.components : nil
  }

  /// Draws `[count, 2]` from the mixture, and which component `[count]` each is of.
  public static func draw(count: Int, seed: UInt64) throws -> (samples: Tensor, components: Tensor) {
    var stream = RandomStream(seed: seed, name: "mixture")
    let components = (0..<count).map { _ in Int.random(in: 0..<modes, using: &stream) }
    let angles = components.map { 2 * Double.pi * Double($0) / Double(modes) }
    let centres = angles.flatMap { [Float(radius * cos($0)), Float(radius * sin($0))] }
    let noise = try stream.normal([count, 2]) * spread
    return (try Tensor(centres, shape: [count, 2]) + noise, try Tensor(components, shape: [count]))
  }

  /// How many components have at least one of the samples `[N, 2]` within four standard deviations of their mean,
  /// and which share of the samples is that near to any.
  public static func coverage(of samples: Tensor) throws -> (modes: Int, goodShare: Double) {
    let values = try samples.array(of: Float.self)
    var found = Set<Int>()
    var good = 0
    for index in 0..<values.count / 2 {
      let (x, y) = (Double(values[2 * index]), Double(values[2 * index + 1]))
      for mode in 0..<modes {
        let angle = 2 * Double.pi * Double(mode) / Double(modes)
        if hypot(x - radius * cos(angle), y - radius * sin(angle)) < 4 * spread {
          found.insert(mode)
          good += 1
        }
      }
    }
    return (found.count, Double(good) / Double(values.count / 2))
  }

  /// Points and, in a conditional game, their components.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    let places = try Tensor(indices)
    return Batch(samples: try samples.gathered(at: places), labels: try components?.gathered(at: places))
  }

  /// The squared distance between generated and real points: enough to have a warm-up.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    var stream = context.stream("latents")
    let latents = try stream.normal([batch.count, (generator as? Perceptron)?.inputs ?? 1])
    let fake = try generator.generate(latents: latents, labels: batch.labels, context: context)
    return try (fake - batch.samples).squared().mean()
  }

  /// How far the mean of generated points lies from the centre, squared.
  public func validationScore() throws -> Double? {
    guard hasWarmUp else { return nil }
    let context = StepContext(seed: 5, scope: "validation")
    var stream = context.stream("latents")
    let latents = try stream.normal([256, (averagedGenerator as? Perceptron)?.inputs ?? 1])
    let labels = components == nil ? nil : try Tensor.zeros([256], dtype: .int64)
    let fake = try withoutGradients {
      try averagedGenerator.generate(latents: latents, labels: labels, context: context)
    }
    return try fake.mean(along: 0).squared().sum().item()
  }
}

/// A game that is a mixture but for what it says otherwise.
public protocol MixtureWrapper: Game {
  /// The mixture.
  var inner: MixtureGame { get }
}

extension MixtureWrapper {
  /// The mixture's.
  public var generator: any Generator { inner.generator }
  /// The mixture's.
  public var averagedGenerator: any Generator { inner.averagedGenerator }
  /// The mixture's.
  public var discriminator: any Discriminator { inner.discriminator }
  /// The mixture's.
  public var device: Device { inner.device }
  /// The mixture's.
  public var trainingCount: Int { inner.trainingCount }
  /// The mixture's.
  public var hasWarmUp: Bool { inner.hasWarmUp }
  /// The mixture's.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    try inner.batch(at: indices, context: context)
  }
  /// The mixture's.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    try inner.warmUpLoss(on: batch, context: context)
  }
}

/// Three affine maps with leaky rectifiers between them; labels are added to the input as one-hot numbers.
public final class Perceptron: Generator, Discriminator {
  /// Numbers in, labels left out.
  public let inputs: Int
  private let labels: Int
  private let first: Linear
  private let second: Linear
  private let third: Linear
  private let noise: AdaptiveStrength?

  /// The three maps, and the strength of noise where it adapts.
  public var members: Members { ["first": first, "second": second, "third": third, "noise": noise] }

  /// Draws a perceptron.
  public init(
    inputs: Int, labels: Int = 0, hidden: Int, outputs: Int, spectralNorm: Bool,
    noise: AdaptiveStrength? = nil, using stream: inout RandomStream
  ) throws {
    self.inputs = inputs
    self.noise = noise
    self.labels = labels
    first = try Linear(inputs: inputs + labels, outputs: hidden, spectralNorm: spectralNorm, using: &stream)
    second = try Linear(inputs: hidden, outputs: hidden, spectralNorm: spectralNorm, using: &stream)
    third = try Linear(inputs: hidden, outputs: outputs, spectralNorm: spectralNorm, using: &stream)
  }

  private func callAsFunction(_ input: Tensor, labels classes: Tensor?) throws -> Tensor {
    let x =
      try classes.map {
        try Tensor.concatenated([input, $0.oneHot(count: labels).converted(to: input.dtype)], along: 1)
      } ?? input
    return try third(second(first(x).leakyReLU()).leakyReLU())
  }

  /// Points of latents.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try self(latents, labels: labels)
  }

  /// Logits of points.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var points = samples
    if context.isTraining, let noise {
      var stream = context.stream("noise")
      points = try points + stream.normal(points.shape) * noise.value
    }
    return try self(points, labels: labels).squeezingDimension(at: 1)
  }

  /// Lets noise follow, where it adapts.
  public func follow(accuracy: Double, samples: Int) throws -> [Scalar] {
    guard let noise else { return [] }
    try noise.update(accuracy: accuracy, samples: samples)
    return [Scalar(ScalarName.augmentation, try noise.value)]
  }
}
