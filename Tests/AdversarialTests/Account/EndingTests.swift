import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

/// A mixture whose duel can be told to drive the generator away from the data.
private final class HarmedGame: MixtureWrapper {
  let inner: MixtureGame
  private let harms: Bool
  private let heldOut: Tensor

  init(harms: Bool) throws {
    var shape = MixtureGame.Shape()
    (shape.hidden, shape.hasWarmUp) = (8, true)
    inner = try MixtureGame(shape: shape, seed: 1)
    self.harms = harms
    heldOut = try MixtureGame.draw(count: 64, seed: 9).samples
  }

  func validationScore() throws -> Double? { try inner.validationScore() }
  var heldOutCount: Int { heldOut.shape[0] }
  func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    Batch(samples: try heldOut.gathered(at: Tensor(indices)))
  }

  func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    let (samples, fake, real) = try update.pass(through: generator)
    let loss = try update.generatorLoss(real: real, fake: fake)
    return GeneratorObjective(harms ? try -samples.mean() + loss * 0 : loss, loss: loss, samples: samples)
  }
}

@Suite struct EndingTests {
  private let plan = Plan(warmUpSteps: 20, duelSteps: 160)

  private func trainer(_ folder: RunFolder, harms: Bool, patience: Int = 4) throws -> Trainer {
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension) = (16, 8)
    (recipe.validationInterval, recipe.averaging) = (10, .fixed(0))
    recipe.referee.patience = patience
    recipe.generatorRate = .constant(0.01)
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (10, 10, 0)
    let trainer = try Trainer(
      game: HarmedGame(harms: harms), recipe: recipe, plan: plan, seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals, folder: folder,
      keep: 100, observers: [MetricsLog(file: folder.metricsFile)])
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    if let latest { try trainer.resume(from: Checkpoint(contentsOf: latest)) }
    return trainer
  }

  private func generators(_ one: Checkpoint, _ other: Checkpoint) throws -> Bool {
    let (left, right) = (one.tensors(of: "averaged"), other.tensors(of: "averaged"))
    return try left.allSatisfy { name, tensor in try right[name].map { try tensor.isEqual(to: $0) } ?? false }
  }

  @Test func aDuelThatHarmsEndsWithTheWarmStart() throws {
    let scratch = try TemporaryFolder()
    let folder = try RunFolder.create(at: scratch["run"])
    #expect(try trainer(folder, harms: true).run() == .finished)
    let store = CheckpointStore(folder: folder.checkpoints, keeping: 100)
    let files = try [CheckpointStore.Pointer.latest, .best, .start].map {
      try #require(try store.target(of: $0))
    }
    #expect(files[0] == files[1] && files[0] != files[2])
    let (end, start) = (try Checkpoint(contentsOf: files[0]), try Checkpoint(contentsOf: files[2]))
    #expect(end.step < plan.totalSteps && end.plan.totalSteps == end.step)
    #expect(end.ending?.contains("worse") == true)
    #expect(end.account?.step == end.step)
    #expect(end.keptStep.map { $0 <= 20 } == true)
    #expect(try generators(end, start))
    // There is nothing left to do.
    #expect(try trainer(folder, harms: true).run() == .finished)
    #expect(store.steps.last == end.step)
  }

  @Test func withoutPatienceItGoesOnAndStillKeepsTheBest() throws {
    let scratch = try TemporaryFolder()
    let folder = try RunFolder.create(at: scratch["run"])
    #expect(try trainer(folder, harms: true, patience: 0).run() == .finished)
    let store = CheckpointStore(folder: folder.checkpoints, keeping: 100)
    let end = try Checkpoint(contentsOf: #require(try store.target(of: .latest)))
    let start = try Checkpoint(contentsOf: #require(try store.target(of: .start)))
    #expect(end.step == plan.totalSteps && end.ending == nil)
    #expect(try generators(end, start))
    // The one before it is the ruin that would have been handed out.
    let before = try Checkpoint(contentsOf: store.url(step: plan.totalSteps - 10))
    #expect(try !generators(before, start))
  }

  @Test(arguments: [true, false], [15, 25, 47, 60]) func itIsTheSameWhereverItStops(harms: Bool, stop: Int)
    throws
  {
    let scratch = try TemporaryFolder()
    let (whole, parts) = (
      try RunFolder.create(at: scratch["whole"]), try RunFolder.create(at: scratch["parts"])
    )
    _ = try trainer(whole, harms: harms).run()
    let first = try trainer(parts, harms: harms)
    _ = try first.run { first.completedSteps == stop ? "test" : nil }
    _ = try trainer(parts, harms: harms).run()
    let files = try [whole, parts].map {
      try #require(try CheckpointStore(folder: $0.checkpoints, keeping: 3).target(of: .latest))
    }
    #expect(files[0].lastPathComponent == files[1].lastPathComponent)
    #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
  }
}
