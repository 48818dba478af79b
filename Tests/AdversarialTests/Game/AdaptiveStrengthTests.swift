import Testing
import Torch

@testable import Adversarial

@Suite struct AdaptiveStrengthTests {
  private func strength(target: Double = 0.5, span: Double = 1024) throws -> AdaptiveStrength {
    try AdaptiveStrength(target: target, span: span)
  }

  /// A power of two as a span makes every sum exact.
  @Test func movesByTheSameForEachSample() throws {
    let strength = try strength()
    #expect(try strength.value == 0)
    for step in 1...4 {
      try strength.update(accuracy: 0.9, samples: 64)
      #expect(try strength.value == Double(step) / 16)
    }
    // More samples at once, as far as as many one by one.
    try strength.update(accuracy: 1, samples: 256)
    #expect(try strength.value == 0.5)
    // The mean is of 256 samples: these are all that it remembers.
    try strength.update(accuracy: 0.1, samples: 256)
    #expect(try strength.value == 0.25)
  }

  @Test func staysBetweenNoneAndAll() throws {
    let strength = try strength()
    try strength.update(accuracy: 0, samples: 512)
    #expect(try strength.value == 0)
    try strength.update(accuracy: 1, samples: 100_000)
    #expect(try strength.value == 1)
    try strength.update(accuracy: 1, samples: 64)
    #expect(try strength.value == 1)
  }

  @Test func whatIsOnTargetStays() throws {
    let strength = try strength(target: 0.75)
    try strength.update(accuracy: 1, samples: 512)
    #expect(try strength.value == 0.5)
    try strength.update(accuracy: 0.75, samples: 512)
    #expect(try strength.value == 0.5)
  }

  /// One lucky batch among unlucky ones moves nothing up.
  @Test func theMeanDecidesNotTheBatch() throws {
    let strength = try strength(target: 0.75)
    try strength.update(accuracy: 1, samples: 512)
    for _ in 0..<3 { try strength.update(accuracy: 0, samples: 64) }
    let before = try strength.value
    try strength.update(accuracy: 1, samples: 16)
    #expect(try strength.value == before - 16.0 / 1024)
  }

  /// The accuracy of a discriminator that the augmentation weakens settles at the target.
  @Test func leadsTheAccuracyToTheTarget() throws {
    let strength = try strength(target: 0.7, span: 10_000)
    var accuracy = 0.0
    for _ in 0..<1000 {
      accuracy = try 0.9 - 0.35 * strength.value
      try strength.update(accuracy: accuracy, samples: 16)
    }
    #expect(abs(accuracy - 0.7) < 0.01)
  }

  @Test func bothNumbersAreState() throws {
    let (first, second) = (try strength(), try strength())
    try first.update(accuracy: 0.8, samples: 100)
    #expect(first.namedBuffers.map(\.name) == ["strength", "accuracy"])
    try second.load(Dictionary(uniqueKeysWithValues: first.state.map { ($0.name, $0.tensor) }))
    for strength in [first, second] { try strength.update(accuracy: 0.3, samples: 100) }
    #expect(try first.value == second.value)
  }
}
