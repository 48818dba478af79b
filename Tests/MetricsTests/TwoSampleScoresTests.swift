import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Two-sample scores by nearest neighbours")
struct TwoSampleScoresTests {
  /// The distances of numbers on a line.
  private func distances(_ first: [Double], _ second: [Double]) throws -> Tensor {
    try (Tensor(first).expandingDimension(at: 1) - Tensor(second)).absolute()
  }

  private func scores(generated: [Double], real: [Double]) throws -> TwoSampleScores {
    var stream = RandomStream(seed: 1, name: "halves")
    return try TwoSampleScores(
      TwoSampleScores.Distances(
        generated: distances(generated, generated), cross: distances(generated, real),
        real: distances(real, real)),
      using: &stream)
  }

  @Test("Neighbours by a matrix, the first of equals")
  func neighbours() throws {
    let matrix = try Tensor([0.0, 2, 1, 2, 0, 2, 1, 2, 0], shape: [3, 3])
    let others = try Neighbour.nearest(inRowsOf: matrix, within: true)
    #expect(others.map(\.index) == [2, 0, 0] && others.map(\.distance) == [1, 2, 1])
    #expect(try Neighbour.nearest(inRowsOf: matrix).map(\.distance) == [0, 0, 0])
    let lone = try Neighbour.nearest(inRowsOf: Tensor([0.0], shape: [1, 1]), within: true)
    #expect(lone == [Neighbour(index: nil, distance: .infinity)])
  }

  @Test("On a line, by hand")
  func byHand() throws {
    // Nearest in the union: 0 to 1, 10 to 11, 30 to 24; 1 to 0, 11 to 10, 24 to 30.
    let all = try scores(generated: [0, 10, 30], real: [1, 11, 24])
    #expect(all.accuracy.value == 0)
    #expect(all.coverage.value == 100)
    #expect(abs(all.minimumMatchingDistance.value - 8 / 3.0) < 1e-12)
    // 0, 1 and 2 are told by each other, 50 by 51; 51 is taken for generated, and 60 is told by 51.
    let some = try scores(generated: [0, 1, 2, 50], real: [51, 60])
    #expect(abs(some.accuracy.value - 100 * 4 / 6.0) < 1e-12)
    #expect(some.coverage.value == 50)
    #expect(some.minimumMatchingDistance.value == 5.5)
  }

  @Test("Identical sets: all covered, nothing apart, nobody told")
  func identical() throws {
    let values = [0.0, 1, 3, 7, 20]
    let scores = try scores(generated: values, real: values)
    #expect(scores.coverage.value == 100 && scores.minimumMatchingDistance.value == 0)
    #expect(scores.accuracy.value == 0)
  }

  @Test("A sample as near to either set counts half")
  func ties() throws {
    #expect(try scores(generated: [0, 1], real: [-1, 2]).accuracy.value == 50 * 0.5)
  }

  @Test("Halves of one set: half are told")
  func halves() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let values = try (0..<40).map { _ in
      func draw() throws -> [Double] {
        try stream.normal([50]).converted(to: .float64).array(of: Double.self)
      }
      return try scores(generated: draw(), real: draw()).accuracy.value
    }
    #expect(abs(Score(meanOf: values).value - 50) < 2.5)
  }

  @Test(
    "Errors are those of other draws: of samples for the real ones as given, of real ones for the matching distance",
    arguments: [0, 1])
  func errors(shift: Double) throws {
    func draw(_ stream: inout RandomStream) throws -> [Double] {
      try stream.normal([60]).array(of: Float.self).map { Double($0) }
    }
    var stream = RandomStream(seed: 2, name: "test")
    let (real, generated) = (try draw(&stream), try draw(&stream))
    let ratios = try errorRatios(draws: 100) { stream in
      let scores = try scores(generated: draw(&stream).map { $0 + shift }, real: real)
      return [scores.accuracy, scores.coverage]
    }
    // Leaving out one after the other would give 1.4 for the coverage.
    #expect(ratios.allSatisfy { (0.8...1.2).contains($0) }, "\(ratios)")
    let distance = try errorRatio(draws: 100) { stream in
      try scores(generated: generated.map { $0 + shift }, real: draw(&stream)).minimumMatchingDistance
    }
    #expect((0.8...1.2).contains(distance))
  }

  @Test("A collapsed generator covers one sample and is told at once")
  func collapsed() throws {
    let real = (0..<20).map { Double($0) }
    let scores = try scores(generated: [Double](repeating: 4.2, count: 20), real: real)
    #expect(scores.coverage.value == 5 && scores.coverage.standardError == 0)
    // Only the two real samples beside the copies are mistaken.
    #expect(scores.accuracy.value == 100 * 38 / 40.0)
  }
}
