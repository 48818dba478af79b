import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("The error of a number of different values")
struct DistinctCountTests {
  private func error(_ values: [Int]) throws -> Double {
    try #require(DistinctCount.standardError(of: values, strata: Strata(count: values.count)))
  }

  @Test("Two alike add 1 to the variance, all different or all alike nothing")
  func closedForms() throws {
    #expect(try error(Array(0..<1000)) == 0)
    #expect(try error([Int](repeating: 3, count: 50)) == 0)
    // Three pairs among many.
    #expect(abs(try error(Array(0..<2000) + [0, 1, 2]) - 3.0.squareRoot()) < 0.01)
    #expect(DistinctCount.standardError(of: [1], strata: Strata(count: 1)) == nil)
  }

  @Test("The deviation between draws: nearly all different, some, and few", arguments: [20_000, 400, 100])
  func uniform(values: Int) throws {
    let ratio = errorRatio(draws: 200) { stream in
      let drawn = (0..<200).map { _ in stream.index(below: values) }
      return Score(
        Double(Set(drawn).count),
        standardError: DistinctCount.standardError(of: drawn, strata: Strata(count: 200)))
    }
    #expect((0.8...1.25).contains(ratio))
  }

  @Test("As many of each label vary less")
  func strata() throws {
    let labels = (0..<200).map { $0 / 20 }
    let ratio = errorRatio(draws: 200) { stream in
      let drawn = labels.map { 10 * $0 + stream.index(below: 10) }
      return Score(
        Double(Set(drawn).count),
        standardError: DistinctCount.standardError(of: drawn, strata: Strata(labels: labels, count: 200)))
    }
    #expect((0.8...1.25).contains(ratio))
  }
}
