import Testing

@testable import Adversarial

/// The rules by which a duel is re-balanced and ended.
@Suite struct RefereeTests {
  private let recipe = RefereeRecipe()

  /// Steps that eight accounts cover which are ten steps apart.
  private let span = 70

  private func account(_ heldOut: Double, training: Double = 0, error: Double = 0.01) -> AdversaryAccount {
    .init(
      step: 0, heldOut: .init(accuracy: 0.5 + heldOut, gain: .init(value: heldOut, standardError: error)),
      training: .init(accuracy: 0.5 + training, gain: .init(value: training, standardError: error)))
  }

  private func referee(after accounts: [AdversaryAccount]) -> Referee {
    var referee = Referee()
    for (index, var account) in accounts.enumerated() {
      account.step = 10 * index
      referee.add(account, span: span, recipe: recipe)
    }
    return referee
  }

  @Test func aDiscriminatorThatAlwaysWinsStopsLearning() {
    var referee = Referee()
    var factors: [Double] = []
    for _ in 0..<1_000 { factors.append(referee.balance(accuracy: 1, recipe: recipe)) }
    #expect(factors[0] == 1 && factors[999] < 1e-6)
    #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 >= $1 })
    // And learns again once its opponent has caught up.
    for _ in 0..<200 { factors.append(referee.balance(accuracy: 0.7, recipe: recipe)) }
    #expect(factors.last == 1)
  }

  @Test func anAccuracyBelowTheThresholdLeavesTheRateAlone() {
    var referee = Referee()
    for _ in 0..<1_000 { #expect(referee.balance(accuracy: 0.97, recipe: recipe) == 1) }
    var off = recipe
    off.balanceAbove = 1
    for _ in 0..<1_000 { #expect(referee.balance(accuracy: 1, recipe: off) == 1) }
  }

  @Test func aGeneratorWaitsForADiscriminatorThatKnowsSomething() {
    var waiting = recipe
    waiting.followAbove = 0.55
    var referee = Referee()
    #expect(referee.following(recipe: recipe) == 1)
    #expect(referee.following(recipe: waiting) == 0)
    var factors: [Double] = []
    for _ in 0..<400 {
      _ = referee.balance(accuracy: 0.7, recipe: waiting)
      factors.append(referee.following(recipe: waiting))
    }
    #expect(factors.first == 0 && factors.last == 1)
    #expect(factors.contains { $0 > 0.2 && $0 < 0.8 })
    #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 <= $1 })
    for _ in 0..<400 { _ = referee.balance(accuracy: 0.5, recipe: waiting) }
    #expect(referee.following(recipe: waiting) == 0)
    var wrong = RecipeFaults()
    waiting.followAbove = 1
    waiting.check(&wrong)
    #expect(wrong.list.map(\.key) == ["referee.followAbove"])
  }

  /// What it knows is true where it is nearly as true of held-out samples.
  @Test func aDiscriminatorGeneralisesThatFindsAsMuchOnHeldOutSamples() {
    #expect(!Referee().discriminatorGeneralises)
    #expect(referee(after: [account(0.4, training: 0.5)]).discriminatorGeneralises)
    #expect(
      referee(after: [account(0.2, training: 0.5), account(0.6, training: 0.5)]).discriminatorGeneralises)
    #expect(!referee(after: [account(0.3, training: 0.5)]).discriminatorGeneralises)
    // A gain within two errors is none.
    #expect(!referee(after: [account(0.4, training: 0.5, error: 0.3)]).discriminatorGeneralises)
  }

  @Test func aDuelThatFindsNothingEndsAfterAsManyAccountsAsThePatience() {
    for count in 1..<8 {
      let referee = referee(after: Array(repeating: account(0.005), count: count))
      #expect(referee.ruling(span: span, recipe: recipe, canHarm: true) == nil)
    }
    let ending = referee(after: Array(repeating: account(0.005), count: 8))
      .ruling(span: span, recipe: recipe, canHarm: true)
    // Eight accounts of 0.01 make a pooled error of 0.0035; 0.005 is less than two of these.
    #expect(ending?.contains("finds nothing") == true)
    #expect(ending?.contains("0.005 ± 0.004") == true)
  }

  /// What no single account shows, all of them together do.
  @Test func accountsArePooled() {
    let referee = referee(after: Array(repeating: account(0.01), count: 8))
    #expect(referee.ruling(span: span, recipe: recipe, canHarm: true) == nil)
  }

  /// Digits had a gain of 1.24 ± 1.06 nats at an accuracy of .82: few samples decide the mean of such ratios.
  @Test func aLargeErrorIsNoReasonToEndWhereDecisionsAreRight() {
    func ending(accuracy: Double) -> String? {
      var account = account(1.24, training: 1.3, error: 3)
      account.heldOut.accuracy = accuracy
      return referee(after: Array(repeating: account, count: 8))
        .ruling(span: span, recipe: recipe, canHarm: false)
    }
    #expect(ending(accuracy: 0.82) == nil)
    #expect(ending(accuracy: 0.52) != nil)
  }

  @Test func learningByHeartIsCalledSo() {
    let ending = referee(after: Array(repeating: account(-0.02, training: 0.4), count: 8))
      .ruling(span: span, recipe: recipe, canHarm: false)
    #expect(ending?.contains("by heart") == true)
  }

  @Test func onlyTheLastAccountsCount() {
    var accounts = Array(repeating: account(0), count: 7) + [account(0.5)]
    #expect(referee(after: accounts).ruling(span: span, recipe: recipe, canHarm: true) == nil)
    accounts += Array(repeating: account(0), count: 8)
    #expect(referee(after: accounts).ruling(span: span, recipe: recipe, canHarm: true) != nil)
    #expect(referee(after: accounts).accounts.count == 8)
  }

  /// Accounts that lie close together say little of how a duel goes on.
  @Test func accountsHaveToCoverTheSpan() {
    var referee = Referee()
    for step in 0..<100 {
      var account = account(0)
      account.step = step
      referee.add(account, span: span, recipe: recipe)
      #expect((referee.ruling(span: span, recipe: recipe, canHarm: true) != nil) == (step >= 70))
    }
    #expect(referee.accounts.count == 71)
  }

  @Test func harmHasToLast() {
    var referee = Referee()
    func add(_ score: Double) { referee.add(score: score, best: 1, recipe: recipe) }
    for score in [1.2, 1.2, 1.2, 1.009, 1.2, 1.2, 1.2] {
      add(score)
      #expect(referee.ruling(span: span, recipe: recipe, canHarm: true) == nil)
    }
    add(1.011)
    #expect(referee.ruling(span: span, recipe: recipe, canHarm: true)?.contains("worse") == true)
    // A generator that knew nothing cannot be harmed.
    #expect(referee.ruling(span: span, recipe: recipe, canHarm: false) == nil)
  }

  @Test func noPatienceMeansNoEnd() {
    var endless = recipe
    endless.patience = 0
    var referee = referee(after: Array(repeating: account(0), count: 20))
    for _ in 0..<20 { referee.add(score: 9, best: 1, recipe: endless) }
    #expect(referee.ruling(span: span, recipe: endless, canHarm: true) == nil)
  }
}
