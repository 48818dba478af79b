import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Kernel distance")
struct KernelDistanceTests {
  private var stream = RandomStream(seed: 2, name: "test")

  private func kernel(_ x: [Float], _ y: [Float]) -> Double {
    let value = zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(x.count) + 1
    return value * value * value
  }

  /// The textbook's sums over pairs.
  private func direct(_ xs: [[Float]], _ ys: [[Float]]) -> Double {
    func within(_ set: [[Float]]) -> Double {
      var sum = 0.0
      for i in set.indices { for j in set.indices where i != j { sum += kernel(set[i], set[j]) } }
      return sum / Double(set.count * (set.count - 1))
    }
    var cross = 0.0
    for x in xs { for y in ys { cross += kernel(x, y) } }
    return within(xs) + within(ys) - 2 * cross / Double(xs.count * ys.count)
  }

  private func rows(_ tensor: Tensor) throws -> [[Float]] {
    try tensor.unbound().map { try $0.array(of: Float.self) }
  }

  @Test(
    "The value is that of the sums written out; the error does not depend on the order, and is about a jackknife's"
  )
  mutating func sums() throws {
    let (x, y) = (try stream.normal([47, 3]) * 1.5, try stream.normal([33, 3]))
    let (xs, ys) = (try rows(x), try rows(y))
    let distance = try KernelDistance(reference: y)
    let score = try distance.measure(x)
    #expect(abs(score.value - direct(xs, ys)) < 1e-9)
    let jackknife = try #require(Jackknife(Strata(count: 47), paired: 20, using: &stream))
    let error = jackknife.standardError(whole: score.value) { places in direct(places.map { xs[$0] }, ys) }
    #expect(abs(try #require(score.standardError) / error - 1) < 0.15)
    let other = try distance.measure(x.gathered(at: Tensor(stream.indices(47, outOf: 47))))
    #expect(abs(try #require(other.standardError) / #require(score.standardError) - 1) < 1e-9)
    let few = try distance.measure(x.narrowed(along: 0, start: 0, count: 3))
    #expect(few.value.isFinite && few.standardError == nil)
  }

  @Test("Two points have the energy distance and the Gaussian kernels' discrepancy of the formulas")
  mutating func otherKernels() throws {
    // Reference 0 and 3, samples 0 and 4, on a line.
    let reference = try Tensor([0, 0, 3, 0] as [Float], shape: [2, 2])
    let samples = try Tensor([0, 0, 4, 0] as [Float], shape: [2, 2])
    let energy = try KernelDistance(reference: reference, kernel: .energy).measure(samples)
    // 2 E|X - Y| = 2 (0 + 3 + 4 + 1) / 4, less 4 and 3.
    #expect(abs(energy.value - (4 - 4 - 3)) < 1e-9)
    let widths = [1.0, 2]
    func kernel(_ d: Double) -> Double { widths.reduce(0) { $0 + exp(-d * d / (2 * $1 * $1)) } / 2 }
    let expected = kernel(4) + kernel(3) - 2 * (kernel(0) + kernel(3) + kernel(4) + kernel(1)) / 4
    let found = try KernelDistance(reference: reference, kernel: .gaussian(bandwidths: widths))
      .measure(samples)
    #expect(abs(found.value - expected) < 1e-9)
  }

  @Test("Between Gaussians apart the discrepancy is the closed form, within its error")
  mutating func closedForm() throws {
    // For N(0, 1) and N(m, 1) in D dimensions and width h: 2 (h² / (h² + 2))^(D/2) (1 - exp(-‖m‖² / (2 (h² + 2)))).
    let (x, y) = (try stream.normal([600, 2]) + 0.5, try stream.normal([2_000, 2]))
    let expected = 2 * (1.0 / 3) * (1 - exp(-0.5 / 6))
    let found = try KernelDistance(reference: y, kernel: .gaussian(bandwidths: [1])).measure(x)
    let error = try #require(found.standardError)
    #expect(abs(found.value - expected) < 5 * error && error < expected)
  }

  @Test(
    "The error is the deviation between draws of labels in order, near the reference and far from it",
    arguments: [1, 1.3])
  mutating func labelled(scale: Double) throws {
    let labels = (0..<60).map { $0 / 15 }
    let centres = try stream.normal([4, 6]).gathered(at: Tensor(labels)) * 1.5
    let reference = try KernelDistance(
      reference: Tensor.concatenated([centres, centres, centres, centres]) + stream.normal([240, 6]))
    let ratio = try errorRatio(draws: 150) { stream in
      try reference.measure(
        (centres + stream.normal([60, 6])) * scale, strata: Strata(labels: labels, count: 60))
    }
    #expect((0.8...1.2).contains(ratio))
  }

  @Test("Draws of the reference's own distribution score 0 on average, whatever their number")
  mutating func unbiased() throws {
    var sum = 0.0
    for size in 0..<200 {
      let distance = try KernelDistance(reference: stream.normal([20, 2]))
      sum += try distance.measure(stream.normal([5 + size % 30, 2])).value
    }
    #expect(abs(sum / 200) < 0.15)
    let far = try KernelDistance(reference: stream.normal([100, 2])).measure(stream.normal([100, 2]) + 1)
    #expect(far.value > 1)
  }
}
