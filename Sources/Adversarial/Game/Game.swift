import Torch

/// What one medium brings to the trainer: its networks, its data, and the objectives beside the adversarial one.
///
/// The trainer sees nothing but tensors. A game is made from a recipe and a seed and is, at step 0, a pure function
/// of the two.
///
/// Where a trainer is given more parts of a batch than it computes one after the other (`Trainer`'s `partCount`), several threads
/// ask for batches, losses and objectives and run the networks at the same time: these may change nothing that others see.
public protocol Game: AnyObject {
  /// The generator being trained.
  var generator: any Generator { get }
  /// A generator of the same architecture that will hold the moving average of the first one's parameters.
  var averagedGenerator: any Generator { get }
  /// The discriminator.
  var discriminator: any Discriminator { get }
  /// Where the networks lie.
  var device: Device { get }

  /// Number of real samples to train on, at least 1.
  var trainingCount: Int { get }
  /// Real samples of some indices in `0 ..< trainingCount`. Augmentations and crops draw from the context's streams.
  func batch(at indices: [Int], context: StepContext) throws -> Batch
  /// Says which samples a step will ask for, before it does, so that data that does not fit in memory can be read ahead
  /// in the background. Nothing may depend on whether it is called.
  func prefetch(_ indices: [Int], seed: UInt64, step: Int)
  /// Seconds that `batch` has waited for data to be read so far.
  var waitingSeconds: Double { get }

  /// Whether the game has an objective of its own to start the generator with.
  var hasWarmUp: Bool { get }
  /// Whether the generator makes samples worth having before the first step, which a duel may spoil.
  var beginsWithSamples: Bool { get }
  /// The warm-up's loss on a real batch, such as the likelihood's or an auto-encoder's: a single number.
  func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor
  /// A loss on real data that holds the generator in place during the duel; nil without one.
  func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor?

  /// What the generator's update in the duel makes small, for one part of a batch. By default it is pathwise: the loss of
  /// generated samples, differentiated through them and the discriminator. A medium whose samples have no gradient may give
  /// a weighted likelihood or a score function's surrogate instead.
  func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective

  /// Whether `generatorObjective` asks for `GeneratorUpdate.compared`. A batch that is computed in parts then has all its samples
  /// drawn once more.
  var comparesSamples: Bool { get }

  /// What some samples count together in `warmUpLoss` and `anchorLoss`: their number where these are means over samples, the
  /// number of their symbols where these are means over symbols. Where a batch is split, each part's loss is weighted by its
  /// share of this, so that the gradient is that of the whole batch; of losses that are no such means it is another one.
  func lossWeight(at indices: [Int]) -> Double

  /// How well the averaged generator does on validation data, which is neither trained on nor held out: the lower, the
  /// better. Decides what is kept of the warm-up and which checkpoint is best. Nil where the medium has no such measure.
  func validationScore() throws -> Double?

  /// What looks wrong with the averaged generator's samples, in sentences that say what to do; asked for at every validation
  /// and passed on to observers. Uses no random numbers of training's.
  func warnings(seed: UInt64) throws -> [String]

  /// Number of real samples that are not trained on, to see what discriminators make of those: of the validation part, and of
  /// the held-out part only where there is no other. 0 where the game has none.
  var heldOutCount: Int { get }
  /// Such samples of some indices in `0 ..< heldOutCount`, as the discriminator takes them. Crops draw from the context's
  /// streams.
  func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch
  /// Whether a discriminator may be trained on these samples: they are a validation part, rather than what evaluations
  /// measure on.
  var canTrainOnHeldOut: Bool { get }
  /// Whether training samples may be kept from the generator for a discriminator of its finished samples. Not where a network
  /// is told of all training samples otherwise than in batches.
  var canReserve: Bool { get }

  /// A discriminator of the recipe's kind with fresh weights, for a verdict on the finished generator; nil where the game makes
  /// none.
  ///
  /// - Parameter stream: source of random numbers for the weights.
  func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)?

  /// Samples of the averaged generator from fixed latents, drawn from the seed, for people to look at or listen to.
  /// Uses no random numbers of training's.
  func preview(seed: UInt64) throws -> Preview
}

extension Game {
  /// Nothing is read ahead.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) {}
  /// None: the data is in memory.
  public var waitingSeconds: Double { 0 }
  /// None: the duel starts at once.
  public var hasWarmUp: Bool { false }
  /// It begins with noise.
  public var beginsWithSamples: Bool { false }
  /// Never called without a warm-up.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    preconditionFailure("a game with a warm-up has a warm-up loss")
  }
  /// None.
  public func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? { nil }
  /// The objective is a mean over samples.
  public var comparesSamples: Bool { false }
  /// Each sample counts as much as any other.
  public func lossWeight(at indices: [Int]) -> Double { Double(indices.count) }
  /// None.
  public func warnings(seed: UInt64) throws -> [String] { [] }
  /// None.
  public func validationScore() throws -> Double? { nil }
  /// None.
  public var heldOutCount: Int { 0 }
  /// Never called without held-out samples.
  public func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    preconditionFailure("a game with held-out samples has batches of them")
  }
  /// They are for no other purpose.
  public var canTrainOnHeldOut: Bool { true }
  /// The generator sees training samples in batches only.
  public var canReserve: Bool { true }
  /// None.
  public func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? { nil }

  /// Some of the real samples that are not trained on; nil where the game has none.
  ///
  /// - Parameters:
  ///   - count: how many, at most; which ones is drawn from the context's streams.
  ///   - context: where in the run they are asked for.
  public func heldOutBatch(count: Int, context: StepContext) throws -> Batch? {
    guard heldOutCount > 0 else { return nil }
    var stream = context.stream("samples")
    return try heldOutBatch(at: stream.indices(count, outOf: heldOutCount), context: context)
  }
  /// No samples.
  public func preview(seed: UInt64) throws -> Preview { Preview() }
}

/// A network that turns latents into samples.
public protocol Generator: Module {
  /// Makes samples `[B, ...]` from latents `[B, Z]` and, for conditional networks, labels `[B]`.
  ///
  /// In training the result is differentiable, so a discrete medium gives its relaxation here, such as a
  /// straight-through one-hot.
  func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor
}

/// A network that distinguishes real samples from generated ones.
public protocol Discriminator: Module {
  /// Logits `[B]`, or `[B, T]` for one per position, of samples `[B, ...]` and, for conditional networks, labels `[B]`:
  /// the higher, the more real. Must not mix the samples of a batch, as batch normalisation would: penalties take the
  /// gradient sample by sample.
  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor

  /// Takes note of an update that was made, for what follows the training without being trained, such as an
  /// `AdaptiveStrength`. Whatever this changes belongs into buffers: a resumed run finds them where they were.
  ///
  /// - Parameters:
  ///   - accuracy: the share of decisions that were right before the update, from 0 to 1.
  ///   - samples: real samples that the update saw.
  /// - Returns: numbers to report.
  func follow(accuracy: Double, samples: Int) throws -> [Scalar]
}

extension Discriminator {
  /// Nothing follows.
  public func follow(accuracy: Double, samples: Int) throws -> [Scalar] { [] }
}

/// Samples that are trained on together.
public struct Batch: Sendable {
  /// The samples `[B, ...]`, as a discriminator takes them.
  public var samples: Tensor
  /// Their classes `[B]` as `int64`, nil without conditions.
  public var labels: Tensor?

  /// Makes a batch.
  public init(samples: Tensor, labels: Tensor? = nil) {
    self.samples = samples
    self.labels = labels
  }

  /// Number of samples.
  public var count: Int { samples.shape.first ?? 0 }
}
