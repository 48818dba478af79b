import Torch

/// How a discriminator of its own is trained after the duel, on samples of the finished generator.
public struct VerdictRecipe: Codable, Hashable, Sendable {
  /// Whether there is one, where the data has enough samples that the generator has not seen.
  public var isOn = true
  /// The share of the whole budget that it takes, from 0 to 1.
  public var share = 0.1
  /// Its number of steps, at most.
  public var steps = 5_000
  /// Real samples per step and as many generated ones; nil for the batch size of the duel.
  public var batchSize: Int?
  /// Its optimiser.
  public var optimiser = OptimiserConfiguration(.adam, beta1: 0.9, beta2: 0.999)
  /// Its learning rate.
  public var rate = Schedule.cosine(from: 1e-3, to: 1e-5)
  /// Generated samples that are judged in the end: by them the ratio is calibrated and the share of samples to keep is found.
  public var pilot = 2_048

  /// Training samples from which on a tenth of them is kept from the generator for the verdict.
  static let reservedFrom = 10_000
  /// Real samples without which there is no verdict: too few to learn anything from, or to say what was learned.
  static let fewestReals = 60
  /// Steps without which there is none.
  static let fewestSteps = 50
  /// Validations over its steps, unless these are few.
  private static let validations = 20

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Gathers invalid values.
  func check(_ faults: inout RecipeFaults) {
    faults.expect((0...1).contains(share), "verdict.share", share, "0 to 1")
    faults.expect("verdict.steps", steps, 0...1_000_000_000_000)
    faults.expect("verdict.batchSize", batchSize ?? 1, 1...1_000_000)
    faults.expect("verdict.pilot", pilot, 100...10_000_000)
  }

  /// The steps that a share of so many steps affords: none where there would be too few.
  func steps(affordable: Int) -> Int {
    let steps = min(affordable, steps)
    return steps < Self.fewestSteps ? 0 : steps
  }

  /// Steps between two validations of the verdict.
  func validationInterval(steps: Int) -> Int { max(steps / Self.validations, 20) }
}

/// The training samples that the generator sees: all, or in large sets those that are not reserved for the verdict.
///
/// A pure function of their number and the seed.
struct TrainingReserve {
  /// The indices that the generator sees, ascending; nil for all.
  let seen: [Int]?
  /// The indices that are reserved, ascending.
  let reserved: [Int]

  /// Splits the samples of a game.
  ///
  /// - Parameters:
  ///   - game: with its number of training samples.
  ///   - hasVerdict: whether any are to be reserved.
  ///   - seed: the run's.
  init(_ game: any Game, hasVerdict: Bool, seed: UInt64) {
    let count = game.trainingCount
    guard hasVerdict, game.canReserve, count >= VerdictRecipe.reservedFrom else {
      (seen, reserved) = (nil, [])
      return
    }
    var stream = RandomStream(seed: seed, name: "verdict reserve")
    let chosen = stream.indices(count / 10, outOf: count).sorted()
    let set = Set(chosen)
    reserved = chosen
    seen = (0..<count).filter { !set.contains($0) }
  }
}

extension Game {
  /// Whether there are enough real samples that the generator does not see for a verdict on it.
  public func canHaveVerdict(_ recipe: VerdictRecipe) throws -> Bool {
    guard recipe.isOn, recipe.share > 0, recipe.steps > 0 else { return false }
    let reserved = canReserve && trainingCount >= VerdictRecipe.reservedFrom ? trainingCount / 10 : 0
    guard (canTrainOnHeldOut ? heldOutCount : 0) + reserved >= VerdictRecipe.fewestReals else { return false }
    var stream = RandomStream(seed: 0, name: "verdict")
    return try makeDiscriminator(using: &stream) != nil
  }
}
