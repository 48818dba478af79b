import Foundation
import Metrics
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// Coordinates whose squares single precision does not hold, and clouds that hold both large and small ones.
@Suite("Distances of clouds of any size")
struct MagnitudeTests {
  static let factors = [1e-36, 1e-30, 1e-24, 1e-19, 1e-10, 1e10, 1e18, 1e19, 1e20, 1e24, 1e30, 3e37]

  private func pairs(_ count: Int = 2, points: Int = 40) throws -> (first: Tensor, second: Tensor) {
    var stream = RandomStream(seed: 3, name: "test")
    let sizes = try (stream.normal([count, 1, 3]) * 0.3).exp()
    // Without a draw beyond 9, so that even the largest factor leaves finite coordinates.
    return (
      try (stream.normal([count, points, 3]) * sizes).clamped(from: -9, to: 9),
      try stream.normal([count, points, 3]).clamped(from: -9, to: 9)
    )
  }

  /// The largest difference, as a share of the expected number.
  private func mismatch(_ found: Tensor, _ expected: Tensor) throws -> Double {
    try (found / expected - 1).absolute().max().item()
  }

  /// The exact distance of two clouds of few points, by trying all orders in double precision.
  private func bruteForce(_ first: Tensor, _ second: Tensor) throws -> Double {
    let points = first.shape[0]
    let apart = try first.converted(to: .float64).expandingDimension(at: 1) - second.converted(to: .float64)
    let table = try apart.squared().sum(along: 2).squareRoot().array(of: Double.self)
    func least(_ row: Int, _ free: Set<Int>) -> Double {
      free.map { table[row * points + $0] + (free.count > 1 ? least(row + 1, free.subtracting([$0])) : 0) }
        .min() ?? 0
    }
    return least(0, Set(0..<points)) / Double(points)
  }

  @Test("Exact and approximate matchings scale", arguments: factors)
  func matchings(factor: Double) throws {
    let (first, second) = try pairs()
    let scaled = (try first * factor, try second * factor)
    let exact = try PairedDistances.matched(first, second).distances
    #expect(try mismatch(PairedDistances.matched(scaled.0, scaled.1).distances / factor, exact) < 1e-5)
    let approximation = try PairedDistances.approximatelyMatched(scaled.0, scaled.1)
    #expect(try (approximation.distances / factor / exact).max().item() < 1.011)
    #expect(try (approximation.lowerBounds / factor / exact).max().item() < 1 + 1e-5)
    #expect(try mismatch(approximation.distances, approximation.lowerBounds) < 0.011)
  }

  @Test("Chamfer distances scale as squares, one-sided ones as the clouds", arguments: factors)
  func chamfer(factor: Double) throws {
    let (first, second) = try pairs(3)
    let plain = try PairedDistances.chamfer(first, second)
    let (a, b) = (try first * factor, try second * factor)
    let scaled = try PairedDistances.chamfer(a, b)
    #expect(try mismatch(scaled.distances / factor / factor, plain.distances) < 1e-5)
    #expect(try mismatch(scaled.oneSided / factor, plain.oneSided) < 1e-5)
    let within = try PairedDistances.chamfer(within: a)
    #expect(try within.distances.isEqual(to: PairedDistances.chamfer(a, a).distances))
    #expect(try (0..<3).allSatisfy { try within.distances.selected($0).selected($0).item() == 0 })
  }

  @Test("Searches find the same clouds, and bounds rule as many out", arguments: factors, [false, true])
  func searches(factor: Double, isApproximate: Bool) throws {
    let (first, second) = try pairs(7)
    func search(_ factor: Double) throws -> (
      found: [Neighbour], solved: Int, bounds: Tensor, distances: Tensor
    ) {
      let (a, b) = (try first * factor, try second * factor)
      let oneSided = try PairedDistances.chamfer(a, b).oneSided
      var search = try EarthMoverSearch(a, b, oneSided: oneSided, isApproximate: isApproximate)
      let rows = (0..<49).map { $0 / 7 }
      let columns = (0..<49).map { $0 % 7 }
      let distances = try PairedDistances.matched(
        a.gathered(at: Tensor(rows)), b.gathered(at: Tensor(columns))
      )
      .distances.reshaped([7, 7])
      return (
        try search.nearestInRows() + search.nearestInColumns(), try search.pairs().solved,
        try EarthMoverSearch.lowerBounds(a, b, oneSided: oneSided), distances
      )
    }
    let (plain, scaled) = (try search(1), try search(factor))
    #expect(scaled.found.map(\.index) == plain.found.map(\.index))
    for (one, other) in zip(scaled.found, plain.found) {
      #expect(abs(one.distance / factor / other.distance - 1) < 1e-4)
    }
    #expect(abs(scaled.solved - plain.solved) <= 2)
    #expect(try (scaled.distances / scaled.bounds).min().item() >= 1)
    #expect(try mismatch(scaled.bounds / factor, plain.bounds) < 1e-5)
  }

  @Test("A far outlier leaves the other points their distances", arguments: [1e10, 1e19, 1e30, 3e38])
  func outliers(place: Double) throws {
    let (first, second) = try pairs()
    let outlier = try Tensor.ones([2, 1, 3]) * place
    let (a, b) = (
      try Tensor.concatenated([outlier, first], along: 1),
      try Tensor.concatenated([second, outlier], along: 1)
    )
    let share = 40.0 / 41
    let exact = try PairedDistances.matched(first, second).distances * share
    #expect(try mismatch(PairedDistances.matched(a, b).distances, exact) < 1e-5)
    let approximation = try PairedDistances.approximatelyMatched(a, b)
    #expect(try (approximation.distances - exact).min().item() > -1e-5)
    #expect(try (exact - approximation.lowerBounds).min().item() > -1e-5)
    let chamfer = try PairedDistances.chamfer(a, b)
    let plain = try PairedDistances.chamfer(first, second)
    #expect(try mismatch(chamfer.distances, plain.distances * share) < 1e-5)
    #expect(try mismatch(chamfer.oneSided, plain.oneSided * share) < 1e-5)

    // Where only one cloud has it, nothing else tells.
    let alone = try Tensor.concatenated([outlier, second.narrowed(along: 1, start: 0, count: 39)], along: 1)
    let far = place * 3.0.squareRoot()
    #expect(
      try mismatch(PairedDistances.matched(first, alone).distances, exact * 0 + far / 40) < 1e-3 + 9 / place
        * 40)
    let bounds = try PairedDistances.approximatelyMatched(first, alone)
    #expect(try mismatch(bounds.distances, bounds.lowerBounds) < 0.011)
    let squares = try PairedDistances.chamfer(first, alone).distances
    #expect(
      try squares.array(of: Double.self).allSatisfy { abs($0 / (far * far / 40) - 1) < 1e-3 + 20 / place })
    for isApproximate in [false, true] {
      var search = try EarthMoverSearch(
        within: Tensor.concatenated([a, b]), oneSided: nil, isApproximate: isApproximate)
      #expect(try search.nearestInRows().allSatisfy { $0.index != nil && $0.distance < 10 })
    }
  }

  @Test("Points of all magnitudes are matched as well as can be", arguments: 1...8)
  func mixed(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), name: "test")
    func cloud() throws -> Tensor {
      let exponents = try stream.uniform([6, 1]) * 60 - 30
      return try
        (stream.normal([6, 3]).converted(to: .float64) * (exponents.converted(to: .float64) * log(10)).exp())
        .converted(to: .float32)
    }
    let clouds = try Tensor.stacked((0..<4).map { _ in try cloud() })
    var expected: [Double] = []
    for (row, column) in (0..<16).map({ ($0 / 4, $0 % 4) }) {
      expected.append(try bruteForce(clouds.selected(row), clouds.selected(column)))
    }
    let rows = try clouds.gathered(at: Tensor((0..<16).map { $0 / 4 }))
    let columns = try clouds.gathered(at: Tensor((0..<16).map { $0 % 4 }))
    let exact = try PairedDistances.matched(rows, columns).distances.array(of: Double.self)
    let approximation = try PairedDistances.approximatelyMatched(rows, columns)
    let (upper, lower) = (
      try approximation.distances.array(of: Double.self), try approximation.lowerBounds.array(of: Double.self)
    )
    for pair in expected.indices {
      #expect(abs(exact[pair] - expected[pair]) <= 1e-6 * expected[pair], "\(pair)")
      #expect(
        upper[pair] >= expected[pair] * (1 - 1e-6) && lower[pair] <= expected[pair] * (1 + 1e-6), "\(pair)")
    }
    var search = try EarthMoverSearch(within: clouds)
    for (row, neighbour) in try search.nearestInRows().enumerated() {
      let least = (0..<4).filter { $0 != row }.map { expected[4 * row + $0] }.min() ?? 0
      #expect(abs(neighbour.distance - least) <= 1e-6 * least)
    }
    // By definition, in double precision.
    let chamfer = try PairedDistances.chamfer(clouds, clouds).distances.array(of: Double.self)
    for pair in expected.indices {
      let apart =
        try rows.selected(pair).converted(to: .float64).expandingDimension(at: 1)
        - columns.selected(pair).converted(to: .float64)
      let squares = try apart.squared().sum(along: 2)
      let sum = try squares.min(along: 1).mean().item() + squares.min(along: 0).mean().item()
      #expect(abs(chamfer[pair] - sum) <= 1e-5 * sum, "\(pair)")
    }
  }

  @Test(
    "Clouds whose points are all at one place are as far apart as the places",
    arguments: [0, 1e-30, 1, 1e30, 3e38])
  func collapsed(place: Double) throws {
    let cloud = try Tensor.ones([1, 33, 3]) * place
    for (other, far) in [(cloud, 0), (try Tensor.zeros([1, 33, 3]), place * 3.0.squareRoot())] {
      let chamfer = try PairedDistances.chamfer(cloud, other)
      for (found, expected) in [
        (try PairedDistances.matched(cloud, other).distances.item(), far),
        (try PairedDistances.approximatelyMatched(cloud, other).distances.item(), far),
        (try chamfer.oneSided.item(), far), (try chamfer.distances.item(), 2 * far * far),
      ] {
        #expect(abs(found - expected) <= 1e-5 * expected)
      }
      var search = try EarthMoverSearch(cloud, other)
      #expect(abs(try search.nearestInRows()[0].distance - far) <= 1e-5 * far)
    }
  }
}
