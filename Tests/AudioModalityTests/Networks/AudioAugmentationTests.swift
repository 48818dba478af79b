import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct AudioAugmentationTests {
  private func augmented(
    _ sounds: Tensor, seed: UInt64 = 1, sampleRate: Int = 1000, strength: Double = 1,
    _ change: (inout AugmentationRecipe) -> Void
  ) throws -> Tensor {
    var recipe = AugmentationRecipe()
    (recipe.shift, recipe.gain, recipe.polarity, recipe.noise) = (0, 0, false, 0)
    change(&recipe)
    var stream = RandomStream(seed: seed, name: "augmentation")
    return try AudioAugmentation(recipe, sampleRate: sampleRate).apply(
      to: sounds, strength: strength, using: &stream)
  }

  @Test func nothingIsDoneUnlessAskedFor() throws {
    let sounds = try SmallAudio.normal([3, 64, 2])
    #expect(try augmented(sounds) { _ in }.isEqual(to: sounds))
  }

  /// 5 ms at 1 kHz are five samples, either way, and silence moves in.
  @Test func shiftsReachAsFarAsTheyMay() throws {
    var impulse = [Float](repeating: 0, count: 32)
    impulse[16] = 1
    let sounds = try Tensor(impulse, shape: [1, 32, 1]).expanded(to: [11, 32, 1])
    var found: Set<Int> = []
    for seed in 0..<40 {
      let shifted = try augmented(sounds, seed: UInt64(seed)) { $0.shift = 0.005 }
      #expect(shifted.shape == [11, 32, 1])
      #expect(try shifted.sum(along: 1).isEqual(to: Tensor.ones([11, 1])))
      found.formUnion(try shifted.argmax(along: 1).array(of: Int.self))
    }
    #expect(found == Set(11...21))
    let level = try augmented(Tensor.ones([64, 32, 1])) { $0.shift = 0.005 }
    #expect(try Set(level.array(of: Float.self)) == [0, 1])
  }

  @Test func gainsAreDecibels() throws {
    let found = try augmented(Tensor.ones([500, 2, 1])) { $0.gain = 6 }
    let decibels = try found.array(of: Float.self).map { 20 * log10(Double($0)) }
    #expect(decibels.allSatisfy { abs($0) <= 6.0001 })
    #expect((decibels.max() ?? 0) > 5 && (decibels.min() ?? 0) < -5)
    #expect(abs(decibels.reduce(0, +) / 1000) < 1)
    // The whole sound is louder or quieter.
    #expect(try found.selected(0, along: 1).isEqual(to: found.selected(1, along: 1)))
  }

  @Test func halfOfTheSoundsAreTurnedUpsideDown() throws {
    let found = try augmented(Tensor.ones([500, 2, 1])) { $0.polarity = true }
    #expect(try found.absolute().isEqual(to: found.onesLike()))
    let turned = try found.selected(0, along: 1).array(of: Float.self).count { $0 < 0 }
    #expect((200...300).contains(turned))
    #expect(try found.selected(0, along: 1).isEqual(to: found.selected(1, along: 1)))
  }

  @Test func noiseHasItsDeviation() throws {
    let found = try augmented(Tensor.zeros([20, 500, 1])) { $0.noise = 0.1 }
    let values = try found.array(of: Float.self)
    let power = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(power.squareRoot() - 0.1) < 0.005)
  }

  @Test func withoutStrengthNothingChanges() throws {
    let sounds = try SmallAudio.normal([9, 64, 2])
    let found = try augmented(sounds, strength: 0) {
      ($0.shift, $0.gain, $0.polarity, $0.noise) = (0.01, 3, true, 0.01)
    }
    #expect(try found.isEqual(to: sounds))
  }

  @Test func everythingIsInProportionToTheStrength() throws {
    var impulse = [Float](repeating: 0, count: 32)
    impulse[16] = 1
    let sounds = try Tensor(impulse, shape: [1, 32, 1]).expanded(to: [8, 32, 1])
    var places: Set<Int> = []
    for seed in 0..<20 {
      let shifted = try augmented(sounds, seed: UInt64(seed), strength: 0.5) { $0.shift = 0.006 }
      places.formUnion(try shifted.argmax(along: 1).array(of: Int.self))
    }
    #expect(places == Set(13...19))
    let loud = try augmented(Tensor.ones([500, 1, 1]), strength: 0.5) { $0.gain = 6 }.array(of: Float.self)
    let decibels = loud.map { 20 * log10(Double($0)) }
    #expect((decibels.max() ?? 0) < 3.0001 && (decibels.max() ?? 0) > 2.5)
    let turned = try augmented(Tensor.ones([1000, 1, 1]), strength: 0.2) { $0.polarity = true }
    #expect((70...130).contains(try turned.array(of: Float.self).count { $0 < 0 }))
    let noise = try augmented(Tensor.zeros([20, 500, 1]), strength: 0.5) { $0.noise = 0.1 }
    #expect(abs(try noise.squared().mean().item().squareRoot() - 0.05) < 0.003)
  }

  @Test func drawsAreTheStreams() throws {
    let sounds = try SmallAudio.normal([9, 64, 1])
    func all(_ seed: UInt64) throws -> Tensor {
      try augmented(sounds, seed: seed) {
        ($0.shift, $0.gain, $0.polarity, $0.noise) = (0.01, 3, true, 0.01)
      }
    }
    #expect(try all(1).isEqual(to: all(1)))
    #expect(try all(1).distance(to: all(2)) > 0.1)
  }

  @Test func isDifferentiable() throws {
    let leaf = try SmallAudio.normal([2, 64, 1]).asLeaf()
    let found = try augmented(leaf) { ($0.shift, $0.gain, $0.polarity) = (0.005, 3, true) }
    let slope = try #require(
      try gradients(of: [found.squared().sum()], withRespectTo: [leaf], createGraph: true)[0])
    // Gains only, whose squares are twice the slope, but where the sound was shifted out.
    let share = try (slope / leaf).detached().array(of: Float.self)
    #expect(share.allSatisfy { $0 == 0 || (2 * pow(10, -0.301)...2 * pow(10, 0.301)).contains($0) })
    try slope.squared().sum().backward()
    #expect(try (leaf.grad?.norm().item() ?? 0) > 0)
  }
}
