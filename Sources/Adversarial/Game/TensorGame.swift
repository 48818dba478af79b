import Failures
import Torch

/// A game over tensors of one's own: any samples in memory, any two networks.
///
/// ```swift
/// let game = try TensorGame(samples: points, seed: 1) { stream in
///   try SequentialGenerator(Sequential([Linear(inputs: 64, outputs: 2, using: &stream)]))
/// } discriminator: { stream in
///   try SequentialDiscriminator(Sequential([Linear(inputs: 2, outputs: 1, using: &stream)]))
/// }
/// ```
///
/// Loss, penalties, prior and all else come from the `TrainingRecipe`; `latentDimension` is what the generator takes.
/// `Examples/OwnTensors` trains one.
public final class TensorGame: Game {
  /// The generator being trained.
  public let generator: any Generator
  /// Holds the moving average.
  public let averagedGenerator: any Generator
  /// The discriminator.
  public let discriminator: any Discriminator
  /// Where samples and networks lie.
  public let device: Device
  /// How many samples are trained on.
  public var trainingCount: Int { training.count }

  private let training: Batch
  private let heldOut: Batch?
  private let makeNetwork: (inout RandomStream) throws -> any Discriminator

  /// Makes the networks and moves everything to a device.
  ///
  /// - Parameters:
  ///   - samples: what to train on, `[N, ...]` of at least one sample, finite.
  ///   - labels: their classes `[N]` as `int64`, for conditional networks.
  ///   - heldOut: samples that are not trained on, by which reports show how much the discriminator overfits; labelled
  ///     where the others are.
  ///   - seed: of the networks' first weights.
  ///   - device: where to train.
  ///   - makeGenerator: makes a generator from a stream; called twice with the same stream, for the average.
  ///   - makeDiscriminator: makes the discriminator, and later another one for the verdict.
  /// - Throws: `UserError(.badData)` when there are no samples, when one is not finite, or when labels and samples differ in
  ///   number; what the closures throw.
  public init(
    samples: Tensor, labels: Tensor? = nil, heldOut: Batch? = nil, seed: UInt64, device: Device = .cpu,
    generator makeGenerator: (inout RandomStream) throws -> any Generator,
    discriminator makeDiscriminator: @escaping (inout RandomStream) throws -> any Discriminator
  ) throws {
    makeNetwork = makeDiscriminator
    func placed(_ batch: Batch, _ name: String) throws -> Batch {
      guard batch.count > 0 else { throw UserError(.badData, "\(name): found none, expected at least one") }
      guard try batch.samples.sum().item().isFinite else {
        throw UserError(.badData, "\(name): found a number that is not finite, or too large to add up")
      }
      guard (batch.labels == nil) == (labels == nil), batch.labels.map({ $0.shape == [batch.count] }) ?? true
      else {
        let found = batch.labels.map { "labels of shape \($0.shape)" } ?? "no labels"
        throw UserError(
          .badData, "\(name): found \(found), expected \(labels == nil ? "none" : "[\(batch.count)]")")
      }
      return Batch(
        samples: try batch.samples.detached().moved(to: device), labels: try batch.labels?.moved(to: device))
    }
    training = try placed(Batch(samples: samples, labels: labels), "samples")
    self.heldOut = try heldOut.map { try placed($0, "held-out samples") }
    self.device = device
    func network<Network>(_ name: String, _ make: (inout RandomStream) throws -> Network) throws -> Network {
      var stream = RandomStream(seed: seed, name: name)
      return try make(&stream)
    }
    generator = try network("generator", makeGenerator)
    averagedGenerator = try network("generator", makeGenerator)
    discriminator = try network("discriminator", makeDiscriminator)
    for module in [generator, averagedGenerator, discriminator] as [any Module] {
      try module.move(to: device)
    }
  }

  /// Samples `[B, ...]` as they were given, and their labels.
  public func batch(at indices: [Int], context: StepContext) throws -> Batch {
    try rows(of: training, at: indices)
  }

  /// Held-out samples.
  public var heldOutCount: Int { heldOut?.count ?? 0 }

  /// Some of the held-out samples.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    guard let heldOut else { throw TorchError("found no held-out samples, \(indices.count) are asked for") }
    return try rows(of: heldOut, at: indices)
  }

  /// A discriminator as the closure makes it.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? {
    let network = try makeNetwork(&stream)
    try network.move(to: device)
    return network
  }

  private func rows(of batch: Batch, at indices: [Int]) throws -> Batch {
    let indices = try Tensor(indices).moved(to: device)
    return Batch(
      samples: try batch.samples.gathered(at: indices), labels: try batch.labels?.gathered(at: indices))
  }
}

/// A generator that is a network of layers: samples are the network's output for latents.
public final class SequentialGenerator: Generator {
  private let network: any Layer
  private let classes: Int

  /// The network's own parameters, under the network's own names.
  public var members: Members { network.members }

  /// Makes a generator of a network, such as a `Sequential`.
  ///
  /// - Parameters:
  ///   - network: takes `[B, Z + classes]` and gives `[B, ...]`.
  ///   - classes: how many there are; labels are added to the latents as one-hot numbers. 0 without conditions.
  public init(_ network: any Layer, classes: Int = 0) {
    self.network = network
    self.classes = classes
  }

  /// Samples of latents.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    try network(latents.joined(oneHot: labels, classes: classes))
  }
}

/// A discriminator that is a network of layers: logits are the network's output for samples.
public final class SequentialDiscriminator: Discriminator {
  private let network: any Layer
  private let classes: Int

  /// The network's own parameters, under the network's own names.
  public var members: Members { network.members }

  /// Makes a discriminator of a network, such as a `Sequential`.
  ///
  /// - Parameters:
  ///   - network: takes samples `[B, ...]`, with classes `[B, N + classes]`, and gives `[B, 1]` or several logits each,
  ///     `[B, T]`.
  ///   - classes: how many there are; labels are added to samples `[B, N]` as one-hot numbers. 0 without conditions.
  public init(_ network: any Layer, classes: Int = 0) {
    self.network = network
    self.classes = classes
  }

  /// Logits of samples.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let logits = try network(samples.joined(oneHot: labels, classes: classes))
    return logits.shape.count == 2 && logits.shape[1] == 1 ? try logits.squeezingDimension(at: 1) : logits
  }
}

extension Tensor {
  /// Rows `[B, N]` with labels behind them as one-hot numbers, `[B, N + classes]`; the rows themselves without classes.
  fileprivate func joined(oneHot labels: Tensor?, classes: Int) throws -> Tensor {
    guard classes > 0 else { return self }
    guard let labels, shape.count == 2 else {
      throw TorchError(
        "found \(labels == nil ? "no labels" : "shape \(shape)"), expected labels and rows [B, N]")
    }
    return try Tensor.concatenated([self, labels.oneHot(count: classes).converted(to: dtype)], along: 1)
  }
}
