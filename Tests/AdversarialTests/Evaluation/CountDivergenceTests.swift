import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

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
    let equal = try divergence([[1, 0, 3], [1, 4, 3]], [[1, 2, 3]])
    #expect(equal.value < 1e-12 && (equal.standardError ?? 0) > 0.01)
    #expect(abs(try divergence([[1, 2, 0, 0]], [[0, 0, 5, 1]]).value - 1) < 1e-12)
    #expect(try divergence([[1, 2, 0, 0]], [[0, 0, 5, 1]]).standardError == nil)
  }

  @Test("By hand: shares (1, 0) against (1/2, 1/2)")
  func byHand() throws {
    let middle = -(0.75 * log2(0.75) + 0.25 * log2(0.25))
    #expect(abs(try divergence([[7, 0], [2, 0]], [[4, 4]]).value - (middle - 0.5)) < 1e-12)
  }

  @Test("The error is that of other draws of the samples")
  func error() throws {
    var stream = RandomStream(seed: 2, name: "test")
    let reference = try Tensor([3, 2, 1] as [Float], shape: [1, 3])
    var values: [Double] = []
    var errors: [Double] = []
    for _ in 0..<60 {
      // Each sample falls into one of three bins with shares far from the reference's.
      let bins = (0..<80).map { _ in [0, 1, 2, 2, 2][stream.index(below: 5)] }
      let score = try CountDivergence.measure(
        Tensor(bins).oneHot(count: 3), against: reference, using: &stream)
      values.append(score.value)
      errors.append(score.standardError ?? .nan)
    }
    let deviation = (Score(meanOf: values).standardError ?? .nan) * 60.0.squareRoot()
    #expect(abs(Score(meanOf: errors).value / deviation - 1) < 0.3)
  }
}
