import Metrics
import TestSupport
import Testing
import Torch

@testable import TextModality

@Suite("Text scores")
struct TextScoresTests {
  private static let training: [[Int32]] = [[1, 2, 3], [1, 1], [3, 2, 1], [2, 2, 3, 1]]

  @Test("Rows fit the columns, and agree with the single metrics")
  func row() throws {
    let scores = TextScores(
      training: Self.training, lineLength: 6, orders: [1, 4], divergenceCount: 3, nearestCount: 2)
    #expect(
      scores.columns.map(\.key)
        == ["jsd1", "jsd4", "unique", "copies", "nearest", "nearestMedian", "nearnessZ", "nll"])
    let samples: [[Int32]] = [[1, 2, 3], [1, 2], [1, 2, 3], [2]]
    var generator = RandomStream(seed: 1, name: "test")
    let row = scores.row(
      name: "GRU", source: .model, samples: samples, seed: 1,
      likelihood: .missing(reason: "not asked for"), using: &generator)
    var table = EvaluationTable(columns: scores.columns)
    table.add(row)
    #expect(row.sampleCount == 4)
    #expect(row.values["unique"] == .measured(Novelty.uniqueShare(samples)))
    #expect(row.values["copies"] == .measured(Score(percentage: 2, of: 4)))
    #expect(row.values["nearest"] == .measured(Score(meanOfSamples: [0, 1.0 / 3])))
    let divergence = NGramDivergence(training: Self.training, order: 4, framing: .padded(length: 6))
    guard case .measured(let measured) = row.values["jsd4"] else {
      Issue.record("JSD-4 is missing")
      return
    }
    #expect(measured.value == divergence(samples.prefix(3)))
  }

  @Test("Each score has an error, or its column says why there is none, or what else it means")
  func errors() {
    let scores = TextScores(
      training: Self.training, lineLength: 6, divergenceCount: 20, nearestCount: 20)
    let markov = MarkovGenerator(training: Self.training, order: 1, vocabularySize: 4)
    var generator = RandomStream(seed: 1, name: "test")
    let samples = markov.sample(count: 25, maximumLength: 5, using: &generator)
    let row = scores.row(
      markov: markov, samples: samples, heldOut: Self.training, seed: 1, using: &generator)
    for column in scores.columns {
      guard case .measured(let score) = row.values[column.key] else { continue }
      #expect(score.standardError != nil || column.errorNote != nil, "\(column.name)")
    }
    #expect(scores.columns.filter { $0.errorNote != nil }.map(\.key) == ["nearnessZ", "nll"])
  }

  @Test("Copies lie nearer than held-out lines; of these a half is as near as the other")
  func nearness() throws {
    var draws = RandomStream(seed: 2, name: "test")
    let markov = MarkovGenerator(training: Self.training, order: 1, vocabularySize: 4)
    let heldOut = markov.sample(count: 40, maximumLength: 5, using: &draws)
    let scores = TextScores(training: Self.training, lineLength: 6, nearestCount: 40, heldOut: heldOut)
    func z(_ samples: [[Int32]], isHeldOut: Bool = false) throws -> Double {
      let row = scores.row(
        name: "", source: .real, samples: samples, seed: nil, likelihood: .missing(reason: ""),
        isHeldOut: isHeldOut, using: &draws)
      guard case .measured(let score) = row.values["nearnessZ"] else { return .nan }
      return score.value
    }
    #expect(try z((0..<40).map { Self.training[$0 % Self.training.count] }) < -2)
    #expect(try abs(z(heldOut, isHeldOut: true)) < 3)
    #expect(try z(Array(repeating: [1, 1, 2, 2, 3, 3, 1, 1], count: 40)) > 2)
  }

  @Test("Errors of divergences, unique and nearest are as wide as the spread between draws")
  func spread() throws {
    let markov = MarkovGenerator(training: Self.training, order: 1, vocabularySize: 4)
    let scores = TextScores(
      training: Self.training, lineLength: 6, orders: [1, 3], divergenceCount: 60, nearestCount: 60)
    let ratios = errorRatios(draws: 100) { stream in
      let samples = markov.sample(count: 60, maximumLength: 5, using: &stream)
      let row = scores.row(markov: markov, samples: samples, heldOut: [[1]], seed: 1, using: &stream)
      return ["jsd1", "jsd3", "unique", "copies", "nearest", "nearestMedian"].map { key in
        guard case .measured(let score) = row.values[key] else { return Score(.nan) }
        return score
      }
    }
    #expect(ratios.allSatisfy { (0.75...1.3).contains($0) }, "\(ratios)")
  }

  @Test("Scores that need more samples are missing, not wrong")
  func tooFew() {
    let scores = TextScores(training: Self.training, lineLength: 6, orders: [2])
    var generator = RandomStream(seed: 1, name: "test")
    let row = scores.row(
      name: "GRU", source: .model, samples: [[1]], seed: 1,
      likelihood: .missing(reason: "not asked for"), using: &generator)
    #expect(row.values["jsd2"] == .missing(reason: "needs 640 samples"))
    #expect(row.values["nearest"] == .missing(reason: "needs 640 samples"))
    #expect(row.values["unique"] == .missing(reason: "needs 2 samples"))
  }

  @Test("A Markov row has samples and a likelihood")
  func markov() {
    let scores = TextScores(
      training: Self.training, lineLength: 6, divergenceCount: 20, nearestCount: 5)
    let markov = MarkovGenerator(training: Self.training, order: 2, vocabularySize: 4)
    var generator = RandomStream(seed: 1, name: "test")
    let samples = markov.sample(count: 25, maximumLength: 5, using: &generator)
    let row = scores.row(
      markov: markov, samples: samples, heldOut: [[1, 2], [3]], seed: 1, using: &generator)
    #expect(row.name == "Markov order 2")
    #expect(row.source == .baseline)
    #expect(row.values.count == scores.columns.count)
    guard case .measured(let likelihood) = row.values["nll"] else {
      Issue.record("The likelihood is missing")
      return
    }
    #expect(likelihood.value == markov.negativeLogLikelihood(of: [[1, 2], [3]]))
  }
}
