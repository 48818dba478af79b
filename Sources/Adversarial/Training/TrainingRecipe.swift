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
  /// Parts that a batch is split into for less memory, which are computed one after the other, their gradients being added up.
  ///
  /// Up to rounding the update is that of the whole batch: draws are those of its rows, and losses that compare samples or means
  /// take a first pass over all parts. Only an own loss of a game that is no mean over what `Game.lossWeight(at:)` counts, such
  /// as one that matches moments of the batch, is another one in parts.
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
  /// Steps between two scores on validation data, at most; a short duel has them more often, so that there are sixteen.
  public var validationInterval = 250
  /// When the duel is re-balanced, and when it ends before its time.
  public var referee = RefereeRecipe()
  /// How a discriminator of its own is trained after the duel.
  public var verdict = VerdictRecipe()

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// The real samples that a step of a phase sees.
  public func samplesPerStep(in phase: Phase) -> Int {
    switch phase {
    case .warmUp: batchSize
    case .duel: batchSize * discriminatorSteps
    case .verdict: verdict.batchSize ?? batchSize
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

/// A value of a recipe that makes no sense, such as a batch of 0 samples.
public struct RecipeFault: Hashable, Sendable {
  /// The dotted key, such as `training.batchSize`.
  public let key: String
  /// What was found and what was expected: "found 0, expected at least 1".
  public let message: String

  /// Reports a key.
  public init(key: String, message: String) {
    self.key = key
    self.message = message
  }
}

/// Gathers what makes no sense in a recipe.
public struct RecipeFaults: Sendable {
  /// The largest number of channels or of points that is no slip; products of two do not overflow.
  public static let largestWidth = 65_536

  /// What was found so far.
  public private(set) var list: [RecipeFault] = []
  private let prefix: String

  /// Has found nothing yet.
  ///
  /// - Parameter prefix: what all keys begin with.
  public init(prefix: String = "") { self.prefix = prefix }

  /// Checks that a value is in a range.
  public mutating func expect<Value: Comparable & CustomStringConvertible>(
    _ key: String, _ found: Value, _ range: ClosedRange<Value>
  ) {
    expect(range.contains(found), key, found, "\(range.lowerBound) to \(range.upperBound)")
  }

  /// Checks that a condition holds; the fault names what was expected.
  public mutating func expect(
    _ condition: Bool, _ key: String, _ found: some CustomStringConvertible, _ expected: String
  ) {
    guard !condition else { return }
    list.append(RecipeFault(key: prefix + key, message: "found \(found), expected \(expected)"))
  }

  /// Wants so many numbers of channels.
  public mutating func expectWidths(_ key: String, _ found: [Int], count: ClosedRange<Int>) {
    let isSound = count.contains(found.count) && found.allSatisfy { (1...Self.largestWidth).contains($0) }
    expect(
      isSound, key, found,
      "\(count.lowerBound) to \(count.upperBound) widths, each 1 to \(Self.largestWidth)")
  }
}

extension TrainingRecipe {
  /// Invalid values of the core's part of a recipe, with keys as in a modality's recipe.
  public var faults: [RecipeFault] {
    var faults = RecipeFaults(prefix: "training.")
    // The upper bounds are beyond any use, and keep every product of counts, such as samples seen, within an integer.
    let longest = 1_000_000_000_000
    faults.expect("steps", steps, 1...longest)
    faults.expect("batchSize", batchSize, 1...1_000_000)
    faults.expect(
      (1...max(batchSize, 1)).contains(accumulation), "accumulation", accumulation,
      "1 to the batch's \(batchSize) samples")
    faults.expect("discriminatorSteps", discriminatorSteps, 1...10_000)
    faults.expect("latentDimension", latentDimension, 1...1_000_000)
    faults.expect(clipNorm ?? 1 > 0, "clipNorm", clipNorm ?? 0, "more than 0")
    faults.expect("warmUp.steps", warmUp.steps, 0...longest)
    faults.expect((0...1).contains(warmUp.share), "warmUp.share", warmUp.share, "0 to 1")
    faults.expect(validationInterval >= 1, "validationInterval", validationInterval, "at least 1")
    referee.check(&faults)
    verdict.check(&faults)
    return faults.list
  }
}
