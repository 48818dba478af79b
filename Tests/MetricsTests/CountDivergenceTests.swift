import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("The divergence of pooled counts")
struct CountDivergenceTests {
  private func divergence(_ counts: [[Float]], _ others: [[Float]]) throws -> Score {
    var stream = RandomStream(seed: 1, name: "test")
    func tensor(_ rows: [[Float]]) throws -> Tensor {
      try Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    }
    return try CountDivergence.measure(tensor(counts), against: tensor(others), using: &stream)
  }

  @Test("0 for equal shares, however they are spread over samples; 1 for disjoint bins")
  func extremes() throws {
    let equal = try divergence([[1, 0, 3], [1, 4, 3], [1, 0, 3], [1, 4, 3]], [[1, 2, 3]])
    #expect(equal.value < 1e-12 && (equal.standardError ?? 0) > 0.001)
    #expect(abs(try divergence([[1, 2, 0, 0]], [[0, 0, 5, 1]]).value - 1) < 1e-12)
    #expect(try divergence([[1, 2, 0, 0]], [[0, 0, 5, 1]]).standardError == nil)
  }

  @Test("By hand: shares (1, 0) against (1/2, 1/2)")
  func byHand() throws {
    let middle = -(0.75 * log2(0.75) + 0.25 * log2(0.25))
    #expect(abs(try divergence([[7, 0], [2, 0]], [[4, 4]]).value - (middle - 0.5)) < 1e-12)
  }

  @Test(
    "The error is that of other draws of the samples: of shares far from the reference's, and of the same",
    arguments: [[0, 1, 2, 2, 2, 2], [0, 0, 0, 1, 1, 2]])
  func error(shares: [Int]) throws {
    // 8 bins for each of three shares.
    let reference = try Tensor((0..<24).map { Float(3 - $0 % 3) }, shape: [1, 24])
    let ratio = try errorRatio(draws: 150) { stream in
      let bins = (0..<80).map { _ in shares[stream.index(below: 6)] + 3 * stream.index(below: 8) }
      return try CountDivergence.measure(
        Tensor(bins).oneHot(count: 24), against: reference, using: &stream)
    }
    // A bootstrap's would be 1.7 for the same shares.
    #expect((0.8...1.25).contains(ratio))
  }
}
