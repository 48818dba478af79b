import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Two-sample tests by plain features")
struct TwoSampleTestTests {
  private func accuracy(
    _ real: Tensor, _ generated: Tensor, seed: UInt64 = 1, squares: Bool = false
  ) throws -> TwoSampleAccuracy {
    var stream = RandomStream(seed: seed, name: "deal")
    return try TwoSampleTest(hasSquares: squares)(real: real, generated: generated, using: &stream)
  }

  private func normal(_ count: Int, _ width: Int, seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "normal")
    return try stream.normal([count, width])
  }

  private func error(_ accuracy: TwoSampleAccuracy) throws -> Double {
    try #require(accuracy.score.standardError)
  }

  @Test("Sets of one distribution are told in half of the cases, within the error that repetitions show")
  func null() throws {
    var (values, errors): ([Double], [Double]) = ([], [])
    for trial in 0..<40 {
      let seeds = (UInt64(2 * trial), UInt64(2 * trial + 1))
      let found = try accuracy(normal(100, 5, seed: seeds.0), normal(100, 5, seed: seeds.1), squares: true)
      values.append(found.score.value)
      errors.append(try error(found))
    }
    let mean = Score(meanOf: values)
    let error = try #require(mean.standardError)
    #expect(abs(mean.value - 50) < 3 * error)
    let deviation = error * 40.0.squareRoot()
    let stated = errors.reduce(0, +) / 40
    #expect(stated / deviation > 0.85 && stated / deviation < 1.6, "\(stated) \(deviation)")
  }

  @Test("Gaussians at a distance d are told as the best classifier tells them: in Φ(d/2) of the cases")
  func gaussians() throws {
    for distance in [0.5, 1, 3] {
      let real = try normal(4000, 3, seed: 5)
      let shift = try Tensor([distance, 0, 0])
      let found = try accuracy(real, normal(4000, 3, seed: 6) + shift)
      let expected = 50 * (1 + erf(distance / 2 / 2.0.squareRoot()))
      #expect(abs(found.score.value - expected) < 2.5 * (try error(found)), "\(distance): \(found.score)")
    }
  }

  @Test("Where only deviations differ, squares tell and features alone do not")
  func squares() throws {
    let (real, wide) = (try normal(1000, 2, seed: 3), try normal(1000, 2, seed: 4) * 2)
    #expect(try accuracy(real, wide).score.value < 55)
    #expect(try accuracy(real, wide, squares: true).score.value > 65)
  }

  @Test("Labels dealt at random are told in half of the cases")
  func permuted() throws {
    let union = try Tensor.concatenated([normal(500, 3, seed: 1), normal(500, 3, seed: 2) + 2])
    var stream = RandomStream(seed: 9, name: "permutation")
    let order = stream.indices(1000, outOf: 1000)
    let halves = [Array(order[..<500]), Array(order[500...])]
    let found = try accuracy(union.gathered(at: Tensor(halves[0])), union.gathered(at: Tensor(halves[1])))
    #expect(abs(found.score.value - 50) < 2.5 * (try error(found)))
  }

  @Test("Features that do not vary, or vary together, change nothing; sets that are apart are told always")
  func degenerate() throws {
    let (real, generated) = (try normal(200, 2, seed: 1), try normal(200, 2, seed: 2) + 0.7)
    func widened(_ features: Tensor) throws -> Tensor {
      let constant = try Tensor.full([200, 2], value: 3e5)
      return try Tensor.concatenated([features, constant], along: 1)
    }
    let plain = try accuracy(real, generated)
    #expect(try accuracy(widened(real), widened(generated)).score == plain.score)
    let same = try Tensor.full([60, 2], value: 7)
    #expect(try accuracy(same, same).score.value == 50)
    let twice = try accuracy(
      .concatenated([real, real], along: 1), .concatenated([generated, generated], along: 1))
    #expect(abs(twice.score.value - plain.score.value) < 1)
    let apart = try accuracy(real, generated + 100)
    #expect(apart.score.value == 100 && apart.score.standardError == 0)
    #expect(throws: TorchError.self) { try accuracy(real, generated / 0) }
  }

  @Test("The larger set is cut to the smaller one's size; the same state gives the same number")
  func sizes() throws {
    let (real, generated) = (try normal(300, 2, seed: 1), try normal(120, 2, seed: 2) + 1)
    let found = try accuracy(real, generated)
    #expect(try accuracy(real, generated) == found)
    let expected = (found.score.value / 100 * (1 - found.score.value / 100) / 240).squareRoot() * 100
    #expect(try error(found) >= expected && error(found) < 1.6 * expected)
  }

  @Test("Differences of pairs that share their real samples and nearly their draws have smaller errors")
  func differences() throws {
    let (real, generated) = (try normal(400, 3, seed: 1), try normal(400, 3, seed: 2) + 0.5)
    let start = try accuracy(real, generated)
    let end = try accuracy(real, generated + normal(400, 3, seed: 3) * 0.1)
    let paired = try #require(TwoSampleAccuracy.differenceError([(start: start, end: end)]))
    let independent = try error(start)
    #expect(paired > 0 && paired < 0.8 * independent)
    #expect(TwoSampleAccuracy.differenceError([(start: start, end: start)]) == 0)
  }
}
