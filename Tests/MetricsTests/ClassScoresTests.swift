import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Scores from class probabilities")
struct ClassScoresTests {
  private var stream = RandomStream(seed: 5, name: "test")

  private func oneHot(_ labels: [Int], classes: Int) throws -> ClassScores {
    try ClassScores(probabilities: Tensor(labels).oneHot(count: classes).converted(to: .float64))
  }

  @Test("Certain predictions, spread evenly, have the best scores")
  mutating func certain() throws {
    let scores = try oneHot((0..<400).map { $0 % 4 }, classes: 4)
    #expect(abs(scores.inceptionScore(using: &stream).value - 4) < 1e-6)
    #expect(abs(scores.inceptionScore(groups: 1, using: &stream).value - 4) < 1e-6)
    #expect(abs(scores.splitInceptionScore(using: &stream).value - 4) < 0.2)
    #expect(abs(scores.amScore(trainingShares: [0.25, 0.25, 0.25, 0.25], using: &stream).value) < 1e-6)
    // Three of four other samples have another class, at -log of the floor.
    let pairs = -log(ClassScores.floor) * 300 / 399
    #expect(abs(log(scores.modifiedInceptionScore(using: &stream).value) / pairs - 1) < 1e-6)
    #expect(scores.accuracy(labels: (0..<400).map { $0 % 4 }).value == 100)
    #expect(scores.accuracy(labels: Array(repeating: 0, count: 400)).value == 25)
  }

  @Test("Predictions that say nothing have the worst")
  mutating func uncertain() throws {
    let scores = try ClassScores(probabilities: Tensor.full([50, 4], value: 0.25))
    let scored = scores.inceptionScore(using: &stream)
    #expect(abs(scored.value - 1) < 1e-6)
    #expect(try #require(scored.standardError) < 1e-6)
    #expect(abs(scores.splitInceptionScore(using: &stream).value - 1) < 1e-6)
    #expect(abs(scores.modifiedInceptionScore(using: &stream).value - 1) < 1e-6)
    // A training set of two classes: KL = log 2, entropy = log 4.
    let am = scores.amScore(trainingShares: [0.5, 0.5, 0, 0], using: &stream).value
    #expect(abs(am - log(8)) < 1e-6)
  }

  @Test("One class only is a collapse: an inception score of 1, an AM score of the lost classes")
  mutating func collapsed() throws {
    let scores = try oneHot(Array(repeating: 1, count: 30), classes: 2)
    #expect(abs(scores.inceptionScore(using: &stream).value - 1) < 1e-6)
    let am = scores.amScore(trainingShares: [0.5, 0.5], using: &stream).value
    #expect(abs(am - (log(0.5) - 0.5 * log(ClassScores.floor))) < 1e-6)
  }

  @Test("Random predictions: all pairs written out")
  mutating func writtenOut() throws {
    let probabilities = try (stream.normal([60, 3]) * 2).converted(to: .float64).softmax()
    let rows = try probabilities.unbound().map { try $0.array(of: Double.self) }
    var sum = 0.0
    for i in rows.indices {
      for j in rows.indices where i != j {
        sum += zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      }
    }
    let scores = try ClassScores(probabilities: probabilities)
    let modified = scores.modifiedInceptionScore(using: &stream).value
    #expect(abs(modified - exp(sum / (60 * 59))) < 1e-9)
    let mean = (0..<3).map { column in rows.reduce(0) { $0 + $1[column] } / 60 }
    let divergence = rows.reduce(0) { $0 + zip($1, mean).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) } } / 60
    #expect(abs(scores.inceptionScore(using: &stream).value - exp(divergence)) < 1e-9)
  }

  @Test("Errors are as wide as the spread between draws of labels in order")
  func errors() throws {
    let labels = (0..<60).map { $0 / 20 }
    let strata = Strata(labels: labels, count: 60)
    func scores(_ stream: inout RandomStream) throws -> ClassScores {
      let right = try Tensor(labels).oneHot(count: 3).converted(to: .float64) * 3
      return try ClassScores(probabilities: (right + stream.normal([60, 3]) * 2).softmax())
    }
    let ratios = [
      try errorRatio(draws: 100) { try scores(&$0).inceptionScore(strata: strata, using: &$0) },
      try errorRatio(draws: 100) { try scores(&$0).modifiedInceptionScore(strata: strata, using: &$0) },
      try errorRatio(draws: 100) {
        try scores(&$0).amScore(trainingShares: [0.3, 0.3, 0.4], strata: strata, using: &$0)
      },
      try errorRatio(draws: 200) { try scores(&$0).accuracy(labels: labels, strata: strata) },
    ]
    #expect(ratios.allSatisfy { (0.8...1.2).contains($0) }, "\(ratios)")
  }
}
