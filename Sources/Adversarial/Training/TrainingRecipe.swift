import Torch

/// How two networks are trained against each other: everything that the core, and no medium, decides.
///
/// Part of every modality's recipe, and stored with each run and checkpoint. Counts of samples are per generator
/// update; a schedule's total is the number of steps of its phase.
public struct TrainingRecipe: Codable, Equatable, Sendable {
  /// Generator updates over all phases, unless the user gives another budget.
  public var steps = 10_000
  /// Real samples per update of either network.
  public var batchSize = 64
  /// Parts that a batch is split into for less memory, their gradients being added up.
  ///
  /// Up to rounding the update is that of the whole batch as far as it consists of means over samples, pairs or symbols: every
  /// adversarial loss but the relativistic average, R1, R2, and own losses that say what samples count
  /// (`Game.lossWeight(at:)`). It is not where means are compared, as the relativistic average does, since these are
  /// then a part's. And latents apart, what is drawn at random is drawn for each part anew: in networks, in batches, in own
  /// losses, the mixtures of gradient penalties. These are other draws, just as likely: a run with other parts is another run.
  public var accumulation = 1
  /// Discriminator updates per generator update.
  public var discriminatorSteps = 1

  /// The adversarial loss of both networks.
  public var loss = AdversarialLoss.nonSaturating
  /// Penalties on the discriminator's gradient.
  public var penalties = [Penalty(.r1, weight: .constant(0.1))]
  /// The bound that discriminator weights are clipped to after each update; nil leaves them alone.
  public var weightClipping: WeightClipping?
  /// The distribution of latents.
  public var prior = Prior.normal
  /// Numbers in a latent.
  public var latentDimension = 64

  /// The generator's optimiser in the duel.
  public var generatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
  /// The discriminator's optimiser.
  public var discriminatorOptimiser = OptimiserConfiguration(.adam, beta1: 0, beta2: 0.99)
  /// The generator's learning rate in the duel.
  public var generatorRate = Schedule.constant(2e-4)
  /// The discriminator's learning rate.
  public var discriminatorRate = Schedule.constant(2e-4)
  /// The largest norm that a network's gradient may have; longer ones are shortened. Nil leaves them alone.
  public var clipNorm: Double?
  /// The moving average of the generator: the one that is kept, shown and measured.
  public var averaging = AveragingDecay.halfLife(samples: 10_000, rampUp: 0.05)
  /// Type of the operands of matrix products and convolutions.
  public var precision = Precision.float32
  /// The same inside penalties, whose gradients are small differences: in bfloat16 they are cheaper, and some
  /// discriminators learn far less from them (docs/experiments/audio-modern.md).
  public var penaltyPrecision = Precision.float32

  /// The modality's own objective before the duel, for media that have one.
  public var warmUp = WarmUpRecipe()
  /// Weight of the adversarial loss in the generator's loss.
  public var adversarialWeight = Schedule.constant(1)
  /// Weight of the anchor on real data, for media that have one.
  public var anchorWeight = Schedule.constant(1)
  /// Steps between two scores on validation data.
  public var validationInterval = 250

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// The real samples that a step of a phase sees.
  public func samplesPerStep(in phase: Phase) -> Int {
    switch phase {
    case .warmUp: batchSize
    case .duel: batchSize * discriminatorSteps
    }
  }
}

/// How the warm-up trains.
public struct WarmUpRecipe: Codable, Equatable, Sendable {
  /// Its number of steps, unless that exceeds the share.
  public var steps = 2_000
  /// The largest share of the whole budget that it may take, from 0 to 1.
  public var share = 0.5
  /// Its optimiser.
  public var optimiser = OptimiserConfiguration(.adam, beta1: 0.9, beta2: 0.999)
  /// Its learning rate.
  public var rate = Schedule.constant(2e-3)

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// Type of the operands of matrix products and convolutions; sums and parameters are in single precision in each case.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// Single precision throughout.
  case float32
  /// bfloat16 operands where libtorch's autocast deems them safe.
  case bfloat16

  /// The type for `withAutocast`, nil where nothing is cast.
  public var autocast: DType? { self == .bfloat16 ? .bfloat16 : nil }
}
