import Foundation
import Testing
import Torch

@testable import TextModality

@Suite("N-gram counts and their divergence")
struct NGramTests {
  @Test("Padded lines give length - n + 1 runs each, padding included")
  func padded() {
    let counts = NGramCounts([[1, 2], [1], [1, 2, 3, 4, 5]], order: 2, framing: .padded(length: 4))
    // 12 20 00, 10 00 00, 12 23 34
    #expect(counts.total == 9)
    #expect(counts.distinct == 6)
    #expect(counts.count(of: [0, 0]) == 3)
    #expect(counts.count(of: [1, 2]) == 2)
    #expect(counts.count(of: [2, 0]) == 1)
    #expect(counts.count(of: [4, 5]) == 0)
    #expect(counts.count(of: [1]) == 0)
  }

  @Test(
    "The framing decides which runs a line has",
    arguments: [
      (NGramCounts.Framing.padded(length: 4), 1, 4), (.padded(length: 4), 4, 1),
      (.padded(length: 4), 5, 0), (.ended, 1, 3), (.ended, 3, 1), (.ended, 4, 0), (.bare, 1, 2),
      (.bare, 2, 1), (.bare, 3, 0),
    ])
  func framing(framing: NGramCounts.Framing, order: Int, total: Int) {
    #expect(NGramCounts([[1, 2]], order: order, framing: framing).total == total)
  }

  @Test("Equal sets have divergence 0, whatever their sizes", arguments: [1, 2, 3, 4, 6])
  func equal(order: Int) {
    let lines: [[Int32]] = [[1, 2, 3], [3, 2, 1, 1], [2], []]
    let once = NGramCounts(lines, order: order, framing: .padded(length: 7))
    let thrice = NGramCounts(lines + lines + lines, order: order, framing: .padded(length: 7))
    #expect(once.divergence(from: once) == 0)
    #expect(abs(once.divergence(from: thrice)) < 1e-15)
  }

  @Test("Sets without a common run have divergence 1")
  func disjoint() {
    let left = NGramCounts([[1, 2, 1], [1, 1]], order: 2, framing: .bare)
    let right = NGramCounts([[3, 4, 5, 5, 4]], order: 2, framing: .bare)
    #expect(left.divergence(from: right) == 1)
    #expect(right.divergence(from: left) == 1)
  }

  @Test("Small cases agree with the definition")
  func byHand() {
    // p = (1/2, 1/2), q = (1, 0): (1/2 log2(2/3) + 1/2 + log2(4/3)) / 2.
    let even = NGramCounts([[1, 2]], order: 1, framing: .bare)
    let pure = NGramCounts([[1, 1, 1]], order: 1, framing: .bare)
    let expected = (0.5 * log2(2.0 / 3) + 0.5 + log2(4.0 / 3)) / 2
    #expect(abs(even.divergence(from: pure) - expected) < 1e-12)
    #expect(abs(pure.divergence(from: even) - expected) < 1e-12)
    #expect(abs(expected - 0.311_278_124_459_133) < 1e-12)
  }

  @Test("Nothing has no divergence")
  func empty() {
    let none = NGramCounts([], order: 2, framing: .bare)
    let some = NGramCounts([[1, 2]], order: 2, framing: .bare)
    #expect(none.divergence(from: some).isNaN)
    #expect(some.divergence(from: none).isNaN)
  }

  @Test("Keys of all sizes tell runs apart", arguments: [1, 2, 4, 6, 8, 12, 130])
  func keys(order: Int) {
    let symbols: [Int32] = [0, 1, 26, 255, 65_535, 65_536, 0x10FFFF, .max]
    var runs = Set<[Int32]>()
    for symbol in symbols {
      for position in 0..<order {
        for filler in symbols {
          var run = [Int32](repeating: filler, count: order)
          run[position] = symbol
          runs.insert(run)
        }
      }
    }
    #expect(Set(runs.map { NGramKey($0[...]) }).count == runs.count)
  }

  @Test("Keys of small symbols keep the order of their runs")
  func keyOrder() {
    let runs: [[Int32]] = [[0, 0, 1], [0, 1, 0], [0, 1, 9], [1, 0, 0], [2, 26, 3], [300, 0, 0]]
    #expect(runs.reversed().sorted { NGramKey($0[...]) < NGramKey($1[...]) } == runs)
  }

  @Test("A measurement has the plain divergence as its value, and a repeatable error")
  func measurement() throws {
    let training: [[Int32]] = (0..<60).map { [1 + $0 % 3, 1 + $0 % 4, 1 + $0 % 5] }
    let samples: [[Int32]] = (0..<40).map { [1 + $0 % 4, 1 + $0 % 3] }
    let divergence = NGramDivergence(training: training, order: 2, framing: .padded(length: 5))
    var first = RandomStream(seed: 1, name: "test")
    var second = RandomStream(seed: 1, name: "test")
    let measurement = divergence.measure(samples, using: &first)
    #expect(measurement == divergence.measure(samples, using: &second))
    #expect(measurement.value == divergence(samples))
    let error = try #require(measurement.standardError)
    #expect(error > 0 && error < 0.1)
  }

  @Test("Copies of one sample have no error")
  func noVariation() throws {
    let divergence = NGramDivergence(training: [[1, 2], [2, 1]], order: 1, framing: .ended)
    var generator = RandomStream(seed: 1, name: "test")
    let samples = [[Int32]](repeating: [1], count: 5)
    #expect(try #require(divergence.measure(samples, using: &generator).standardError) < 1e-15)
  }
}
