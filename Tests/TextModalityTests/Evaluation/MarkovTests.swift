import Adversarial
import Foundation
import Testing
import Torch

@testable import TextModality

@Suite("Markov generators")
struct MarkovTests {
  /// a = 1, b = 2: "ab", "ab", "aa", "b".
  private static let corpus: [[Int32]] = [[1, 2], [1, 2], [1, 1], [2]]

  @Test("Additive probabilities are (count + e) / (context + e V)")
  func additive() {
    let markov = MarkovGenerator(training: Self.corpus, order: 1, vocabularySize: 3)
    #expect(markov.followerCount == 3)
    // Lines begin with a three times in four; a is followed by a, b, b and the end.
    #expect(markov.probability(of: 1, after: []) == 3.01 / 4.03)
    #expect(markov.probability(of: 2, after: [2, 1]) == 2.01 / 4.03)
    #expect(markov.probability(of: 0, after: [2]) == 3.01 / 3.03)
    #expect(markov.probability(of: 1, after: [2]) == 0.01 / 3.03)
  }

  @Test("A line's likelihood is the product over its symbols and its end")
  func likelihood() {
    let markov = MarkovGenerator(training: Self.corpus, order: 1, vocabularySize: 3)
    let expected = log(3.01 / 4.03) + log(2.01 / 4.03) + log(3.01 / 3.03)
    #expect(abs(markov.logLikelihood(of: [1, 2]) - expected) < 1e-12)
    #expect(abs(markov.negativeLogLikelihood(of: [[1, 2]]) + expected / 3) < 1e-12)
    let other = markov.logLikelihood(of: [2])
    #expect(abs(markov.negativeLogLikelihood(of: [[1, 2], [2]]) + (expected + other) / 5) < 1e-12)
    var generator = RandomStream(seed: 1, name: "test")
    // Of fewer than four lines there is no error.
    let measurement = markov.measure([[1, 2], [2], [1, 2], [2]], using: &generator)
    #expect(abs(measurement.value + (expected + other) / 5) < 1e-12)
    #expect(measurement.standardError.map { $0 > 0 } == true)
  }

  @Test("Interpolation climbs from the even distribution to the longest context")
  func interpolated() {
    let markov = MarkovGenerator(
      training: Self.corpus, order: 1, vocabularySize: 3, smoothing: .interpolated(2))
    // Of 11 symbols and ends, 4 are a; 1 of the 4 followers of a is a.
    let shorter = (4 + 2.0 / 3) / 13
    #expect(abs(markov.probability(of: 1, after: [1]) - (1 + 2 * shorter) / 6) < 1e-12)
  }

  @Test("Tuning finds the order and weight under which other lines are likeliest")
  func tuned() {
    var generator = RandomStream(seed: 8, name: "test")
    // Each symbol is the one before it, or with a chance of a quarter any of four.
    let lines = (0..<600).map { _ in
      (0..<12).reduce(into: [Int32]()) { line, _ in
        let isNew = line.isEmpty || generator.index(below: 4) == 0
        line.append(isNew ? Int32(1 + generator.index(below: 4)) : line[line.count - 1])
      }
    }
    let parts = [lines[..<200], lines[200..<400], lines[400...]].map { Array($0) }
    let counts = MarkovGenerator(training: parts[0], order: 5, vocabularySize: 5)
    let best = counts.tuned(on: parts[1], orders: Array(1...5))
    for order in 1...5 {
      let chain = counts.tuned(on: parts[1], orders: [order])
      let nats = chain.negativeLogLikelihood(of: parts[1])
      #expect(chain.order == order)
      #expect(best.negativeLogLikelihood(of: parts[1]) <= nats + 1e-9)
      #expect(best.negativeLogLikelihood(of: parts[2]) < chain.negativeLogLikelihood(of: parts[2]) + 0.01)
      for weight in MarkovGenerator.weights {
        let other = MarkovGenerator(
          training: parts[0], order: order, vocabularySize: 5, smoothing: .interpolated(weight))
        #expect(nats <= other.negativeLogLikelihood(of: parts[1]) + 1e-9, "order \(order), weight \(weight)")
      }
    }
  }

  @Test(
    "Probabilities sum to 1 in seen and unseen contexts", arguments: 1...8,
    [MarkovGenerator.Smoothing.additive(0.01), .additive(1), .interpolated(0.5), .interpolated(4)])
  func sum(order: Int, smoothing: MarkovGenerator.Smoothing) {
    let corpus: [[Int32]] = [[1, 2, 3, 1, 2, 2, 3, 3, 1, 1], [3, 2, 1], []]
    let markov = MarkovGenerator(
      training: corpus, order: order, vocabularySize: 5, smoothing: smoothing)
    for history: [Int32] in [[], [1], [3, 1], [4, 4], [1, 2, 3, 1, 2, 2, 3, 3, 1]] {
      let sum = (0..<5).reduce(0) { $0 + markov.probability(of: $1, after: history) }
      #expect(abs(sum - 1) < 1e-12)
    }
    let windows = MarkovGenerator(
      training: corpus, order: order, vocabularySize: 5, hasEnd: false, smoothing: smoothing)
    let sum = (1..<5).reduce(0) { $0 + windows.probability(of: $1, after: [1, 2]) }
    #expect(abs(sum - 1) < 1e-12)
  }

  @Test("Sampled lines come as often as the chain says")
  func frequencies() {
    let markov = MarkovGenerator(training: Self.corpus, order: 1, vocabularySize: 3)
    var generator = RandomStream(seed: 2, name: "test")
    let samples = markov.sample(count: 4000, maximumLength: 16, using: &generator)
    // "b": 1/4. "ab": 3/4 * 1/2. "a": 3/4 * 1/4. "aab": 3/4 * 1/4 * 1/2.
    for (line, probability) in [([2], 0.25), ([1, 2], 0.375), ([1], 0.1875), ([1, 1, 2], 0.09375)] {
      let count = samples.count { $0 == line.map { Int32($0) } }
      let deviation = (4000 * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(count) - 4000 * probability) < 4 * deviation)
    }
  }

  @Test("An interpolated chain draws by the probabilities that it gives")
  func interpolatedFrequencies() {
    for hasEnd in [true, false] {
      let markov = MarkovGenerator(
        training: Self.corpus, order: 2, vocabularySize: 3, hasEnd: hasEnd, smoothing: .interpolated(1.5))
      var generator = RandomStream(seed: 9, name: "test")
      let samples = markov.sample(count: 6000, maximumLength: 3, using: &generator)
      for first: Int32 in 1...2 {
        for second: Int32 in 1...2 {
          let count = samples.count { $0.starts(with: [first, second]) }
          let probability =
            markov.probability(of: first, after: []) * markov.probability(of: second, after: [first])
          let deviation = (6000 * probability * (1 - probability)).squareRoot()
          #expect(abs(Double(count) - 6000 * probability) < 4 * deviation)
        }
      }
    }
  }

  @Test(
    "The unknown symbol is counted and scored, but not drawn",
    arguments: [MarkovGenerator.Smoothing.additive(0.01), .interpolated(2)], [true, false])
  func unknown(smoothing: MarkovGenerator.Smoothing, hasEnd: Bool) {
    // After 1 it is 3 mostly, after 2 always.
    let corpus: [[Int32]] = [[1, 3, 3, 2, 3], [1, 3, 1, 2, 3], [1, 1, 3, 2, 3]]
    func chain(_ unknown: Int32?) -> MarkovGenerator {
      MarkovGenerator(
        training: corpus, order: 2, vocabularySize: 4, hasEnd: hasEnd, unknown: unknown, smoothing: smoothing)
    }
    let (all, known) = (chain(nil), chain(3))
    #expect(all.negativeLogLikelihood(of: corpus) == known.negativeLogLikelihood(of: corpus))
    var generator = RandomStream(seed: 1, name: "test")
    let drawn = known.sample(count: 500, maximumLength: 8, using: &generator)
    #expect(drawn.allSatisfy { !$0.contains(3) } && drawn.contains { $0.contains(2) })
    #expect(hasEnd || drawn.allSatisfy { $0.count == 8 })
    #expect(all.sample(count: 500, maximumLength: 8, using: &generator).contains { $0.contains(3) })
  }

  @Test("A high order writes only what it has read")
  func copies() {
    let corpus: [[Int32]] = [[1, 2, 3, 4], [2, 4, 1, 3, 2], [4]]
    let markov = MarkovGenerator(training: corpus, order: 8, vocabularySize: 5)
    var generator = RandomStream(seed: 3, name: "test")
    let samples = markov.sample(count: 200, maximumLength: 16, using: &generator)
    #expect(Set(samples) == Set(corpus))
  }

  @Test("Lines are cut at the maximum length, and windows reach it")
  func lengths() {
    var generator = RandomStream(seed: 4, name: "test")
    let lines = MarkovGenerator(training: [[1, 1, 1, 1, 1, 1]], order: 1, vocabularySize: 3)
    #expect(
      lines.sample(count: 50, maximumLength: 3, using: &generator).allSatisfy { $0.count <= 3 })
    // Symbol 3 stands only at the end of a window: nothing is known to follow it.
    let windows = MarkovGenerator(
      training: [[1, 2, 3], [2, 1, 3]], order: 2, vocabularySize: 4, hasEnd: false)
    #expect(windows.followerCount == 3)
    for sample in windows.sample(count: 50, maximumLength: 9, using: &generator) {
      #expect(sample.count == 9)
      #expect(!sample.contains(0))
    }
  }

  @Test("The same seed gives the same lines, and more lines begin with the same")
  func repeatable() {
    let markov = MarkovGenerator(training: Self.corpus, order: 2, vocabularySize: 3)
    var first = RandomStream(seed: 5, name: "test")
    var second = RandomStream(seed: 5, name: "test")
    let few = markov.sample(count: 10, maximumLength: 16, using: &first)
    let many = markov.sample(count: 30, maximumLength: 16, using: &second)
    #expect(few == Array(many.prefix(10)))
  }

  @Test("No lines at all leave an even distribution and empty samples")
  func empty() {
    let markov = MarkovGenerator(training: [], order: 2, vocabularySize: 4)
    #expect(markov.probability(of: 1, after: []) == 0.25)
    var generator = RandomStream(seed: 6, name: "test")
    #expect(markov.sample(maximumLength: 5, using: &generator).isEmpty)
  }
}
