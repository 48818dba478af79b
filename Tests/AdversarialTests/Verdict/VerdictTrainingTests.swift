import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

/// A game whose generator is finished: sequences of symbols by known odds, so that the divergence is known too.
private final class ToyGame: Game {
  /// Draws one-hot sequences `[B, T V]` of some odds.
  final class Drawing: Generator {
    private let unused: Linear
    private let draw: (Int, inout RandomStream) throws -> Tensor
    var members: Members { ["unused": unused] }

    init(_ draw: @escaping (Int, inout RandomStream) throws -> Tensor) throws {
      var stream = RandomStream(seed: 0, name: "unused")
      unused = try Linear(inputs: 1, outputs: 1, using: &stream)
      self.draw = draw
    }

    func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
      var stream = context.stream("symbols")
      return try draw(latents.shape[0], &stream)
    }
  }

  let generator: any Generator
  let averagedGenerator: any Generator
  let discriminator: any Discriminator
  let device = Device.cpu
  let trainingCount: Int
  let heldOutCount: Int
  private let real: Tensor
  private let width: Int

  /// Makes a game.
  ///
  /// - Parameters:
  ///   - width: numbers in a sample.
  ///   - heldOut: real samples that are not trained on.
  ///   - training: real samples that are.
  ///   - real: draws real samples.
  ///   - fake: draws generated ones.
  init(
    width: Int, heldOut: Int, training: Int = 10,
    real: (Int, inout RandomStream) throws -> Tensor,
    fake: @escaping (Int, inout RandomStream) throws -> Tensor
  ) throws {
    (heldOutCount, trainingCount, self.width) = (heldOut, training, width)
    var stream = RandomStream(seed: 9, name: "real")
    self.real = try real(heldOut + training, &stream)
    generator = try Drawing(fake)
    averagedGenerator = try Drawing(fake)
    discriminator = try Self.network(width, &stream)
  }

  private static func network(_ width: Int, _ stream: inout RandomStream) throws -> any Discriminator {
    try Perceptron(inputs: width, hidden: 32, outputs: 1, spectralNorm: false, using: &stream)
  }

  func makeDiscriminator(using stream: inout RandomStream) throws -> (any Discriminator)? {
    try Self.network(width, &stream)
  }

  func batch(at indices: [Int], context: StepContext) throws -> Batch {
    Batch(samples: try real.gathered(at: Tensor(indices.map { $0 + heldOutCount })))
  }

  func heldOutBatch(at indices: [Int], context: StepContext) throws -> Batch {
    Batch(samples: try real.gathered(at: Tensor(indices)))
  }
}

/// Symbols `[B, T]` of uniform odds over `count` of them.
private func uniform(_ samples: Int, length: Int, count: Int, _ stream: inout RandomStream) throws -> Tensor {
  try (stream.uniform([samples, length]) * Double(count)).converted(to: .int64)
}

/// Symbols `[B, T]` as one-hot sequences `[B, T V]`.
private func oneHot(_ ids: Tensor, count: Int) throws -> Tensor {
  try ids.oneHot(count: count).converted(to: .float32).reshaped([ids.shape[0], -1])
}

private func recipe(_ change: (inout TrainingRecipe) -> Void = { _ in }) -> TrainingRecipe {
  var recipe = TrainingRecipe()
  (recipe.batchSize, recipe.latentDimension) = (64, 1)
  recipe.verdict.rate = .cosine(from: 1e-2, to: 1e-4)
  change(&recipe)
  return recipe
}

/// Trains a verdict and nothing else.
private func verdict(_ game: ToyGame, steps: Int, recipe: TrainingRecipe = recipe()) throws -> VerdictTraining
{
  let reserve = TrainingReserve(game, hasVerdict: true, seed: 1)
  let training = try #require(
    try VerdictTraining(game: game, recipe: recipe, reserve: reserve, seed: 1))
  for step in 0..<steps {
    let context = StepContext(
      seed: 1, step: step, phaseStep: step, phaseSteps: steps, scope: "verdict", isTraining: true)
    _ = try training.update(context)
    if (step + 1).isMultiple(of: recipe.verdict.validationInterval(steps: steps)) {
      _ = try training.validate(StepContext(seed: 1, step: step + 1, scope: "validation"))
    }
  }
  _ = try training.finish(StepContext(seed: 1, step: steps, scope: "validation"))
  return training
}

@Suite("Verdict") struct VerdictTrainingTests {
  @Test("Real samples against real ones: nothing is found, and the verdict turns itself off")
  func realAgainstReal() throws {
    func draw(_ count: Int, _ stream: inout RandomStream) throws -> Tensor {
      try oneHot(uniform(count, length: 4, count: 4, &stream), count: 4)
    }
    let game = try ToyGame(width: 16, heldOut: 900, real: draw, fake: draw)
    let result = try #require(try verdict(game, steps: 60).result)
    #expect(result.record.gain.value <= 2 * result.record.gain.standardError)
    #expect(!result.record.isUseful)
    #expect(result.record.summary.hasPrefix("turned off: gain"))
  }

  @Test("A constraint that single symbols do not show, the last one equal to the first, gains its divergence")
  func constraint() throws {
    func fake(_ count: Int, _ stream: inout RandomStream) throws -> Tensor {
      try oneHot(uniform(count, length: 3, count: 4, &stream), count: 4)
    }
    let game = try ToyGame(width: 12, heldOut: 3_000) { count, stream in
      let ids = try uniform(count, length: 3, count: 4, &stream)
      let start = try ids.narrowed(along: 1, start: 0, count: 2)
      return try oneHot(
        Tensor.concatenated([start, ids.narrowed(along: 1, start: 0, count: 1)], along: 1), count: 4)
    } fake: {
      try fake($0, &$1)
    }
    let training = try verdict(game, steps: 200)
    let result = try #require(training.result)
    // A quarter of generated samples keep to it.
    #expect(abs(result.record.gain.value - log(4)) < 0.1 * log(4) + result.record.gain.standardError)
    #expect(result.record.isUseful && abs(result.record.deviation) < 3)
    let selection = Verdict(record: result.record, network: training.network, pilot: result.pilot)
      .selection(oneOf: 4)
    #expect(abs(selection.outlook.acceptance - 0.25) < 1e-6)
    #expect(selection.outlook.totalVariation < 0.1)
    var stream = RandomStream(seed: 4, name: "candidates")
    let candidates = try fake(1_000, &stream)
    let kept = try selection.kept(of: candidates, labels: nil, using: &stream)
    let rows = try candidates.gathered(at: Tensor(kept)).reshaped([-1, 3, 4]).argmax(along: 2).unbound()
      .map { try $0.array(of: Int64.self) }
    #expect((200...300).contains(rows.count))
    #expect(rows.count { $0[0] == $0[2] } > rows.count * 95 / 100)
  }

  @Test("A chain of known odds against independent symbols gains their mutual information, to a tenth")
  func chain() throws {
    // The second symbol equals the first of four with probability 0.7, and else is one of the others.
    let game = try ToyGame(width: 8, heldOut: 3_000) { count, stream in
      let first = try uniform(count, length: 1, count: 4, &stream)
      let turns = try (uniform(count, length: 1, count: 3, &stream) + 1).converted(to: .int64)
      let moves = try stream.uniform([count, 1]).less(than: 0.3).converted(to: .int64)
      let second = try first + turns * moves
      let wrapped = try (second - second.greater(than: 3).converted(to: .int64) * 4).converted(to: .int64)
      return try oneHot(Tensor.concatenated([first, wrapped], along: 1), count: 4)
    } fake: { count, stream in
      try oneHot(uniform(count, length: 2, count: 4, &stream), count: 4)
    }
    let exact = 0.7 * log(0.7 * 4) + 0.3 * log(0.1 * 4)
    let record = try #require(try verdict(game, steps: 200).result).record
    #expect(abs(record.gain.value - exact) < 0.1 * exact + record.gain.standardError)
    #expect(record.gain.standardError < 0.05)
  }

  @Test(
    "A run that stops in its verdict, or before it, ends as one that does not", arguments: [9, 10, 37, 62])
  func resume(stop: Int) throws {
    let scratch = try TemporaryFolder()
    func train(_ folder: RunFolder, stop: Int?) throws -> Trainer.Outcome {
      let samples = try MixtureGame.draw(count: 300, seed: 1).samples
      let game = try TensorGame(
        samples: samples.narrowed(along: 0, start: 0, count: 200),
        heldOut: Batch(samples: samples.narrowed(along: 0, start: 200, count: 100)), seed: 1
      ) { stream in
        SequentialGenerator(try Linear(inputs: 1, outputs: 2, using: &stream))
      } discriminator: { stream in
        SequentialDiscriminator(try Linear(inputs: 2, outputs: 1, using: &stream))
      }
      let latest = try CheckpointStore(folder: folder.checkpoints, keeping: 3).target(of: .latest)
      var intervals = Trainer.Intervals()
      (intervals.report, intervals.checkpoint) = (10, 1_000)
      let recipe = recipe {
        $0.batchSize = 16
        $0.accumulation = 2
        $0.verdict.pilot = 100
      }
      let trainer = try Trainer(
        game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 10, verdictSteps: 60), seed: 1,
        identity: CheckpointIdentity(modality: "toy", recipe: "{}"), intervals: intervals, folder: folder,
        observers: [try MetricsLog(file: folder.metricsFile)])
      if let latest { try trainer.resume(from: Checkpoint(contentsOf: latest)) }
      return try trainer.run { trainer.completedSteps == stop ? "test" : nil }
    }
    let whole = try RunFolder.create(at: scratch["whole"])
    #expect(try train(whole, stop: nil) == .finished)
    let parts = try RunFolder.create(at: scratch["parts"])
    #expect(try train(parts, stop: stop) == .stopped(cause: "test"))
    #expect(try train(parts, stop: nil) == .finished)
    let files = [whole, parts].map { $0.checkpoints.appendingPathComponent("step-00000070.safetensors") }
    #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))

    let checkpoint = try Checkpoint(contentsOf: files[0])
    let record = try #require(checkpoint.verdictRecord)
    #expect(record.fitted == 67 && record.calibrated == 33)
    #expect(checkpoint.tensors(of: "verdict.best").isEmpty)
    var stream = RandomStream(seed: 0, name: "other")
    let found = try checkpoint.verdict {
      SequentialDiscriminator(try Linear(inputs: 2, outputs: 1, using: &stream))
    }
    #expect(try #require(found).pilot.logRatios.count == 100)
    let lines = try String(contentsOf: whole.metricsFile, encoding: .utf8).split(separator: "\n")
    #expect(lines.last?.contains("\"phase\":\"verdict\"") == true)
    #expect(lines.last?.contains("\"verdict.gain\":") == true)
  }

  @Test("A tenth of many training samples is kept from the generator, the same of one seed")
  func reserve() throws {
    func draw(_ count: Int, _ stream: inout RandomStream) throws -> Tensor { try stream.normal([count, 1]) }
    let game = try ToyGame(width: 1, heldOut: 0, training: 10_000, real: draw, fake: draw)
    let reserve = TrainingReserve(game, hasVerdict: true, seed: 3)
    let seen = try #require(reserve.seen)
    #expect(reserve.reserved.count == 1_000 && Set(seen).isDisjoint(with: reserve.reserved))
    #expect(Set(seen + reserve.reserved) == Set(0..<10_000))
    #expect(TrainingReserve(game, hasVerdict: true, seed: 3).reserved == reserve.reserved)
    #expect(TrainingReserve(game, hasVerdict: true, seed: 4).reserved != reserve.reserved)
    #expect(TrainingReserve(game, hasVerdict: false, seed: 3).seen == nil)
    var order = DataOrder(count: 10_000, chosen: seen, seed: 1)
    #expect(Set(order.indices(from: 0, count: 9_000)) == Set(seen))
    #expect(try game.canHaveVerdict(VerdictRecipe()))
    let training = try #require(
      try VerdictTraining(game: game, recipe: recipe(), reserve: reserve, seed: 1))
    #expect(training.fitted.count + training.calibrated.count == 1_000)
    #expect(training.fitted.allSatisfy { !training.calibrated.contains($0) })
  }

  @Test("A verdict begins with the weights that it is given, or with fresh ones")
  func beginning() throws {
    let game = try ToyGame(width: 1, heldOut: 60) {
      try $1.normal([$0, 1])
    } fake: {
      try $1.normal([$0, 1])
    }
    let reserve = TrainingReserve(game, hasVerdict: true, seed: 1)
    func weights(_ beginning: (any Discriminator)?) throws -> Tensor {
      let training = try #require(
        try VerdictTraining(
          game: game, recipe: recipe(), reserve: reserve, seed: 1, beginning: beginning))
      return try Tensor.concatenated(training.network.parameters.map { try $0.value.reshaped([-1]) })
    }
    let own = try Tensor.concatenated(game.discriminator.parameters.map { try $0.value.reshaped([-1]) })
    #expect(try weights(game.discriminator).isEqual(to: own))
    #expect(try !weights(nil).isEqual(to: own))
  }

  @Test("Too few real samples, a share of none, and few steps make no verdict")
  func tooLittle() throws {
    func draw(_ count: Int, _ stream: inout RandomStream) throws -> Tensor { try stream.normal([count, 1]) }
    let small = try ToyGame(width: 1, heldOut: 59, training: 9_999, real: draw, fake: draw)
    #expect(try !small.canHaveVerdict(VerdictRecipe()))
    let enough = try ToyGame(width: 1, heldOut: 60, real: draw, fake: draw)
    #expect(try enough.canHaveVerdict(VerdictRecipe()))
    var off = VerdictRecipe()
    off.isOn = false
    #expect(try !enough.canHaveVerdict(off))
    let recipe = recipe()
    let rates = StepSeconds(warmUp: 0, duel: 0.1, verdict: 0.05, verdictEnd: 1)
    func plan(_ budget: Budget) -> Plan {
      budget.plan(for: recipe, hasWarmUp: false, hasVerdict: true) { rates }
    }
    #expect(plan(.steps(499)) == Plan(warmUpSteps: 0, duelSteps: 499))
    #expect(plan(.steps(500)) == Plan(warmUpSteps: 0, duelSteps: 450, verdictSteps: 50))
    #expect(plan(.samples(64_000)) == Plan(warmUpSteps: 0, duelSteps: 900, verdictSteps: 100))
    // Of 120 seconds 12 for the verdict, one of which is its end.
    #expect(plan(.minutes(2)) == Plan(warmUpSteps: 0, duelSteps: 1_080, verdictSteps: 220))
  }

  @Test("Plans of earlier versions have no verdict")
  func earlierPlans() throws {
    let text = Data(#"{"warmUpSteps": 3, "duelSteps": 4}"#.utf8)
    #expect(try JSONDecoder().decode(Plan.self, from: text) == Plan(warmUpSteps: 3, duelSteps: 4))
    let plan = Plan(warmUpSteps: 3, duelSteps: 4, verdictSteps: 5)
    #expect(plan.position(at: 6).phase == .duel && plan.position(at: 7).phase == .verdict)
    #expect(plan.position(at: 8).step == 1 && plan.position(at: 8).steps == 5 && plan.totalSteps == 12)
    #expect(plan.ending(at: 5) == Plan(warmUpSteps: 3, duelSteps: 2, verdictSteps: 5))
  }
}
