import Foundation
import TestSupport
import Testing
import Torch

@testable import Adversarial

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
    #expect(try reference.measure(features).value < 1e-9)
    #expect(try abs(reference.measure(features + 0.5).value - 30 * 0.25) < 1e-4)
    let mean = try features.mean(along: 0)
    let stretched = try (features - mean) * 3 + mean
    let variance = try features.variance(along: 0).sum().item()
    #expect(try abs(reference.measure(stretched).value / (4 * variance) - 1) < 1e-5)
  }

  @Test("The same features in a turned space are as far apart, and the error is of the spread between draws")
  mutating func invariance() throws {
    let reference = try stream.normal([400, 5])
    let sets = try (0..<12).map { _ in try stream.normal([200, 5]) * 1.5 + 0.3 }
    let q = try rotation(5).converted(to: .float32)
    let distance = try FrechetDistance(reference: reference)
    let scores = try sets.map { try distance.measure($0) }
    let turned = try FrechetDistance(reference: reference.matmul(q)).measure(sets[0].matmul(q))
    #expect(abs(turned.value - scores[0].value) < 1e-5)
    let mean = scores.map(\.value).reduce(0, +) / 12
    let spread = (scores.map { ($0.value - mean) * ($0.value - mean) }.reduce(0, +) / 11).squareRoot()
    let error = try #require(scores[0].standardError)
    #expect((0.5...2).contains(error / spread))
  }

  @Test("The jackknife of a mean, one left out at a time, is its standard error")
  func jackknife() throws {
    let values = [1.0, 4, 2, 8, 5, 7]
    let error = try #require(
      Jackknife.standardError(count: 6) { places in
        places.reduce(0) { $0 + values[$1] } / Double(places.count)
      })
    #expect(abs(error - (try #require(Score(meanOf: values).standardError))) < 1e-12)
    #expect(Jackknife.standardError(count: 3) { _ in 1 } == nil)
    #expect((0..<5).map { Jackknife.isLeftOut($0, by: 1, of: 3) } == [false, true, false, false, true])
  }
}
