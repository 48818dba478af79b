import Adversarial
import TestSupport
import Testing
import Torch

/// No two purposes of a step draw from one stream.
@Suite struct StreamNameTests {
  /// A game every part of which calls its stream by the same word.
  private final class Noisy: Game {
    final class Network: Generator, Discriminator {
      let inner: Perceptron
      var members: Members { inner.members }
      init(_ inner: Perceptron) { self.inner = inner }

      private func noised(_ input: Tensor, _ context: StepContext) throws -> Tensor {
        var stream = context.stream("noise")
        return try input + stream.normal(input.shape) * 0.1
      }
      func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
        try inner.generate(latents: noised(latents, context), labels: labels, context: context)
      }
      func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
        try inner.discriminate(noised(samples, context), labels: labels, context: context)
      }
    }

    private let networks: [Network]
    var generator: any Generator { networks[0] }
    var averagedGenerator: any Generator { networks[1] }
    var discriminator: any Discriminator { networks[2] }
    let device = Device.cpu
    let trainingCount = 100
    let hasWarmUp = true

    init() throws {
      var stream = RandomStream(seed: 1, name: "networks")
      networks = try [(8, 2), (8, 2), (2, 1)].map { inputs, outputs in
        let network = try Perceptron(
          inputs: inputs, hidden: 4, outputs: outputs, spectralNorm: false, using: &stream)
        return Network(network)
      }
    }

    func batch(at indices: [Int], context: StepContext) throws -> Batch {
      var stream = context.stream("noise")
      return Batch(samples: try stream.normal([indices.count, 2]))
    }

    func warmUpLoss(on batch: Batch, context: StepContext) throws -> Tensor {
      var stream = context.stream("noise")
      let latents = try stream.normal([batch.count, 8])
      let fake = try networks[0].inner.generate(latents: latents, labels: nil, context: context)
      return try (fake - batch.samples).squared().mean()
    }

    func anchorLoss(on batch: Batch, context: StepContext) throws -> Tensor? {
      try warmUpLoss(on: batch, context: context)
    }
  }

  private func recipe(_ change: (inout TrainingRecipe) -> Void = { _ in }) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.batchSize, recipe.latentDimension) = (6, 8)
    change(&recipe)
    return recipe
  }

  /// Whatever words the parts of a game choose: the trainer keeps them apart.
  @Test func everyCallHasAScopeOfItsOwn() throws {
    let streams = try RecordedStreams(ofTraining: Noisy(), recipe: recipe())
    let own: Set<String> = ["warm-up.noise", "warm-up.loss.noise", "generator.anchor.noise"]
    let batches = RecordedStreams.ofBatch("noise")
    let networks = RecordedStreams.ofGenerator("noise").union(RecordedStreams.ofDiscriminator("noise"))
    #expect(streams.patterns == RecordedStreams.core.union(own).union(batches).union(networks))
    #expect(streams.repeated.isEmpty)
  }

  /// The names of a step, one by one.
  @Test func theNamesOfAStep() throws {
    let state = recipe {
      $0.loss = .relativisticAverage
      $0.penalties = [Penalty(.r1, weight: 1, interval: 2), Penalty(.gradientPenalty, weight: 1)]
    }
    let trainer = try Trainer(
      game: Noisy(), recipe: state, plan: Plan(warmUpSteps: 0, duelSteps: 2), seed: 1,
      identity: CheckpointIdentity(modality: "test", recipe: "{}"))
    let step = { try RecordedStreams { _ = try trainer.run { "test" } }.names }
    let first = try step().map(\.name)
    #expect(
      first == [
        "data order", "discriminator.0.latents", "discriminator.0.noise",
        "discriminator.0.generator.noise", "discriminator.0.discriminator.noise",
        "discriminator.0.penalty.0.mixing", "discriminator.0.penalty.0.discriminator.noise",
        "discriminator.0.penalty.1.mixing", "discriminator.0.penalty.1.discriminator.noise",
        "generator.latents", "generator.noise", "generator.generator.noise",
        "generator.generated.noise",
        "generator.real.noise", "generator.anchor.noise",
      ])
    // A penalty keeps its name where another one is not due.
    let second = try step()
    #expect(second.map(\.name) == first.filter { $0 != "data order" && !$0.contains("penalty.0") })
    #expect(second.allSatisfy { $0.seed == 1 && $0.step == 1 })
  }

  /// A part of a batch draws from the streams of the whole, each of which is so made once a part.
  @Test func partsShareTheStreamsOfTheWhole() throws {
    let whole = try RecordedStreams(ofTraining: Noisy(), recipe: recipe())
    let split = try RecordedStreams(ofTraining: Noisy(), recipe: recipe(), parts: 3)
    #expect(Set(split.names) == Set(whole.names))
    let once = whole.patterns.filter { $0 == "data order" || $0.hasSuffix("latents") }
    #expect(split.repeated == whole.patterns.subtracting(once))
  }

  @Test func theMixtureOfTheTestsToo() throws {
    var shape = MixtureGame.Shape()
    (shape.hasWarmUp, shape.adaptiveNoise, shape.hidden) = (true, true, 4)
    let streams = try RecordedStreams(
      ofTraining: MixtureGame(shape: shape, seed: 1),
      recipe: recipe { $0.prior = .gaussianMixture(components: 3, spread: 1) })
    let own: Set<String> = ["warm-up.loss.latents", "validation.latents", "prior.gaussian-mixture"]
    #expect(
      streams.patterns == RecordedStreams.core.union(own).union(RecordedStreams.ofDiscriminator("noise")))
    // Every generator is scored on the same latents, and every draw from the prior is around the same means.
    #expect(streams.repeated == ["validation.latents", "prior.gaussian-mixture"])
  }
}
