import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Errors by halves")
struct HalfSplitsTests {
  @Test("Of a mean it is about that of a mean")
  func ofMean() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let values = (0..<100).map { Double($0 * $0 % 37) }
    func mean(_ places: [Int]) -> Double { places.reduce(0) { $0 + values[$1] } / Double(places.count) }
    let expected = try #require(Score(meanOf: values).standardError)
    let strata = Strata(count: 100)
    let errors = try #require(
      HalfSplits.standardErrors(strata: strata, references: 10, splits: 400, using: &stream) {
        places, others in
        #expect(places.count == 50 && others.count == 5)
        return [mean(places), 2 * mean(places)]
      })
    #expect(abs(errors[0] / expected - 1) < 0.1 && abs(errors[1] / errors[0] - 2) < 1e-9)
    let relative = try #require(
      HalfSplits.relativeError(strata: strata, splits: 400, using: &stream, statistic: mean))
    #expect(abs(relative * mean(Array(0..<100)) / expected - 1) < 0.1)
  }

  @Test("None where halves are too small; 0 where all samples are one")
  func few() throws {
    var stream = RandomStream(seed: 1, name: "test")
    #expect(
      HalfSplits.standardErrors(strata: Strata(count: 9), references: 20, minimum: 5, using: &stream) {
        _, _ in
        [0]
      } == nil)
    #expect(HalfSplits.relativeError(strata: Strata(count: 3), using: &stream) { _ in 1 } == nil)
    let same = try NearestNeighbours.meanDistance(within: Tensor.ones([10, 2]), using: &stream)
    #expect(same == Score(0, standardError: 0))
  }

  @Test("Distances within a set depend on each other, and their error tells", arguments: [2, 8])
  func distances(dimensions: Int) throws {
    let ratio = try errorRatio(draws: 150) { stream in
      let samples = try stream.normal([60, dimensions])
      return try NearestNeighbours.meanDistance(within: samples, using: &stream)
    }
    #expect((0.8...1.2).contains(ratio))
  }
}
