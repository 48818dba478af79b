import Testing

@testable import Adversarial

@Suite struct PlanTests {
  private func recipe(_ change: (inout TrainingRecipe) -> Void = { _ in }) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    recipe.warmUp.steps = 100
    recipe.warmUp.share = 0.5
    recipe.batchSize = 10
    recipe.discriminatorSteps = 2
    change(&recipe)
    return recipe
  }
  private let rates = StepSeconds(warmUp: 0.1, duel: 0.5)

  @Test func stepsAreSplitByLengthAndShare() {
    let plan = Budget.steps(1000).plan(for: recipe(), hasWarmUp: true) { rates }
    #expect(plan == Plan(warmUpSteps: 100, duelSteps: 900))
    #expect(
      Budget.steps(60).plan(for: recipe(), hasWarmUp: true) { rates } == Plan(warmUpSteps: 30, duelSteps: 30))
    #expect(
      Budget.steps(60).plan(for: recipe(), hasWarmUp: false) { rates } == Plan(warmUpSteps: 0, duelSteps: 60))
  }

  @Test func minutesBecomeStepsByTheMeasuredRate() {
    // 60 s: 10 s of warm-up at 0.1 s, 50 s of duel at 0.5 s.
    let plan = Budget.minutes(1).plan(for: recipe(), hasWarmUp: true) { rates }
    #expect(plan == Plan(warmUpSteps: 100, duelSteps: 100))
  }

  @Test func stepsBecomeSecondsByTheSameRates() {
    let rates = StepSeconds(warmUp: 0.1, duel: 0.5, validation: 3, verdict: 0.2, verdictEnd: 7)
    let recipe = recipe { $0.validationInterval = 50 }
    // Two validations in the warm-up; in the duel one after every 20th step, the shortest interval.
    let plan = Plan(warmUpSteps: 100, duelSteps: 100, verdictSteps: 10)
    #expect(abs(rates.seconds(of: plan, recipe: recipe) - (10 + 50 + 7 * 3 + 2 + 7)) < 1e-9)
    let plain = Plan(warmUpSteps: 0, duelSteps: 40)
    #expect(abs(rates.seconds(of: plain, recipe: recipe) - (20 + 2 * 3)) < 1e-9)
  }

  @Test func samplesCountWhatTheDiscriminatorSees() {
    let plan = Budget.samples(5000).plan(for: recipe(), hasWarmUp: true) { rates }
    #expect(plan == Plan(warmUpSteps: 100, duelSteps: 200))
    #expect(plan.samplesSeen(at: plan.totalSteps, recipe: recipe()) == 5000)
  }

  @Test func minutesNeedNoRateOfAWarmUpThatIsNotThere() {
    let plan = Budget.minutes(1).plan(for: recipe(), hasWarmUp: false) { StepSeconds(warmUp: 0, duel: 0.5) }
    #expect(plan == Plan(warmUpSteps: 0, duelSteps: 120))
    let endless = Budget.minutes(1e12).plan(for: recipe(), hasWarmUp: true) { rates }
    #expect(endless.totalSteps > 1_000_000_000)
  }

  @Test func positionsWithinPhases() {
    let plan = Plan(warmUpSteps: 3, duelSteps: 2)
    #expect(plan.position(at: 2).phase == .warmUp)
    #expect(plan.position(at: 3).phase == .duel)
    #expect(plan.position(at: 4).step == 1)
    #expect(plan.position(at: 4).steps == 2)
  }

  @Test(
    arguments: [
      (500, [64, 128, 256, 500, 1000]), (250, [64, 128, 250, 500, 750, 1000]), (2000, [64, 128, 256, 512]),
      (0, []), (50, Array(stride(from: 50, through: 1000, by: 50))), (300, [64, 128, 256, 300, 600, 900]),
    ] as [(Int, [Int])])
  func samplesAreShownSoon(interval: Int, steps: [Int]) {
    var intervals = Trainer.Intervals()
    intervals.preview = interval
    #expect((1...1000).filter(intervals.isPreviewDue) == steps)
  }

  @Test func everyEpochIsAPermutation() {
    var order = DataOrder(count: 7, seed: 1)
    let first = order.indices(from: 0, count: 7)
    #expect(first.sorted() == Array(0..<7))
    let straddling = order.indices(from: 5, count: 4)
    #expect(Array(straddling[0..<2]) == Array(first[5...]))
    #expect(order.indices(from: 7, count: 7).sorted() == Array(0..<7))
    #expect(order.indices(from: 7, count: 7) != first)
    // Going back, as a resumed run does, gives the same.
    #expect(order.indices(from: 0, count: 7) == first)
  }

  /// Whatever was asked for before, as reading ahead does, an order is that of a fresh one.
  @Test func whatIsKeptOfAnOrderIsTheOrder() {
    var kept = DataOrder(count: 7, seed: 1)
    for (position, length) in [(0, 5), (5, 5), (5, 5), (12, 5), (5, 5), (3, 30), (0, 7), (21, 0), (50, 1)] {
      var fresh = DataOrder(count: 7, seed: 1)
      #expect(kept.indices(from: position, count: length) == fresh.indices(from: position, count: length))
    }
    var whole = DataOrder(count: 7, seed: 1)
    let sequence = whole.indices(from: 0, count: 70)
    #expect((0..<70).flatMap { kept.indices(from: $0, count: 1) } == sequence)
  }

  @Test func whatPreparationTakesIsPartOfTheMinutes() {
    #expect(Budget.minutes(10).shortened(bySeconds: 60) == .minutes(9))
    #expect(Budget.minutes(1).shortened(bySeconds: 600) == .minutes(0.1))
    #expect(Budget.steps(5).shortened(bySeconds: 600) == .steps(5))
    #expect(Budget.samples(5).shortened(bySeconds: 600) == .samples(5))
  }
}
