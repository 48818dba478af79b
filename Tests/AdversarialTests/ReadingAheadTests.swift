import Adversarial
import Foundation
import TestSupport
import Testing
import Torch

/// A game whose data has to be waited for, and that writes down what it is asked.
private final class WaitingGame: MixtureWrapper {
  struct Request: Equatable {
    var indices: [Int]
    var step: Int
  }

  let inner: MixtureGame
  private let secondsPerBatch: Double
  private let isAwaited: (Int) -> Bool
  private(set) var waitingSeconds: Double
  private(set) var read: [Request] = []
  private(set) var announced: [Request] = []

  init(waited: Double = 0, secondsPerBatch: Double = 0, isAwaited: @escaping (Int) -> Bool = { _ in true })
    throws
  {
    var shape = MixtureGame.Shape()
    shape.hidden = 8
    shape.hasWarmUp = true
    inner = try MixtureGame(shape: shape, seed: 1)
    waitingSeconds = waited
    self.secondsPerBatch = secondsPerBatch
    self.isAwaited = isAwaited
  }

  func batch(at indices: [Int], context: StepContext) throws -> Batch {
    if isAwaited(context.step) { waitingSeconds += secondsPerBatch }
    read.append(Request(indices: indices, step: context.step))
    return try inner.batch(at: indices, context: context)
  }

  func prefetch(_ indices: [Int], seed: UInt64, step: Int) {
    announced.append(Request(indices: indices, step: step))
  }
}

private final class Reports: TrainingObserver {
  private(set) var all: [TrainingReport] = []

  func receive(_ event: TrainingEvent) throws {
    if case .report(let report) = event { all.append(report) }
  }
}

@Suite struct ReadingAheadTests {
  private func train(_ game: WaitingGame, rounds: Int = 1, observers: [any TrainingObserver] = []) throws {
    var recipe = TrainingRecipe()
    recipe.batchSize = 16
    recipe.latentDimension = 8
    recipe.discriminatorSteps = rounds
    var intervals = Trainer.Intervals()
    intervals.report = 2
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 2, duelSteps: 4), seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals,
      observers: observers)
    #expect(try trainer.run() == .finished)
  }

  /// Every batch is announced once, under the step that it will be read in, while the one before it is used.
  @Test(arguments: [1, 2, 3]) func whatIsAnnouncedIsReadNext(rounds: Int) throws {
    let game = try WaitingGame()
    try train(game, rounds: rounds)
    // The generator's update reads the last batch of the discriminator's again.
    let batches = game.read.reduce(into: [WaitingGame.Request]()) { if $0.last != $1 { $0.append($1) } }
    #expect(batches.count == 2 + 4 * rounds)
    #expect(game.read.count == 2 + 4 * (rounds + 1))
    #expect(game.announced == Array(batches.dropFirst()))
  }

  @Test func waitingReachesReportsAndMetrics() throws {
    let folder = try TemporaryFolder()
    let (reports, file) = (Reports(), folder["metrics.jsonl"])
    try train(
      WaitingGame(secondsPerBatch: 1e9), observers: [reports, MetricsLog(file: file)])
    #expect(reports.all.map(\.step) == [2, 4, 6])
    // No share is above the whole.
    #expect(reports.all.allSatisfy { $0.waiting == 1 })
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.contains("\"waiting\":1") })
  }

  /// A report says what was waited since the one before, not since the data was opened.
  @Test func formerWaitingDoesNotCount() throws {
    let reports = Reports()
    try train(WaitingGame(waited: 1e9), observers: [reports])
    #expect(reports.all.count == 3)
    #expect(reports.all.allSatisfy { $0.waiting == 0 })
    let later = Reports()
    try train(WaitingGame(secondsPerBatch: 1e9) { $0 == 2 }, observers: [later])
    #expect(later.all.map(\.waiting) == [0, 1, 0])
  }
}
