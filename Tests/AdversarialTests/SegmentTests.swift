import Adversarial
import Failures
import Files
import Foundation
import TestSupport
import Testing
import Torch

/// A training that is done goes on in another segment: from the same networks, with schedules of its own, and exactly.
@Suite struct SegmentTests {
  private let recipe: TrainingRecipe = {
    var recipe = TrainingRecipe()
    recipe.batchSize = 16
    recipe.latentDimension = 8
    recipe.validationInterval = 3
    recipe.generatorRate = .linear(from: 1e-3, to: 0)
    recipe.penalties = [Penalty(.r1, weight: .constant(1))]
    return recipe
  }()
  private let first = Plan(warmUpSteps: 5, duelSteps: 5)

  /// Trains what is left of two segments.
  private func train(_ second: Plan?, in folder: RunFolder, stoppingAt stop: Int?, seed: UInt64 = 1) throws {
    var shape = MixtureGame.Shape()
    (shape.hidden, shape.hasWarmUp) = (8, true)
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint) = (2, 3)
    let store = CheckpointStore(folder: folder.checkpoints, keeping: 9)
    let plans = [first] + [second].compactMap(\.self)
    var latest = try store.target(of: .latest).map { try Checkpoint(contentsOf: $0) }
    let begin = latest.map { $0.plan.segment + ($0.isFinished ? 1 : 0) } ?? 0
    for plan in plans.dropFirst(begin) {
      let trainer = try Trainer(
        game: try MixtureGame(shape: shape, seed: seed), recipe: recipe, plan: plan, seed: seed,
        identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals, folder: folder,
        keep: 9, observers: [try MetricsLog(file: folder.metricsFile)])
      if let latest { try trainer.resume(from: latest) }
      guard try trainer.run(stop: { trainer.completedSteps == stop ? "test" : nil }) == .finished else {
        return
      }
      latest = try store.target(of: .latest).map { try Checkpoint(contentsOf: $0) }
    }
  }

  private func following(warmUp: Int, duel: Int) -> Plan {
    Plan(warmUpSteps: warmUp, duelSteps: duel).following(first, recipe: recipe)
  }

  private func last(_ folder: RunFolder) throws -> URL {
    try #require(try CheckpointStore(folder: folder.checkpoints, keeping: 9).target(of: .latest))
  }

  @Test(arguments: [0, 4], [2, 10, 11, 12, 14, 16])
  func aSegmentThatIsStoppedGoesOnExactly(warmUp: Int, stop: Int) throws {
    let scratch = try TemporaryFolder()
    let second = following(warmUp: warmUp, duel: 8)
    let whole = try RunFolder.create(at: scratch["whole"])
    try train(second, in: whole, stoppingAt: nil)
    let parts = try RunFolder.create(at: scratch["parts"])
    try train(second, in: parts, stoppingAt: stop)
    try train(second, in: parts, stoppingAt: nil)
    #expect(try last(whole).lastPathComponent == last(parts).lastPathComponent)
    #expect(try Data(contentsOf: last(whole)) == Data(contentsOf: last(parts)))
    #expect(try Checkpoint(contentsOf: last(whole)).step == 18 + warmUp)
  }

  @Test func aSegmentIsTheRunGoneOnWithAndNotTheSameStepsAgain() throws {
    let scratch = try TemporaryFolder()
    let folder = try RunFolder.create(at: scratch["run"])
    try train(nil, in: folder, stoppingAt: nil)
    let end = try Checkpoint(contentsOf: last(folder))
    #expect(end.isFinished && end.step == 10 && end.plan.segment == 0)
    try train(following(warmUp: 0, duel: 8), in: folder, stoppingAt: 11)
    let next = try Checkpoint(contentsOf: last(folder))
    #expect(next.step == 11 && next.plan.segment == 1 && next.plan.beginning?.samples == 10 * 16)
    // The first update of the segment moves the networks that the first one has ended with, by its own first rate.
    let begin = end.tensors(of: "generator")
    var moved = 0.0
    for (name, tensor) in next.tensors(of: "generator") {
      let difference = try tensor - #require(begin[name])
      moved = try max(moved, Double(difference.squared().max().item().squareRoot()))
    }
    #expect(moved > 0 && moved < 0.05)
    // Optimisers go on: their count of updates is that of both segments.
    let counts = next.tensors.filter { $0.key.hasPrefix("optimiser.generator") && $0.key.hasSuffix("step") }
    for (name, count) in counts { #expect(try count.item() == 6, "\(name)") }
  }

  @Test func aSegmentBelongsToItsOwnRun() throws {
    let scratch = try TemporaryFolder()
    let folder = try RunFolder.create(at: scratch["run"])
    try train(nil, in: folder, stoppingAt: nil)
    #expect(throws: UserError.self) {
      try train(following(warmUp: 0, duel: 3), in: folder, stoppingAt: nil, seed: 2)
    }
    // Nor does one go on before the segment before it is done.
    let unfinished = try RunFolder.create(at: scratch["unfinished"])
    try train(nil, in: unfinished, stoppingAt: 7)
    let checkpoint = try Checkpoint(contentsOf: last(unfinished))
    let trainer = try Trainer(
      game: try MixtureGame(seed: 1), recipe: recipe, plan: following(warmUp: 0, duel: 3), seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"))
    #expect(throws: UserError.self) { try trainer.resume(from: checkpoint) }
  }

  @Test func phasesAndSamplesOfASegmentAreCountedFromItsBeginning() {
    let plan = Plan(warmUpSteps: 4, duelSteps: 6, verdictSteps: 2).following(first, recipe: recipe)
    #expect(plan.firstStep == 10 && plan.warmUpEnd == 14 && plan.duelEnd == 20 && plan.totalSteps == 22)
    #expect(plan.ownSteps == 12)
    #expect(plan.position(at: 11) == (.warmUp, 1, 4))
    #expect(plan.position(at: 14) == (.duel, 0, 6))
    #expect(plan.position(at: 21) == (.verdict, 1, 2))
    #expect(plan.samplesSeen(at: 10, recipe: recipe) == 160)
    #expect(plan.samplesSeen(at: 15, recipe: recipe) == 160 + 5 * 16)
    let third = Plan(warmUpSteps: 0, duelSteps: 3).following(plan, recipe: recipe)
    #expect(third.segment == 2 && third.firstStep == 22)
  }

  @Test func aFirstSegmentIsWrittenAsBefore() throws {
    let keys = try JSONValue(encoding: first).leaves.map(\.key)
    #expect(Set(keys) == ["warmUpSteps", "duelSteps", "verdictSteps"])
  }

  @Test(arguments: ["-1", "1e30", "\"x\""])
  func aBeginningThatIsNoneIsRefused(step: String) {
    let text = """
      {"warmUpSteps": 0, "duelSteps": 4, "verdictSteps": 0, "beginning": {"segment": 1, "step": \(step), "samples": 0}}
      """
    #expect(throws: (any Error).self) { try JSONDecoder().decode(Plan.self, from: Data(text.utf8)) }
  }
}
