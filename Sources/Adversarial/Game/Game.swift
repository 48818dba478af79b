import Torch

/// What one medium brings to the trainer: its networks, its data, and the objectives beside the adversarial one.
///
/// The trainer sees nothing but tensors. A game is made from a recipe and a seed and is, at step 0, a pure function
/// of the two.
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
  /// Real samples at places `0 ..< trainingCount`. Augmentations and crops draw from the context's streams.
  func batch(at indices: [Int], context: StepContext) throws -> Batch
  /// Says which samples a step will ask for, before it does, so that data that does not fit in memory can be read ahead
  /// in the background. Nothing may depend on whether it is called.
  func prefetch(_ indices: [Int], seed: UInt64, step: Int)
  /// Seconds that `batch` has waited for data to be read so far.
  var waitingSeconds: Double { get }

  /// Whether the game has an objective of its own to start the generator with.
  var hasWarmUp: Bool { get }
  /// The warm-up's loss on a real batch, such as the likelihood's or an auto-encoder's: a single number.
  func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor
  /// A loss on real data that holds the generator in place during the duel; nil without one.
  func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor?

  /// What some samples count together in `warmUpLoss` and `anchorLoss`: their number where these are means over samples, the
  /// number of their symbols where these are means over symbols. Where a batch is split, each part's loss is weighted by its
  /// share of this, so that the gradient is that of the whole batch; of losses that are no such means it is another one.
  func lossWeight(at indices: [Int]) -> Double

  /// How well a generator does on validation data, which is neither trained on nor held out: the lower, the better. Decides what is kept of the warm-up and which
  /// checkpoint is best. Nil where the medium has no such measure.
  func validationScore(of generator: any Generator) throws -> Double?

  /// Samples of fixed latents, drawn from the seed, for people to look at or listen to. Draws nothing that training uses.
  func preview(of generator: any Generator, seed: UInt64) throws -> Preview
}

extension Game {
  /// Nothing is read ahead.
  public func prefetch(_ indices: [Int], seed: UInt64, step: Int) {}
  /// None: the data is in memory.
  public var waitingSeconds: Double { 0 }
  /// None: the duel starts at once.
  public var hasWarmUp: Bool { false }
  /// Never called without a warm-up.
  public func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
    preconditionFailure("a game with a warm-up has a warm-up loss")
  }
  /// None.
  public func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? { nil }
  /// Each sample counts as much as any other.
  public func lossWeight(at indices: [Int]) -> Double { Double(indices.count) }
  /// None.
  public func validationScore(of generator: any Generator) throws -> Double? { nil }
  /// No samples.
  public func preview(of generator: any Generator, seed: UInt64) throws -> Preview { Preview() }
}
