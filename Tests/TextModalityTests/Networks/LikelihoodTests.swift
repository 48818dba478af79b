import Foundation
import Testing
import Torch

@testable import TextModality

@Suite struct LikelihoodTests {
  /// Probabilities 0.1, 0.2, 0.3, 0.4 of end, a, b, c whatever came before.
  private func independent(_ format: TextSpec) throws -> TextGenerator {
    let generator = try Fixtures.generator(format)
    try generator.ignoreEverything(logits: [0.1, 0.2, 0.3, 0.4].map { Float(log($0)) })
    return generator
  }

  @Test func sumsTheLogarithmsUpToTheFirstEnd() throws {
    let generator = try independent(Fixtures.spec(length: 4))
    let ids = try Fixtures.ids([[1, 2, 0, 0], [3, 3, 3, 3], [0, 0, 0, 0]])
    let nats = try generator.negativeLogLikelihood(
      of: ids, latents: Fixtures.latents(3).expandingDimension(at: 0), labels: nil
    ).array(of: Float.self)
    let expected = [-log(0.2 * 0.3 * 0.1), -4 * log(0.4), -log(0.1)]
    for (found, wanted) in zip(nats, expected) { #expect(abs(Double(found) - wanted) < 1e-5) }
  }

  @Test func lossIsTheMeanOverSymbolsAndEnds() throws {
    let generator = try independent(Fixtures.spec(length: 4))
    let ids = try Fixtures.ids([[1, 2, 0, 0], [3, 3, 3, 3]])
    let loss = try generator.crossEntropy(of: ids, latents: Fixtures.latents(2), labels: nil).item()
    #expect(abs(loss + (log(0.2 * 0.3 * 0.1) + 4 * log(0.4)) / 7) < 1e-5)
  }

  @Test(arguments: [(16, 512), (4_096, 256), (1_000_000, 1), (10_000_000, 1)])
  func batchesOfLongSamplesAreSmall(length: Int, count: Int) throws {
    #expect(try HeldOutLikelihood.batchSize(for: Fixtures.spec(length: length)) == count)
  }

  @Test func windowsHaveNoEnd() throws {
    let generator = try independent(Fixtures.spec(length: 3, hasEnd: false))
    let nats = try generator.negativeLogLikelihood(
      of: Fixtures.ids([[1, 2, 3]]), latents: Fixtures.latents(1).expandingDimension(at: 0), labels: nil
    ).item()
    #expect(abs(nats + log(0.2 * 0.3 * 0.4 / pow(0.9, 3))) < 1e-5)
  }

  @Test(arguments: [1, 2]) func allPlacesAtOnceEqualStepByStep(layers: Int) throws {
    let format = try Fixtures.spec(length: 5)
    let generator = try Fixtures.generator(format, layers: layers)
    let ids = try Fixtures.ids([[1, 2, 3, 1, 0], [3, 3, 2, 0, 0]])
    let latents = try Fixtures.latents(2)
    var none: RandomStream?
    let whole = try generator.logits(of: ids, latents: latents, labels: nil, dropout: &none)
    var steps: [Tensor] = []
    let state = try generator.initialState(latents: latents, labels: nil)
    _ = try generator.rollOut(from: state) { logits, place, _ in
      steps.append(logits)
      return try ids.selected(place, along: 1)
    }
    let difference = try (whole - Tensor.stacked(steps, along: 1)).absolute().max().item()
    #expect(difference < 1e-5)
  }

  /// Sequences that have ended are left out of later steps; the others must not notice.
  @Test func sequencesThatEndLeaveTheOthersAlone() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 6))
    let ids = try Fixtures.ids([
      [0, 0, 0, 0, 0, 0], [1, 2, 1, 3, 2, 1], [2, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [3, 3, 2, 1, 0, 0],
    ])
    let latents = try Fixtures.latents(5)
    var none: RandomStream?
    let whole = try generator.logits(of: ids, latents: latents, labels: nil, dropout: &none)
    var counts: [Int] = []
    let written = try generator.rollOut(from: generator.initialState(latents: latents, labels: nil)) {
      logits, index, rows in
      let expected = try whole.selected(index, along: 1)
      #expect(
        try (logits - (rows.map { try expected.gathered(at: $0) } ?? expected)).absolute().max().item() < 1e-5
      )
      counts.append(logits.shape[0])
      let next = try ids.selected(index, along: 1)
      return try rows.map { try next.gathered(at: $0) } ?? next
    }
    #expect(try written.array(of: Int.self) == ids.array(of: Int.self))
    #expect(counts == [5, 5, 3, 2, 2, 1])
  }

  @Test func severalLatentsAverageTheLikelihood() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 3))
    let ids = try Fixtures.ids([[1, 2, 0]])
    let draws = try [Fixtures.latents(1, seed: 1), Fixtures.latents(1, seed: 2)]
    let single = try draws.map {
      try generator.negativeLogLikelihood(of: ids, latents: $0.expandingDimension(at: 0), labels: nil).item()
    }
    let both = try generator.negativeLogLikelihood(of: ids, latents: Tensor.stacked(draws), labels: nil)
      .item()
    #expect(abs(both + log((exp(-single[0]) + exp(-single[1])) / 2)) < 1e-5)
  }

  @Test func lossFallsOnOneBatch() throws {
    let format = try Fixtures.spec(length: 5)
    let generator = try Fixtures.generator(format, hidden: 16)
    let ids = try Fixtures.ids([[1, 2, 3, 0, 0], [3, 2, 1, 1, 0], [2, 0, 0, 0, 0]])
    let optimiser = try Adam(generator.namedParameters)
    var losses: [Double] = []
    for step in 0..<150 {
      try generator.clearGrads()
      let latents = try Fixtures.latents(3, seed: UInt64(step))
      let loss = try generator.crossEntropy(of: ids, latents: latents, labels: nil)
      try loss.backward()
      losses.append(try loss.item())
      try optimiser.step(learningRate: 0.02)
    }
    // Three sequences, equally likely: each has log 3 nats, all have 11 symbols.
    #expect(losses[0] > 1.2)
    #expect(losses[149] < 3 * log(3.0) / 11 + 0.1)
  }

  @Test func dropoutDependsOnItsStreamAlone() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 5), layers: 2, dropout: 0.5)
    let ids = try Fixtures.ids([[1, 2, 3, 0, 0]])
    func loss(_ seed: UInt64?) throws -> Double {
      let stream = seed.map { RandomStream(seed: $0, name: "dropout") }
      return try generator.crossEntropy(of: ids, latents: Fixtures.latents(1), labels: nil, dropout: stream)
        .item()
    }
    #expect(try loss(1) == loss(1))
    #expect(try loss(1) != loss(2))
    #expect(try loss(nil) == loss(nil))
  }

  @Test func labelsMatterAndMustBeGiven() throws {
    let generator = try Fixtures.generator(Fixtures.spec(length: 3, labels: ["x", "y"]))
    let ids = try Fixtures.ids([[1, 2, 0]])
    func loss(_ label: Int) throws -> Double {
      try generator.crossEntropy(of: ids, latents: Fixtures.latents(1), labels: Tensor([label])).item()
    }
    #expect(try loss(0) != loss(1))
    #expect(throws: TorchError.self) {
      try generator.crossEntropy(of: ids, latents: Fixtures.latents(1), labels: nil)
    }
  }
}
