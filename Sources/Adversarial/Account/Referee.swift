import Failures

/// When a duel is re-balanced, and when it ends before its time.
public struct RefereeRecipe: Codable, Hashable, Sendable {
  /// Real samples of each kind that an account of the discriminator looks at, and as many generated ones.
  public var samples = 256
  /// The running accuracy on training batches, from ½ to 1, above which the discriminator's learning rate falls: in
  /// proportion to what is missing to 1, so that it is 0 where the discriminator is always right. 1 leaves the rate alone.
  public var balanceAbove = 0.98
  /// The running accuracy up to which the generator waits: its learning rate is 0 there and whole from .05 above it, in
  /// proportion between, as a discriminator that knows nothing has nothing to teach. 0 lets it learn at any time.
  public var followAbove = 0.0
  /// Accounts in a row that end a duel in which the discriminator finds nothing; half as many validations end one that
  /// harms. 0 never ends a duel.
  public var patience = 8
  /// The share of the best validation score by which another one has to be worse to count as harm; better by half of it, to
  /// take the place of a warm start.
  public var tolerance = 0.01

  /// Samples of each kind without which there is no account: a gain needs two halves of two.
  static let fewestSamples = 4

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// Gathers invalid values.
  func check(_ faults: inout RecipeFaults) {
    faults.expect("referee.samples", samples, Self.fewestSamples...1_000_000)
    faults.expect((0.5...1).contains(balanceAbove), "referee.balanceAbove", balanceAbove, "0.5 to 1")
    faults.expect((0...0.95).contains(followAbove), "referee.followAbove", followAbove, "0 to 0.95")
    faults.expect("referee.patience", patience, 0...1_000_000)
    faults.expect(
      tolerance >= 0 && tolerance.isFinite, "referee.tolerance", tolerance, "a number of at least 0")
  }
}

/// Watches a duel: slows a discriminator that wins, and ends a duel that finds nothing or harms.
///
/// Everything that it decides is a function of numbers that are part of a checkpoint, so that a resumed run decides
/// alike.
///
/// - A discriminator that is right on nearly all samples of its batches has left its opponent behind. Its learning rate
///   is multiplied by `(1 - a) / (1 - balanceAbove)` where its running accuracy a lies above `balanceAbove`.
/// - A generator that begins with samples worth having is moved by noise while its discriminator knows nothing. Where the recipe
///   says so, its learning rate is 0 up to an accuracy of `followAbove`.
/// - A duel in which the pooled gain on held-out samples lies within two standard errors of 0, and no more than 55 % of the
///   decisions on them are right, over `patience` accounts and as many validation intervals of the recipe, has nothing to
///   earn. Where the gain on training samples does not, the
///   discriminator has learned these by heart.
/// - A duel that began with a warm-up harms where the validation score is worse than the best one by more than
///   `tolerance` of it in `patience / 2` validations in a row.
struct Referee: Codable, Hashable, Sendable {
  /// Running mean of the discriminator's accuracy on the batches that it is trained on.
  private(set) var accuracy = 0.5
  /// The last accounts, the newest at the end.
  private(set) var accounts: [AdversaryAccount] = []
  /// Validations in a row that were worse than the best one.
  private(set) var harmful = 0

  /// How much of the running mean an update replaces.
  private static let share = 0.02

  /// Has seen nothing yet.
  init() {}

  /// Forgets accounts and validations, as what they say is of a segment that is over.
  mutating func forget() {
    accounts = []
    harmful = 0
  }

  /// Takes note of the accuracy on a batch, from 0 to 1.
  ///
  /// - Returns: what the discriminator's learning rate is to be multiplied by.
  mutating func balance(accuracy batch: Double, recipe: RefereeRecipe) -> Double {
    accuracy += Self.share * (batch - accuracy)
    guard accuracy > recipe.balanceAbove else { return 1 }
    return (1 - accuracy) / (1 - recipe.balanceAbove)
  }

  /// What the generator's learning rate is to be multiplied by: 0 while the discriminator knows too little to follow.
  func following(recipe: RefereeRecipe) -> Double {
    min(1, max(0, (accuracy - recipe.followAbove) / Self.rise))
  }

  /// The accuracy in which the generator's learning rate rises from nothing to all.
  private static let rise = 0.05

  /// Takes note of an account; those before the last `patience` ones and `span` steps are forgotten.
  mutating func add(_ account: AdversaryAccount, span: Int, recipe: RefereeRecipe) {
    accounts.append(account)
    while accounts.count > max(recipe.patience, 1), account.step - accounts[1].step >= span {
      accounts.removeFirst()
    }
  }

  /// Takes note of a validation score.
  ///
  /// - Parameters:
  ///   - score: of the averaged generator, the lower the better.
  ///   - best: the lowest before.
  mutating func add(score: Double, best: Double, recipe: RefereeRecipe) {
    harmful = score > best + recipe.tolerance * abs(best) ? harmful + 1 : 0
  }

  /// Whether the discriminator finds nearly as much on held-out samples as on those that it is trained on, over the last
  /// accounts: then what it knows is true of real samples, rather than of those that it has seen.
  var discriminatorGeneralises: Bool {
    guard !accounts.isEmpty else { return false }
    let found = Self.pooled(accounts.map(\.heldOut.gain))
    let known = Self.pooled(accounts.map(\.training.gain))
    return found.isAbove() && found.value >= Self.generalisedShare * known.value
  }

  /// The share of the gain on training samples that a discriminator has to find on held-out ones to generalise.
  private static let generalisedShare = 0.75

  /// The largest share of right decisions that counts as guessing: one that is worth .03 nats a sample.
  private static let guessing = 0.55

  /// Why the duel is to end; nil for going on.
  ///
  /// - Parameters:
  ///   - span: steps that accounts have to cover before they end a duel.
  ///   - recipe: the rules' numbers.
  ///   - canHarm: whether the duel began with a generator that knew something.
  func ruling(span: Int, recipe: RefereeRecipe, canHarm: Bool) -> String? {
    guard recipe.patience > 0 else { return nil }
    if canHarm, harmful >= max(recipe.patience / 2, 1) {
      return
        "the duel ends, as it makes the generator worse: validation has been worse than its best by more than "
        + "\(shortened(100 * recipe.tolerance)) % for \(harmful) times in a row"
    }
    guard accounts.count >= recipe.patience, let first = accounts.first, let last = accounts.last,
      last.step - first.step >= span
    else { return nil }
    let found = Self.pooled(accounts.map(\.heldOut.gain))
    // A gain whose error is large says nothing where decisions are right.
    let right = accounts.map(\.heldOut.accuracy).mean
    guard !found.isAbove(), right <= Self.guessing else { return nil }
    let known = Self.pooled(accounts.map(\.training.gain))
    let gains = "\(found.words) nats a sample on held-out data"
    return known.isAbove() && last.training.accuracy > last.heldOut.accuracy
      ? "the duel ends, as the discriminator learns training samples by heart: its gain is \(gains), "
        + "\(known.words) on training data"
      : "the duel ends, as the discriminator finds nothing: its gain is \(gains), over \(accounts.count) accounts"
  }

  /// The mean of gains, with the standard error of the mean of independent ones.
  private static func pooled(_ gains: [DensityRatio.Gain]) -> DensityRatio.Gain {
    let count = Double(gains.count)
    return DensityRatio.Gain(
      value: gains.map(\.value).mean,
      standardError: gains.reduce(0) { $0 + $1.standardError * $1.standardError }.squareRoot() / count)
  }
}
