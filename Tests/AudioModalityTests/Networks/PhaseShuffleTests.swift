import Adversarial
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct PhaseShuffleTests {
  @Test(
    arguments: [
      (0, [0, 1, 2, 3, 4, 5]), (1, [1, 0, 1, 2, 3, 4]), (2, [2, 1, 0, 1, 2, 3]), (-1, [1, 2, 3, 4, 5, 4]),
      (-2, [2, 3, 4, 5, 4, 3]),
    ] as [(Int, [Float])])
  func gapsAreMirrored(shift: Int, expected: [Float]) throws {
    let x = try Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [1, 6, 1])
    #expect(try x.phaseShuffled(by: shift).array(of: Float.self) == expected)
    try checkGradients(at: [ClassicFixtures.normal([2, 6, 2])]) { try $0[0].phaseShuffled(by: shift) }
  }

  /// Logits of twice the same sample are equal whatever the draw, and vary from step to step in training only.
  @Test func oneShiftServesTheWholeBatch() throws {
    let discriminator = try ClassicFixtures.discriminator(.init(length: 256))
    let sample = try ClassicFixtures.normal([1, 256, 1])
    let twice = try Tensor.concatenated([sample, sample])
    func logits(step: Int, training: Bool) throws -> [Float] {
      let context = StepContext(seed: 5, step: step, scope: "test", isTraining: training)
      return try discriminator.discriminate(twice, labels: nil, context: context).array(of: Float.self)
    }
    let trained = try (0..<30).map { try logits(step: $0, training: true) }
    // Sums of the two are split in other places, shifts of their own would differ by far more.
    for pair in trained { #expect(abs(pair[0] - pair[1]) < 1e-6) }
    // Five shifts behind each of two layers but one.
    #expect(Set(trained.map { $0[0] }).count == 5)
    #expect(try logits(step: 3, training: true) == trained[3])
    #expect(try Set((0..<5).map { try logits(step: $0, training: false)[0] }).count == 1)
  }

  @Test func aRadiusOfZeroShiftsNothing() throws {
    let format = ClassicSpec(length: 256)
    let discriminator = try ClassicFixtures.discriminator(
      format, ClassicFixtures.recipe { $0.phaseShuffle = 0 })
    let sample = try ClassicFixtures.normal([2, 256, 1])
    func logits(_ context: StepContext) throws -> Tensor {
      try discriminator.discriminate(sample, labels: nil, context: context)
    }
    #expect(try logits(ClassicFixtures.training).isEqual(to: logits(ClassicFixtures.evaluation)))
  }
}
