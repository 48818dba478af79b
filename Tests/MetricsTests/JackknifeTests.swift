import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Jackknife errors")
struct JackknifeTests {
  private func score(
    _ values: [Double], _ strata: Strata, using stream: inout RandomStream, of statistic: ([Double]) -> Double
  ) throws -> Score {
    let whole = statistic(values)
    let jackknife = try #require(Jackknife(strata, using: &stream))
    return Score(
      whole,
      standardError: jackknife.standardError(whole: whole) { kept in statistic(kept.map { values[$0] }) })
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test("Of a mean it is that of a mean, whatever the sizes of groups", arguments: [6, 57, 317])
  func ofMean(count: Int) throws {
    var stream = RandomStream(seed: 1, name: "test")
    let values = (0..<count).map { Double($0 * $0 % 37) }
    let error = try #require(score(values, Strata(count: count), using: &stream, of: mean).standardError)
    let expected = try #require(Score(meanOf: values).standardError)
    // One by one it is exact.
    #expect(abs(error / expected - 1) < (count <= 100 ? 1e-9 : 0.15))
  }

  @Test("Every set is left out once, and pairs of the same groups; the same seed leaves out the same")
  func sets() throws {
    var (first, second) = (RandomStream(seed: 2, name: "test"), RandomStream(seed: 2, name: "test"))
    let strata = Strata(count: 40)
    let jackknife = try #require(Jackknife(strata, groups: 10, paired: 5, using: &first))
    #expect(jackknife.leftOut.count == 10 + 5 + 10)
    #expect(jackknife.leftOut[..<10].flatMap(\.self).sorted() == Array(0..<40))
    #expect(jackknife.leftOut[10..<15].flatMap(\.self).sorted() == Array(0..<40))
    #expect(Set(jackknife.leftOut[15]) == Set(jackknife.leftOut[10] + jackknife.leftOut[11]))
    // What stands together does not go together.
    #expect(jackknife.leftOut[0].sorted() != Array(0..<4))
    #expect(jackknife.leftOut == Jackknife(strata, groups: 10, paired: 5, using: &second)?.leftOut)
    #expect(Jackknife(Strata(count: 3), using: &first) == nil)
  }

  @Test(
    "What pairs of samples do together counts once: squares of means about 0, and elsewhere",
    arguments: [0, 0.5])
  func pairs(shift: Double) throws {
    let ratio = try errorRatio(draws: 200) { stream in
      let values = try stream.normal([60]).array(of: Float.self).map { Double($0) + shift }
      return try score(values, Strata(count: 60), using: &stream) { mean($0) * mean($0) }
    }
    // Without it the first would be 1.4.
    #expect((0.8...1.2).contains(ratio))
  }

  @Test("Labels in order, as many of each: the spread between them is not one between draws")
  func labels() throws {
    let labels = (0..<80).map { $0 / 20 }
    let ratio = try errorRatio(draws: 100) { stream in
      let values = try zip(stream.normal([80]).array(of: Float.self), labels).map {
        Double($0) + 5 * Double($1)
      }
      return try score(values, Strata(labels: labels, count: 80), using: &stream) { mean($0.map { $0 * $0 }) }
    }
    #expect((0.8...1.2).contains(ratio))
  }
}
