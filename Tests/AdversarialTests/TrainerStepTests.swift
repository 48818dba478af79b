import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

/// Keeps every event but rates and times.
private final class Journal: TrainingObserver {
  private(set) var words: [String] = []
  private(set) var reports: [TrainingReport] = []

  func receive(_ event: TrainingEvent) {
    switch event {
    case .started(let total): words.append("started 0/\(total)")
    case .resumed(let step, let total): words.append("resumed \(step)/\(total)")
    case .phaseChanged(let step, let phase): words.append("\(phase) \(step)")
    case .stepped(let step): words.append("step \(step)")
    case .report(let report):
      words.append("report \(report.step)")
      reports.append(report)
    case .preview(let step, _): words.append("preview \(step)")
    case .checkpoint(let step, _): words.append("checkpoint \(step)")
    case .decided(let step, _): words.append("decided \(step)")
    case .warning(let step, let text): if text.hasPrefix("game: ") { words.append("\(text) \(step)") }
    case .finished(let step): words.append("finished \(step)")
    case .stopped(let step, _): words.append("stopped \(step)")
    }
  }
}

@Suite struct TrainerStepTests {
  private func trainer(
    in folder: RunFolder? = nil, game: (any Game)? = nil, journal: Journal = Journal()
  ) throws -> Trainer {
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension, recipe.validationInterval) = (16, 8, 1)
    var intervals = Trainer.Intervals()
    (intervals.report, intervals.checkpoint, intervals.preview) = (2, 4, 4)
    return try Trainer(
      game: game ?? MixtureGame(seed: 1), recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 5), seed: 1,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals, folder: folder,
      observers: [journal])
  }

  private let lastFile = "step-00000005.safetensors"

  private func end(of folder: RunFolder) throws -> Data {
    try Data(contentsOf: folder.checkpoints.appendingPathComponent(lastFile))
  }

  @Test func aLoopOfStepsIsARun() throws {
    let scratch = try TemporaryFolder()
    let folders = try ["run", "steps"].map { try RunFolder.create(at: scratch[$0]) }
    let journals = [Journal(), Journal()]
    #expect(try trainer(in: folders[0], journal: journals[0]).run() == .finished)
    let stepped = try trainer(in: folders[1], journal: journals[1])
    var more: [Bool] = []
    repeat { more.append(try stepped.step()) } while more.last == true
    #expect(more == [true, true, true, true, false])
    #expect(stepped.completedSteps == 5)
    #expect(try end(of: folders[0]) == end(of: folders[1]))
    #expect(journals[0].words == journals[1].words)
    #expect(
      journals[0].words == [
        "started 0/5", "duel 0", "preview 0", "checkpoint 0", "step 1", "step 2", "report 2", "step 3",
        "step 4",
        "report 4", "preview 4", "checkpoint 4", "step 5", "report 5", "preview 5", "checkpoint 5",
        "finished 5",
      ])
    // There is nothing left to do, and nothing is done twice.
    #expect(try stepped.step() == false)
    #expect(try stepped.run() == .finished)
    #expect(journals[1].words.count == journals[0].words.count)
  }

  @Test func aLoopMayStopSaveAndGoOn() throws {
    let scratch = try TemporaryFolder()
    let folders = try ["run", "parts"].map { try RunFolder.create(at: scratch[$0]) }
    _ = try trainer(in: folders[0]).run()
    let (first, second) = (Journal(), Journal())
    let stopped = try trainer(in: folders[1], journal: first)
    for _ in 0..<3 { try stopped.step() }
    try stopped.save()
    try stopped.save()
    #expect(first.words.suffix(2) == ["step 3", "checkpoint 3"])
    let store = CheckpointStore(folder: folders[1].checkpoints, keeping: 3)
    let resumed = try trainer(in: folders[1], journal: second)
    let latest = try #require(try store.target(of: .latest))
    try resumed.resume(from: Checkpoint(contentsOf: latest))
    _ = try resumed.run()
    #expect(second.words.prefix(3) == ["resumed 3/5", "duel 3", "step 4"])
    #expect(try end(of: folders[0]) == end(of: folders[1]))
  }

  /// A run that was stopped goes on in the same process as it would in another.
  @Test func aStoppedRunGoesOnInTheSameProcess() throws {
    let journal = Journal()
    let trainer = try trainer(journal: journal)
    #expect(try trainer.run { trainer.completedSteps == 2 ? "test" : nil } == .stopped(cause: "test"))
    #expect(try trainer.run() == .finished)
    #expect(journal.words.contains("stopped 2") && journal.words.contains("resumed 2/5"))
    #expect(journal.words.count { $0.hasPrefix("step ") } == 5)
  }

  @Test func samplesAreAFunctionOfTheSeed() throws {
    let trainer = try trainer()
    let samples = try trainer.samples(count: 3, seed: 1)
    #expect(samples.shape == [3, 2] && !samples.requiresGrad)
    #expect(try samples.isEqual(to: trainer.samples(count: 3, seed: 1)))
    #expect(try !samples.isEqual(to: trainer.samples(count: 3, seed: 2)))
  }

  /// A mixture that finds fault with itself.
  private final class Worried: MixtureWrapper {
    let inner: MixtureGame
    init() throws { inner = try MixtureGame(seed: 1) }
    func warnings(seed: UInt64) throws -> [String] { ["game: seed \(seed)"] }
  }

  @Test func aGamesWarningsAreHeardAtEveryValidation() throws {
    let journal = Journal()
    _ = try trainer(game: Worried(), journal: journal).run()
    let warnings = journal.words.filter { $0.hasPrefix("game: ") }
    #expect(warnings == (1...5).map { "game: seed 1 \($0)" })
  }

  // MARK: Held-out samples

  /// A game whose held-out samples are those of another seed, or none.
  private func tensorGame(heldOut: Bool, labels: Bool = false) throws -> TensorGame {
    let data = try [1, 2].map { try MixtureGame.draw(count: 64, seed: $0) }
    let batches = data.map { Batch(samples: $0.samples, labels: labels ? $0.components : nil) }
    let classes = labels ? MixtureGame.modes : 0
    func network(_ inputs: Int, _ outputs: Int, _ stream: inout RandomStream) throws -> Sequential {
      try Sequential([
        Linear(inputs: inputs + classes, outputs: 32, using: &stream), Lambda.leakyReLU(),
        Linear(inputs: 32, outputs: outputs, using: &stream),
      ])
    }
    return try TensorGame(
      samples: batches[0].samples, labels: batches[0].labels, heldOut: heldOut ? batches[1] : nil, seed: 1,
      generator: { SequentialGenerator(try network(8, 2, &$0), classes: classes) },
      discriminator: { SequentialDiscriminator(try network(2, 1, &$0), classes: classes) })
  }

  @Test(arguments: [false, true]) func reportsSayWhatTheDiscriminatorMakesOfHeldOutSamples(labels: Bool)
    throws
  {
    let scratch = try TemporaryFolder()
    let folders = try ["with", "without"].map { try RunFolder.create(at: scratch[$0]) }
    let journals = [Journal(), Journal()]
    for (index, heldOut) in [true, false].enumerated() {
      _ = try trainer(
        in: folders[index], game: tensorGame(heldOut: heldOut, labels: labels), journal: journals[index]
      ).run()
    }
    let names = [
      ScalarName.heldOutAccuracy, ScalarName.heldOutGain, ScalarName.heldOutGainError,
      ScalarName.trainingAccuracy,
      ScalarName.trainingGain, ScalarName.trainingGainError,
    ]
    #expect(journals[0].reports.map(\.step) == [2, 4, 5])
    for report in journals[0].reports {
      #expect(names.allSatisfy { report[$0] != nil })
      #expect((0...1).contains(report[ScalarName.heldOutAccuracy] ?? -1))
    }
    #expect(journals[1].reports.allSatisfy { report in names.allSatisfy { report[$0] == nil } })
    // Training is the same bit for bit, and so is all else in its reports.
    let ends = try folders.map { try Checkpoint(contentsOf: $0.checkpoints.appendingPathComponent(lastFile)) }
    #expect(Set(ends[0].tensors.keys) == Set(ends[1].tensors.keys))
    for (name, tensor) in ends[0].tensors {
      #expect(try tensor.isEqual(to: #require(ends[1].tensors[name])), "\(name)")
    }
    #expect(ends[0].account?.step == 5 && ends[1].account == nil)
    for (one, other) in zip(journals[0].reports, journals[1].reports) {
      #expect(one.scalars.filter { !names.contains($0.name) } == other.scalars)
    }
  }
}
