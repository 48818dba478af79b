import Testing
import Torch

@testable import Metrics

@Suite("Bootstrap standard errors")
struct BootstrapTests {
  @Test("The error of a mean is the population deviation over the root of the count", arguments: [1, 2, 3])
  func errorOfMean(seed: UInt64) throws {
    let samples = (0..<50).map { Double($0 * $0 % 37) }
    let mean = samples.reduce(0, +) / 50
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50
    var generator = RandomStream(seed: seed, name: "test")
    let error = try #require(
      Bootstrap.standardError(count: 50, replicates: 4000, using: &generator) { indices in
        indices.reduce(0) { $0 + samples[$1] } / 50
      })
    // The estimate's own relative error is 1 / sqrt(8000), about 1.1 %.
    #expect(abs(error / (variance / 50).squareRoot() - 1) < 0.05)
  }

  @Test("The error of a share is that of the binomial distribution")
  func errorOfShare() throws {
    var generator = RandomStream(seed: 5, name: "test")
    let error = try #require(
      Bootstrap.standardError(count: 100, replicates: 4000, using: &generator) { indices in
        Double(indices.count { $0 < 20 }) / 100
      })
    #expect(abs(error / 0.04 - 1) < 0.05)
  }

  @Test("A statistic that does not vary has no error")
  func constant() {
    var generator = RandomStream(seed: 1, name: "test")
    #expect(Bootstrap.standardError(count: 10, using: &generator) { _ in 3 } == 0)
  }

  @Test("Fewer than four samples tell nothing about their error", arguments: 1...4)
  func fewSamples(count: Int) {
    var generator = RandomStream(seed: 1, name: "test")
    #expect((Bootstrap.standardError(count: count, using: &generator) { _ in 3 } == nil) == (count < 4))
    let values = (0..<count).map { Double($0) }
    let strata = Strata(count: count)
    let errors = [
      Score(meanOfSamples: values), Score(percentageOf: values.map { $0 > 0 }, strata: strata),
      Score(percentage: count, of: count),
      Score(ratioOf: values, to: values.map { _ in 2 }, using: &generator),
    ].map(\.standardError)
    #expect(errors.allSatisfy { ($0 == nil) == (count < 4) }, "\(errors)")
    #expect((DistinctCount.standardError(of: values, strata: strata) == nil) == (count < 4))
  }

  @Test("The same seed gives the same resamples, each as large as the samples and within them")
  func repeatable() {
    var first = RandomStream(seed: 9, name: "test")
    var second = RandomStream(seed: 9, name: "test")
    func statistic(_ indices: [Int]) -> Double {
      #expect(indices.count == 7)
      #expect(indices.allSatisfy { (0..<7).contains($0) })
      return indices.enumerated().reduce(0) { $0 + Double(($1.offset + 1) * $1.element) }
    }
    let values = Bootstrap.values(count: 7, replicates: 20, using: &first, statistic: statistic)
    #expect(values == Bootstrap.values(count: 7, replicates: 20, using: &second, statistic: statistic))
    #expect(Set(values).count > 10)
  }

  @Test("An error of the statistic comes through")
  func passesErrorsOn() {
    struct Broken: Error {}
    var generator = RandomStream(seed: 1, name: "test")
    #expect(throws: Broken.self) {
      try Bootstrap.standardError(count: 4, using: &generator) { _ in throw Broken() }
    }
  }

  @Test("Indices below a bound are even")
  func evenIndices() {
    var generator = RandomStream(seed: 3, name: "test")
    var counts = [0, 0, 0]
    for _ in 0..<9000 { counts[generator.index(below: 3)] += 1 }
    // Five standard deviations of a binomial count.
    #expect(counts.allSatisfy { abs($0 - 3000) < 224 })
  }

  @Test("A sample without replacement repeats nothing", arguments: [0, 1, 5, 10, 25])
  func withoutReplacement(count: Int) {
    var generator = RandomStream(seed: 4, name: "test")
    let indices = generator.indices(count, outOf: 10)
    #expect(indices.count == min(count, 10))
    #expect(Set(indices).count == indices.count)
    #expect(indices.allSatisfy { (0..<10).contains($0) })
  }
}

@Suite("Scores")
struct ScoreTests {
  @Test("A mean has the error s / sqrt(n)")
  func mean() {
    let measurement = Score(meanOf: [1, 2, 3, 4])
    #expect(measurement.value == 2.5)
    #expect(measurement.standardError == (5.0 / 3 / 4).squareRoot())
    #expect(Score(meanOf: [7]) == Score(7))
  }

  @Test("A percentage has the binomial error")
  func percentage() {
    #expect(Score(percentage: 20, of: 100) == Score(20, standardError: 4))
    #expect(Score(percentage: 0, of: 4) == Score(0, standardError: 0))
  }
}
