import Failures
import Foundation
import Testing
import Torch

@testable import Adversarial

/// A parameter and a unit vector, as under spectral norm.
private final class Small: Module {
  let weight: Parameter
  let direction: Buffer
  init(_ weight: [Float], direction: [Float]) throws {
    self.weight = try Parameter(Tensor(weight))
    self.direction = Buffer(try Tensor(direction))
  }
  var members: Members { ["weight": weight, "u": direction] }
}

@Suite struct MovingAverageTests {
  private func values(_ tensor: Tensor) throws -> [Float] { try tensor.detached().array(of: Float.self) }

  @Test func parametersAreAveragedAndBuffersCopied() throws {
    let source = try Small([4, 8], direction: [1, 0])
    let average = try Small([0, 0], direction: [0, 1])
    let moving = try ExponentialMovingAverage(of: source, in: average)
    try moving.update(decay: 0.75)
    #expect(try values(average.weight.value) == [1, 2])
    // The mean of two unit vectors would be shorter than 1.
    #expect(try values(average.direction.value) == [1, 0])
    try moving.update(decay: 0.75)
    #expect(try values(average.weight.value) == [1.75, 3.5])
    #expect(try values(source.weight.value) == [4, 8])
    #expect(average.weight.value.requiresGrad)
  }

  @Test func aStartIsACopyWithMemoryOfItsOwn() throws {
    let source = try Small([4, 8], direction: [1, 0])
    let average = try Small([0, 0], direction: [0, 1])
    try ExponentialMovingAverage(of: source, in: average).start()
    try source.weight.set(Tensor([0, 0] as [Float]))
    #expect(try values(average.weight.value) == [4, 8])
    #expect(try values(average.direction.value) == [1, 0])
  }

  /// A source that stays at 1 is approached as 1 - decayᵗ.
  @Test func theApproachIsGeometric() throws {
    let source = try Small([1], direction: [1])
    let average = try Small([0], direction: [1])
    let moving = try ExponentialMovingAverage(of: source, in: average)
    for _ in 0..<20 { try moving.update(decay: 0.9) }
    #expect(abs(try values(average.weight.value)[0] - Float(1 - pow(0.9, 20))) < 1e-6)
  }

  @Test func networksOfOtherShapesAreRefused() throws {
    let source = try Small([1, 2], direction: [1])
    #expect(throws: TorchError.self) {
      try ExponentialMovingAverage(of: source, in: Small([1, 2, 3], direction: [1]))
    }
  }

  @Test func decaysFollowTheirFormulas() throws {
    #expect(AveragingDecay.fixed(0.999).value(at: 0, batchSize: 64) == 0.999)
    let plain = AveragingDecay.halfLife(samples: 1000, rampUp: nil)
    #expect(plain.value(at: 0, batchSize: 1000) == 0.5)
    #expect(abs(plain.value(at: 7, batchSize: 500) - 0.5.squareRoot()) < 1e-15)
    // StyleGAN3's numbers: the half-life is 5 % of the samples seen until that is 10 000.
    let ramped = AveragingDecay.halfLife(samples: 10_000, rampUp: 0.05)
    #expect(ramped.value(at: 0, batchSize: 32) == 0)
    #expect(abs(ramped.value(at: 100, batchSize: 32) - pow(0.5, 32 / 160.0)) < 1e-15)
    #expect(abs(ramped.value(at: 1_000_000, batchSize: 32) - pow(0.5, 32 / 10_000.0)) < 1e-15)
  }

  @Test(arguments: ["0.999", "0", "half-life:10000", "half-life:10000:0.05"])
  func spellingsReadBack(text: String) throws {
    let decay = try AveragingDecay(parsing: text)
    #expect(decay.description == text)
    #expect(try JSONDecoder().decode([AveragingDecay].self, from: JSONEncoder().encode([decay])) == [decay])
  }

  @Test(arguments: ["", "1", "-0.1", "nan", "half-life", "half-life:0", "half-life:1:0", "half-life:x"])
  func wrongSpellingsAreNamed(text: String) {
    #expect {
      _ = try AveragingDecay(parsing: text)
    } throws: {
      ($0 as? UserError)?.category == .usage && String(describing: $0).contains("'\(text)'")
    }
  }
}
