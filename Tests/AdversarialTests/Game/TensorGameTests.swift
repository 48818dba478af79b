import Adversarial
import Failures
import TestSupport
import Testing
import Torch

@Suite struct TensorGameTests {
  private func game(_ samples: Tensor, labels: Tensor? = nil, heldOut: Batch? = nil, seed: UInt64 = 1) throws
    -> TensorGame
  {
    try TensorGame(samples: samples, labels: labels, heldOut: heldOut, seed: seed) { stream in
      SequentialGenerator(
        try Sequential([
          Linear(inputs: 4, outputs: 6, using: &stream), Lambda.tanh(), Lambda.reshape([3, 2]),
        ]))
    } discriminator: { stream in
      SequentialDiscriminator(
        try Sequential([Lambda.flatten(), Linear(inputs: 6, outputs: 1, using: &stream)]))
    }
  }

  private let context = StepContext(seed: 1, scope: "test")

  @Test func batchesAreRowsOfAnyShape() throws {
    let samples = try Tensor.arange(0, 30, dtype: .float32).reshaped([5, 3, 2])
    let labels = try Tensor([4, 3, 2, 1, 0])
    let game = try game(samples, labels: labels)
    #expect(game.trainingCount == 5)
    let batch = try game.batch(at: [3, 0], context: context)
    #expect(batch.samples.shape == [2, 3, 2])
    #expect(try batch.samples.selected(0).isEqual(to: samples.selected(3)))
    #expect(try batch.labels?.array(of: Int64.self) == [1, 4])
    let fake = try game.generator.generate(latents: .zeros([2, 4]), labels: nil, context: context)
    #expect(fake.shape == [2, 3, 2])
    #expect(try game.discriminator.discriminate(fake, labels: nil, context: context).shape == [2])
    #expect(game.generator.namedParameters.map(\.name) == ["0.weight", "0.bias"])
    #expect(game.discriminator.namedParameters.map(\.name) == ["1.weight", "1.bias"])
  }

  @Test func networksAreAFunctionOfTheSeed() throws {
    func weights(_ seed: UInt64) throws -> [Tensor] {
      let game = try game(.ones([2, 3, 2]), seed: seed)
      let networks: [any Module] = [game.generator, game.averagedGenerator, game.discriminator]
      return networks.map { $0.parameters[0].value }
    }
    let (one, same, other) = (try weights(1), try weights(1), try weights(2))
    #expect(try one[0].isEqual(to: one[1]))
    for index in 0..<3 {
      #expect(try one[index].isEqual(to: same[index]))
      #expect(try !one[index].isEqual(to: other[index]))
    }
  }

  @Test func heldOutSamplesAreAsManyAsThereAre() throws {
    let heldOut = Batch(samples: try Tensor.full([3, 3, 2], value: 7))
    let game = try game(.ones([9, 3, 2]), heldOut: heldOut)
    #expect(try game.heldOutBatch(count: 2, context: context)?.count == 2)
    let all = try #require(try game.heldOutBatch(count: 10, context: context))
    #expect(try all.samples.isEqual(to: heldOut.samples))
    #expect(try self.game(.ones([9, 3, 2])).heldOutBatch(count: 2, context: context) == nil)
  }

  @Test func unusableTensorsAreRefused() throws {
    let good = try Tensor.ones([2, 3, 2])
    let cases: [(message: String, make: () throws -> TensorGame)] = [
      ("samples: found none", { try game(.zeros([0, 3, 2])) }),
      ("samples: found a number that is not finite", { try game(Tensor.full([2, 3, 2], value: .nan)) }),
      (
        "samples: found labels of shape [3], expected [2]",
        { try game(good, labels: .zeros([3], dtype: .int64)) }
      ),
      ("held-out samples: found none", { try game(good, heldOut: Batch(samples: .zeros([0, 3, 2]))) }),
      (
        "held-out samples: found no labels, expected [2]",
        { try game(good, labels: .zeros([2], dtype: .int64), heldOut: Batch(samples: good)) }
      ),
    ]
    for (message, make) in cases {
      let error = #expect(throws: UserError.self) { try make() }
      #expect(error?.category == .badData && error?.message.contains(message) == true, "\(message)")
    }
  }

  @Test func labelsJoinRowsOnly() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let network = SequentialDiscriminator(try Linear(inputs: 5, outputs: 2, using: &stream), classes: 3)
    let labels = try Tensor([0, 2])
    #expect(try network.discriminate(.ones([2, 2]), labels: labels, context: context).shape == [2, 2])
    #expect(throws: TorchError.self) {
      try network.discriminate(.ones([2, 2]), labels: nil, context: context)
    }
    #expect(throws: TorchError.self) {
      try network.discriminate(.ones([2, 2, 1]), labels: labels, context: context)
    }
  }
}
