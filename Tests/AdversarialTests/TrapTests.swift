import Foundation
import TestSupport
import Testing

@testable import Adversarial
@testable import Torch

/// Mistakes found in other suites' training code, one test each.
@Suite struct TrapTests {
  /// A game whose networks note how they are called.
  final class Spy: Game {
    let inner: MixtureGame
    let generator: any Generator
    let discriminator: any Discriminator
    let log: Log
    var averagedGenerator: any Generator { inner.averagedGenerator }
    var device: Device { inner.device }
    var trainingCount: Int { inner.trainingCount }
    var poison: Int?

    final class Log {
      var generatorCalls: [(scope: String, differentiable: Bool)] = []
      var discriminatorCalls: [(scope: String, frozen: Bool)] = []
      var indices: [[Int]] = []
      var followed: [(accuracy: Double, samples: Int)] = []
    }

    final class SpyGenerator: Generator {
      let inner: any Generator
      let log: Log
      var members: Members { inner.members }
      init(_ inner: any Generator, _ log: Log) { (self.inner, self.log) = (inner, log) }
      func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
        let samples = try inner.generate(latents: latents, labels: labels, context: context)
        log.generatorCalls.append((context.scope, samples.requiresGrad))
        return samples
      }
    }

    final class SpyDiscriminator: Discriminator {
      let inner: any Discriminator
      let log: Log
      var members: Members { inner.members }
      init(_ inner: any Discriminator, _ log: Log) { (self.inner, self.log) = (inner, log) }
      func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
        log.discriminatorCalls.append((context.scope, !inner.parameters[0].value.requiresGrad))
        return try inner.discriminate(samples, labels: labels, context: context)
      }
      func follow(accuracy: Double, samples: Int) throws -> [Scalar] {
        log.followed.append((accuracy, samples))
        return [Scalar("followed", Double(log.followed.count))]
      }
    }

    init(shape: MixtureGame.Shape = .init()) throws {
      inner = try MixtureGame(shape: shape, seed: 3)
      log = Log()
      generator = SpyGenerator(inner.generator, log)
      discriminator = SpyDiscriminator(inner.discriminator, log)
    }

    func batch(at indices: [Int], context: StepContext) throws -> Batch {
      log.indices.append(indices)
      var batch = try inner.batch(at: indices, context: context)
      if context.step == poison { batch.samples = try batch.samples * Double.nan }
      return batch
    }
  }

  private func state(
    _ game: any Game, duelSteps: Int = 10, _ change: (inout TrainingRecipe) -> Void = { _ in }
  ) throws -> TrainingState {
    var recipe = TrainingRecipe()
    recipe.batchSize = 12
    recipe.latentDimension = 8
    change(&recipe)
    return try TrainingState(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: duelSteps), seed: 3)
  }

  @Test func generatedSamplesAreCutOffInADiscriminatorUpdate() throws {
    let spy = try Spy()
    let state = try state(spy) { $0.discriminatorSteps = 5 }
    var order = DataOrder(count: spy.trainingCount, seed: 3)
    try state.performStep(order: &order)
    // The first step, too, makes five discriminator updates before the generator's.
    #expect(spy.log.generatorCalls.map(\.differentiable) == [false, false, false, false, false, true])
    #expect(spy.log.generatorCalls.last?.scope.hasPrefix("generator.") == true)
  }

  @Test func discriminatorIsFrozenInAGeneratorUpdateAndThawedAfterIt() throws {
    let spy = try Spy()
    let state = try state(spy) { $0.loss = .relativisticPaired }
    var order = DataOrder(count: spy.trainingCount, seed: 3)
    try state.performStep(order: &order)
    for call in spy.log.discriminatorCalls { #expect(call.frozen == call.scope.hasPrefix("generator")) }
    #expect(spy.log.discriminatorCalls.contains { $0.frozen })
    #expect(spy.discriminator.parameters.allSatisfy { $0.value.requiresGrad })
  }

  @Test func everyStepMakesTheSameNumberOfDiscriminatorUpdates() throws {
    let spy = try Spy()
    let state = try state(spy) { $0.discriminatorSteps = 3 }
    var order = DataOrder(count: spy.trainingCount, seed: 3)
    for _ in 0..<4 { try state.performStep(order: &order) }
    #expect(spy.log.generatorCalls.filter { !$0.differentiable }.count == 12)
    #expect(spy.log.generatorCalls.filter { $0.differentiable }.count == 4)
    #expect(state.step == 4)
    #expect(state.plan.samplesSeen(at: 4, recipe: state.recipe) == 4 * 3 * 12)
    // Discriminator updates walk through the data; the generator's sees the last of their batches again.
    #expect(Set(spy.log.indices[0...2].joined()).count == 36)
    #expect(spy.log.indices[3] == spy.log.indices[2])
  }

  /// Parts of a batch are one update, and the generator's updates none.
  @Test func aDiscriminatorHearsOfEachOfItsUpdates() throws {
    let spy = try Spy()
    let state = try state(spy) { ($0.discriminatorSteps, $0.accumulation) = (3, 2) }
    var order = DataOrder(count: spy.trainingCount, seed: 3)
    for _ in 0..<2 { try state.performStep(order: &order) }
    #expect(spy.log.followed.map(\.samples) == Array(repeating: 12, count: 6))
    #expect(spy.log.followed.allSatisfy { (0...1).contains($0.accuracy) })
    let reported = state.statistics.drain()
    let mean = spy.log.followed.reduce(0) { $0 + $1.accuracy } / 6
    #expect(abs((reported.first { $0.name == ScalarName.discriminatorAccuracy }?.value ?? 0) - mean) < 1e-12)
    #expect(reported.first { $0.name == "followed" }?.value == 3.5)
  }

  @Test func averagingCopiesBuffersAndAveragesParameters() throws {
    var stream = RandomStream(seed: 1, name: "networks")
    let source = try Perceptron(inputs: 2, hidden: 4, outputs: 1, spectralNorm: true, using: &stream)
    let target = try Perceptron(inputs: 2, hidden: 4, outputs: 1, spectralNorm: true, using: &stream)
    let averaging = try ExponentialMovingAverage(of: source, in: target)
    try averaging.start()
    for parameter in source.parameters { try parameter.set(parameter.value.detached() + 1) }
    for (_, buffer) in source.namedBuffers { buffer.value = try buffer.value * -1 }
    let before = try target.state.filter { $0.name.hasSuffix("bias") }.map { try $0.tensor.cloned() }
    try averaging.update(decay: 0.75)
    for (mine, its) in zip(target.namedBuffers, source.namedBuffers) {
      #expect(try mine.buffer.value.isEqual(to: its.buffer.value))
    }
    for (old, new) in zip(before, try target.state.filter { $0.name.hasSuffix("bias") }) {
      let moved = try (new.tensor - old).array(of: Float.self)
      #expect(moved.allSatisfy { abs($0 - 0.25) < 1e-5 })
    }
  }

  @Test func spectrallyNormalisedLogitsOfTwoPassesCanBeSubtracted() throws {
    var shape = MixtureGame.Shape()
    shape.spectralNorm = true
    let game = try MixtureGame(shape: shape, seed: 3)
    let context = StepContext(seed: 3, scope: "test")
    try game.discriminator.updateSpectralNorms()
    let real = try game.batch(at: [0, 1, 2], context: context).samples
    let first = try game.discriminator.discriminate(real, labels: nil, context: context)
    let second = try game.discriminator.discriminate(real * 0.5, labels: nil, context: context)
    try (first - second).mean().backward()
    // A pass has no side effects: the same input gives the same logits.
    #expect(try game.discriminator.discriminate(real, labels: nil, context: context).isEqual(to: first))
  }

  @Test func averageStartsAsACopyOfTheGenerator() throws {
    let game = try MixtureGame(seed: 3)
    _ = try state(game)
    for (mine, its) in zip(try game.averagedGenerator.state, try game.generator.state) {
      #expect(try mine.tensor.isEqual(to: its.tensor))
    }
  }

  @Test func spectralNormsOfAGeneratorFollowItsWeights() throws {
    var stream = RandomStream(seed: 4, name: "networks")
    func perceptron() throws -> Perceptron {
      try Perceptron(inputs: 8, hidden: 16, outputs: 2, spectralNorm: true, using: &stream)
    }
    let game = Inner(generator: try perceptron(), averaged: try perceptron(), data: try MixtureGame(seed: 3))
    let state = try state(game, duelSteps: 60) {
      $0.generatorRate = .constant(0.05)
      $0.discriminatorRate = .constant(0.05)
    }
    let before = try game.generator.namedBuffers.map { try $0.buffer.value.cloned() }
    var order = DataOrder(count: game.trainingCount, seed: 3)
    for _ in 0..<30 { try state.performStep(order: &order) }
    let after = game.generator.namedBuffers
    #expect(!before.isEmpty)
    #expect(try zip(before, after).contains { try !$0.isEqual(to: $1.buffer.value) })
  }

  /// The mixture with another generator.
  final class Inner: Game {
    let generator: any Generator
    let averagedGenerator: any Generator
    let data: MixtureGame
    var discriminator: any Discriminator { data.discriminator }
    var device: Device { data.device }
    var trainingCount: Int { data.trainingCount }
    init(generator: any Generator, averaged: any Generator, data: MixtureGame) {
      (self.generator, averagedGenerator, self.data) = (generator, averaged, data)
    }
    func batch(at indices: [Int], context: StepContext) throws -> Batch {
      try data.batch(at: indices, context: context)
    }
  }

  @Test func faultyRecipesAreRefused() throws {
    var recipe = TrainingRecipe()
    recipe.accumulation = 0
    #expect {
      try Trainer(
        game: try MixtureGame(seed: 3), recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 1), seed: 3,
        identity: CheckpointIdentity(modality: "mixture", recipe: "{}"))
    } throws: {
      String(describing: $0).contains("training.accumulation: found 0")
    }
  }

  @Test func nonFiniteLossStopsBeforeItReachesTheParameters() throws {
    let spy = try Spy()
    spy.poison = 2
    let state = try state(spy)
    var order = DataOrder(count: spy.trainingCount, seed: 3)
    for _ in 0..<2 { try state.performStep(order: &order) }
    let before = try spy.discriminator.state.map { try $0.tensor.cloned() }
    #expect {
      try state.performStep(order: &order)
    } throws: {
      ($0 as? TrainingFailure)?.description == "step 2: the discriminator's loss is not a number"
    }
    for (old, new) in zip(before, try spy.discriminator.state) { #expect(try old.isEqual(to: new.tensor)) }
  }

  @Test func failureIsSavedBesideTheGoodCheckpoints() throws {
    let scratch = try TemporaryFolder()
    let folder = try RunFolder.create(at: scratch["run"])
    let spy = try Spy()
    spy.poison = 7
    var recipe = TrainingRecipe()
    recipe.latentDimension = 8
    var intervals = Trainer.Intervals()
    intervals.checkpoint = 5
    let trainer = try Trainer(
      game: spy, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 20), seed: 3,
      identity: CheckpointIdentity(modality: "mixture", recipe: "{}"), intervals: intervals, folder: folder)
    #expect(throws: TrainingFailure.self) { try trainer.run() }
    let failed = folder.checkpoints.appendingPathComponent("failed-step-7.safetensors")
    #expect(try Checkpoint(contentsOf: failed).step == 7)
    let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
    #expect(latest?.lastPathComponent == "step-00000005.safetensors")
  }
}
