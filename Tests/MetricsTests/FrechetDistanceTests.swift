import Foundation
import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Fréchet distance")
struct FrechetDistanceTests {
  private var stream = RandomStream(seed: 1, name: "test")

  private func diagonal(_ values: [Double]) throws -> Tensor {
    try Tensor.identity(values.count, dtype: .float64) * Tensor(values)
  }

  /// A random rotation: the eigenvectors of a random symmetric matrix.
  private mutating func rotation(_ size: Int) throws -> Tensor {
    let matrix = try stream.normal([size, size]).converted(to: .float64)
    return try (matrix + matrix.transposed()).symmetricEigen().vectors
  }

  @Test("Diagonal covariances give sums of squared differences of deviations, rotated or not")
  mutating func commuting() throws {
    let (first, second) = ([1.0, 4, 9, 0], [4.0, 4, 1, 0])
    let (m, n) = (try Tensor([0.0, 0, 0, 1]), try Tensor([1.0, 0, 2, 1]))
    // Means 1 + 4; deviations 1 to 2, 2 to 2, 3 to 1, 0 to 0.
    let expected = 5.0 + 1 + 0 + 4 + 0
    let plain = try GaussianFit(mean: m, covariance: diagonal(first))
      .squaredFrechetDistance(to: GaussianFit(mean: n, covariance: diagonal(second)))
    #expect(abs(plain - expected) < 1e-9)
    let q = try rotation(4)
    func rotated(_ mean: Tensor, _ values: [Double]) throws -> GaussianFit {
      try GaussianFit(
        mean: mean.matmul(q.transposed()), covariance: q.matmul(diagonal(values)).matmul(q.transposed()))
    }
    let turned = try rotated(m, first).squaredFrechetDistance(to: rotated(n, second))
    #expect(abs(turned - expected) < 1e-9)
  }

  @Test("Covariances that do not commute: the trace of the root of a 2 x 2 product is known")
  func general() throws {
    let (a, b) = ([2.0, 1, 1, 3], [5.0, -1, -1, 1])
    let fits = try [a, b].map {
      try GaussianFit(mean: Tensor([0.0, 0]), covariance: Tensor($0, shape: [2, 2]))
    }
    // tr (AB)^½ = sqrt(tr AB + 2 sqrt(det A det B))
    let trace = 2.0 * 5 - 2 + 3
    let root = (trace + 2 * (5.0 * 4).squareRoot()).squareRoot()
    let distance = try fits[0].squaredFrechetDistance(to: fits[1])
    #expect(abs(distance - (5 + 6 - 2 * root)) < 1e-9)
    #expect(try abs(distance - fits[1].squaredFrechetDistance(to: fits[0])) < 1e-9)
  }

  @Test("Fewer samples than features need no shrinkage: a shift and a stretch give what they must")
  mutating func rankDeficient() throws {
    let features = try stream.normal([6, 30])
    let reference = try FrechetDistance(reference: features)
    #expect(try reference.measure(features, using: &stream).value < 1e-9)
    #expect(try abs(reference.measure(features + 0.5, using: &stream).value - 30 * 0.25) < 1e-4)
    let mean = try features.mean(along: 0)
    let stretched = try (features - mean) * 3 + mean
    let variance = try features.variance(along: 0).sum().item()
    #expect(try abs(reference.measure(stretched, using: &stream).value / (4 * variance) - 1) < 1e-5)
  }

  @Test("The same features in a turned space are as far apart")
  mutating func invariance() throws {
    let reference = try stream.normal([400, 5])
    let features = try stream.normal([200, 5]) * 1.5 + 0.3
    let q = try rotation(5).converted(to: .float32)
    let score = try FrechetDistance(reference: reference).measure(features, using: &stream)
    let turned = try FrechetDistance(reference: reference.matmul(q)).measure(
      features.matmul(q), using: &stream)
    #expect(abs(turned.value - score.value) < 1e-5)
  }

  @Test(
    "The error is the deviation between draws: near and far, of more and fewer samples than features",
    arguments: [(40, 1.0), (40, 1.5), (12, 1.0)])
  mutating func error(count: Int, scale: Double) throws {
    let reference = try FrechetDistance(reference: stream.normal([400, 16]))
    let ratio = try errorRatio(draws: 60) { stream in
      try reference.measure(stream.normal([count, 16]) * scale, using: &stream)
    }
    // A plain jackknife's would be 1.4 near the reference.
    #expect((0.75...1.25).contains(ratio))
  }

  @Test("Labels that come in order, as many of each: the spread between them is not one between draws")
  mutating func labelled() throws {
    let labels = (0..<60).map { $0 / 15 }
    let centres = try stream.normal([4, 6]).gathered(at: Tensor(labels)) * 3
    let reference = try FrechetDistance(reference: centres + stream.normal([60, 6]))
    let ratio = try errorRatio(draws: 60) { stream in
      let features = try centres + stream.normal([60, 6]) * 1.3
      return try reference.measure(features, strata: Strata(labels: labels, count: 60), using: &stream)
    }
    #expect((0.75...1.25).contains(ratio))
  }

  @Test("Left out one by one or by sums taken off, the distances are the same")
  mutating func leftOut() throws {
    let (features, other) = (try stream.normal([30, 4]) + 5, try stream.normal([50, 4]))
    var (first, second) = (RandomStream(seed: 3, name: "test"), RandomStream(seed: 3, name: "test"))
    let score = try FrechetDistance(reference: other).measure(features, using: &first)
    let fit = try GaussianFit(other)
    let jackknife = try #require(Jackknife(Strata(count: 30), using: &second))
    let error = try jackknife.standardError(whole: score.value) {
      try GaussianFit(features.gathered(at: Tensor($0))).squaredFrechetDistance(to: fit)
    }
    #expect(abs(try #require(score.standardError) / error - 1) < 1e-6)
  }
}
