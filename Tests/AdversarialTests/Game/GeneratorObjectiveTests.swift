import Adversarial
import TestSupport
import Testing
import Torch

/// Symbols without a gradient: the generator is a table of four log-probabilities, and its objective a score function's
/// surrogate (Williams, 1992), with the mean reward of the batch as baseline.
private final class SymbolGame: Game {
  final class Table: Generator {
    let logits: Parameter
    var members: Members { ["logits": logits] }

    init() throws { logits = try Parameter(.zeros([4])) }

    /// One-hot samples, drawn by Gumbel's trick.
    func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
      var stream = context.stream("symbols")
      return try withoutGradients {
        try (logits.value + stream.gumbel([latents.shape[0], 4])).argmax(along: 1).oneHot(count: 4)
          .converted(to: .float32)
      }
    }
  }

  let generator: any Generator
  let averagedGenerator: any Generator
  let discriminator: any Discriminator
  let device = Device.cpu
  let trainingCount = 60
  let comparesSamples = true
  private let table: Table

  init() throws {
    table = try Table()
    generator = table
    averagedGenerator = try Table()
    var stream = RandomStream(seed: 1, name: "discriminator")
    discriminator = SequentialDiscriminator(try Linear(inputs: 4, outputs: 1, using: &stream))
  }

  /// Symbol 2 two thirds of the time, symbol 0 otherwise.
  func batch(at indices: [Int], context: StepContext) throws -> Batch {
    Batch(
      samples: try Tensor(indices.map { $0 % 3 == 0 ? 0 : 2 }).oneHot(count: 4).converted(to: .float32))
  }

  func generatorObjective(_ update: GeneratorUpdate) throws -> GeneratorObjective {
    let fake = try generator.generate(
      latents: update.latents, labels: nil, context: update.context.scoped("generator"))
    let logits = try update.logits(of: fake, scope: "generated").detached()
    let advantages = try update.compared(.init(samples: fake, logits: logits)) { batch in
      let rewards = try batch.logits.logSigmoid()
      return try rewards - rewards.mean()
    }
    let likelihoods = try (table.logits.value.logSoftmax() * fake).sum(along: 1)
    let objective = try -(advantages * likelihoods).mean()
    return GeneratorObjective(
      objective, loss: try -logits.logSigmoid().mean(), samples: fake,
      scalars: [Scalar("generator.likelihood", try likelihoods.mean().item())])
  }

  var probabilities: [Float] { get throws { try table.logits.value.softmax().array() } }
}

private final class Reports: TrainingObserver {
  private(set) var all: [TrainingReport] = []

  func receive(_ event: TrainingEvent) { if case .report(let report) = event { all.append(report) } }
}

@Suite struct GeneratorObjectiveTests {
  private func train(_ game: any Game, steps: Int, parts: Int = 1) throws -> [TrainingReport] {
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension, recipe.accumulation) = (48, 8, parts)
    recipe.penalties = [Penalty(.r1, weight: 0.1)]
    (recipe.generatorRate, recipe.discriminatorRate) = (.constant(0.02), .constant(0.02))
    let reports = Reports()
    let trainer = try Trainer(
      game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: steps), seed: 1,
      identity: CheckpointIdentity(modality: "symbols", recipe: "{}"), observers: [reports])
    _ = try trainer.run()
    return reports.all
  }

  /// The trainer asks for nothing but an objective, so a game without a gradient through its samples learns too.
  @Test func aScoreFunctionLearnsSymbols() throws {
    let game = try SymbolGame()
    let reports = try train(game, steps: 400)
    let found = try game.probabilities
    #expect(found[1] + found[3] < 0.1, "\(found)")
    #expect(found[2] > found[0] && found[0] > 0.1, "\(found)")
    // What is reported is the loss, and not the surrogate; the game's own numbers come with it.
    let last = try #require(reports.last)
    #expect((0.2...2).contains(last[ScalarName.generatorLoss] ?? 0))
    #expect((-3 ..< -0.2).contains(last["generator.likelihood"] ?? 0))
    #expect((last[ScalarName.sampleDiversity] ?? 0) > 0.3)
  }

  /// Samples are compared with all of the batch, wherever it is cut.
  @Test(arguments: SplitUpdate.parts, SplitUpdate.batchSizes)
  func partsCompareWithTheWholeBatch(parts: Int, batchSize: Int) throws {
    var recipe = TrainingRecipe()
    recipe.penalties = []
    let distance = try SplitUpdate.distance(parts: parts, batchSize: batchSize, recipe: recipe) {
      try SymbolGame()
    }
    #expect(distance < 1e-4)
  }

  @Test func scalarsOfPartsAreMeansOverTheBatch() throws {
    // All probabilities are a quarter before the first update.
    let reports = try train(SymbolGame(), steps: 1, parts: 3)
    let likelihood = try #require(reports.last?["generator.likelihood"])
    #expect(abs(likelihood - -1.3862943) < 1e-5)
  }

  /// The default is the loss of generated samples, which the update differentiates.
  @Test func byDefaultTheObjectiveIsPathwise() throws {
    let game = try MixtureGame(seed: 1)
    let context = StepContext(seed: 1, scope: "test")
    var stream = context.stream("latents")
    let update = GeneratorUpdate(
      real: try game.batch(at: [0, 1, 2, 3], context: context), latents: try stream.normal([4, 8]),
      discriminator: game.discriminator, loss: .relativisticPaired, context: context)
    let play = try game.generatorObjective(update)
    let fake = try game.generator.generate(latents: update.latents, labels: nil, context: context)
    #expect(try play.samples.isEqual(to: fake))
    let expected = try AdversarialLoss.relativisticPaired.generatorLoss(
      real: update.logits(of: update.real.samples, scope: "real"),
      fake: update.logits(of: fake, scope: "fake"))
    #expect(try play.objective.item() == expected.item())
    #expect(try play.loss.item() == expected.item())
    #expect(play.objective.requiresGrad && play.scalars.isEmpty)
  }
}
