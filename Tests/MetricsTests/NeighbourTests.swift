import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Nearest neighbours, precision and recall, density and coverage")
struct NeighbourTests {
  private func line(_ values: [Float]) throws -> Tensor { try Tensor(values, shape: [values.count, 1]) }

  @Test("Neighbours on a line")
  func neighbours() throws {
    let distances = try NearestNeighbours.distances(
      from: line([0, 10]), to: line([1, 3, 12]), count: 2)
    #expect(try distances.distance(to: Tensor([1.0, 3, 2, 7], shape: [2, 2])) < 1e-6)
    let within = try NearestNeighbours.distances(within: line([0, 1, 5, 5]), count: 1)
    #expect(try within.distance(to: Tensor([1.0, 1, 0, 0], shape: [4, 1])) < 1e-6)
    #expect(try NearestNeighbours.nearest(to: line([4, -9]), in: line([1, 3, 12])) == [1, 0])
  }

  @Test("Blocks cover all rows once, and results do not depend on them")
  func blocks() throws {
    #expect(PairwiseBlocks.ranges(rows: 5, columns: 1 << 21) == [0..<2, 2..<4, 4..<5])
    #expect(PairwiseBlocks.ranges(rows: 2, columns: 1 << 30) == [0..<1, 1..<2])
    #expect(PairwiseBlocks.ranges(rows: 0, columns: 7).isEmpty)
    // 2,100² distances take two blocks; on a regular line each nearest one is 1 apart.
    let count = 2_100
    let within = try NearestNeighbours.distances(within: line((0..<count).map { Float($0) }))
    #expect(within.shape == [count, 1])
    #expect(try within.distance(to: Tensor.ones([count, 1])) < 1e-6)
  }

  @Test("The four scores on a line, by hand")
  func byHand() throws {
    // Real balls reach 1. Generated ones reach 9.5, 1 and 1.
    let scores = try ManifoldScores(real: line([0, 1, 2, 3]), generated: line([0.5, 10, 11]), neighbours: 1)
    #expect(scores.precision.value == 1 / 3.0)
    #expect(abs(scores.density.value - 2 / 3.0) < 1e-12)
    #expect(scores.recall.value == 1)
    #expect(scores.coverage.value == 0.5)
  }

  @Test("One distribution scores high on all; a collapsed one has precision without recall and coverage")
  func distributions() throws {
    var stream = RandomStream(seed: 3, name: "test")
    let real = try stream.normal([400, 2])
    let same = try ManifoldScores(real: real, generated: stream.normal([400, 2]))
    #expect(same.precision.value > 0.9 && same.recall.value > 0.9)
    #expect(abs(same.density.value - 1) < 0.15)
    // 1 - 2^-5 for equal sizes.
    #expect(abs(same.coverage.value - 31.0 / 32) < 0.03)
    let collapsed = try ManifoldScores(real: real, generated: stream.normal([400, 2]) * 0.01)
    #expect(collapsed.precision.value == 1)
    #expect(collapsed.recall.value < 0.05 && collapsed.coverage.value < 0.1)
    let far = try ManifoldScores(real: real, generated: stream.normal([400, 2]) + 50)
    #expect(far.precision.value == 0 && far.density.value == 0 && far.coverage.value == 0)
  }

  @Test(
    "Errors are as wide as the spread between draws, near the real samples and apart from them",
    arguments: [0, 0.7])
  func errors(shift: Double) throws {
    var stream = RandomStream(seed: 4, name: "test")
    let real = try stream.normal([60, 4])
    let ratios = try errorRatios(draws: 100) { stream in
      let scores = try ManifoldScores(real: real, generated: stream.normal([60, 4]) + shift)
      return [scores.precision, scores.recall, scores.density, scores.coverage]
    }
    // Binomial errors of recall and coverage would be about half as much where samples are apart.
    #expect(ratios.allSatisfy { (0.75...1.3).contains($0) }, "\(ratios)")
  }
}
