import Testing
import Torch

@testable import Metrics

@Suite("Samples by how they were drawn")
struct StrataTests {
  private var stream = RandomStream(seed: 1, name: "test")

  @Test("Labels make strata; rare ones are taken together, or with the most frequent one")
  func labels() {
    let common = Strata(labels: [7, 3, 7, 3, 7, 3, 7, 3, 3], count: 9)
    #expect(common.parts == [[1, 3, 5, 7, 8], [0, 2, 4, 6]])
    #expect(Strata(labels: [0, 0, 0, 0, 1, 1, 2, 2], count: 8).parts == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(Strata(labels: [1, 0, 0, 0, 0], count: 5).parts == [[0, 1, 2, 3, 4]])
    #expect(Strata(labels: [1, 2], count: 2).parts == [[0, 1]])
    #expect(Strata(labels: nil, count: 3) == Strata(count: 3))
  }

  @Test("Groups and draws hold as many of each stratum, and another choice each time")
  mutating func even() {
    let strata = Strata(labels: (0..<60).map { $0 / 20 }, count: 60)
    let groups = strata.dealt(into: 5, using: &stream)
    #expect(groups.flatMap(\.self).sorted() == Array(0..<60))
    for group in groups { #expect((0..<3).allSatisfy { label in group.count { $0 / 20 == label } == 4 }) }
    #expect(groups != strata.dealt(into: 5, using: &stream))
    let drawn = strata.drawn(15, using: &stream)
    #expect(Set(drawn).count == 15)
    #expect((0..<3).allSatisfy { label in drawn.count { $0 / 20 == label } == 5 })
    #expect(Set(strata.drawn(100, using: &stream)) == Set(0..<60))
  }

  @Test("A mean's error is that within labels")
  func mean() throws {
    let values = [1.0, 2, 3, 4, 11, 12, 13, 14]
    let plain = Score(meanOf: values, strata: Strata(count: 8))
    #expect(plain == Score(meanOf: values))
    let strata = Strata(labels: [0, 0, 0, 0, 1, 1, 1, 1], count: 8)
    let error = try #require(Score(meanOf: values, strata: strata).standardError)
    // Variances of 5/3 each, of means of four, halved by taking the mean of both.
    #expect(abs(error - (5.0 / 3 / 4 / 2).squareRoot()) < 1e-12)
    let hits = Score(percentageOf: [true, true, true, true, false, false, false, false], strata: strata)
    #expect(hits == Score(50, standardError: 0))
    #expect(Score(meanOf: [3], strata: Strata(count: 1)) == Score(3))
  }

  @Test("A ratio has the errors of both numbers, and none where either has none")
  func ratio() throws {
    let ratio = Score(6, standardError: 0.3).ratio(to: Score(3, standardError: 0.2))
    #expect(ratio.value == 2)
    // 5 % and 6.7 % of 2.
    let error = try #require(ratio.standardError)
    #expect(abs(error - 2 * (0.0025 + 1 / 225.0).squareRoot()) < 1e-12)
    #expect(Score(6, standardError: 0.3).ratio(to: Score(3)) == Score(2))
  }
}
