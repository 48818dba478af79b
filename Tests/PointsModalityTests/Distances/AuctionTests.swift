import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Approximate matchings of clouds")
struct AuctionTests {
  /// Matches by auction, and expects one-to-one matchings that cost what they are said to, with the exact distances between
  /// the bounds.
  private func matched(_ first: Tensor, _ second: Tensor) throws -> PairedDistances.Approximation {
    let approximation = try PairedDistances.approximatelyMatched(first, second)
    let exact = try PairedDistances.matched(first, second).distances
    // Exact matchings are the best to within single precision.
    let rounding = try second.absolute().max().item() * 1e-6
    #expect(try (approximation.distances - exact).min().item() >= -rounding)
    #expect(try (exact - approximation.lowerBounds).min().item() >= -rounding)
    #expect(try (approximation.distances - approximation.lowerBounds).min().item() >= 0)
    for pair in 0..<first.shape[0] {
      let order = try approximation.matches.selected(pair)
      #expect(try order.array(of: Int.self).sorted() == Array(0..<first.shape[1]))
      let apart = try first.selected(pair) - second.selected(pair).gathered(at: order)
      let cost = try apart.converted(to: .float64).squared().sum(along: 1).squareRoot().mean().item()
      #expect(abs(try approximation.distances.selected(pair).item() - cost) <= rounding)
    }
    return approximation
  }

  private func largestGap(_ approximation: PairedDistances.Approximation) throws -> Double {
    try (approximation.distances / approximation.lowerBounds - 1).max().item()
  }

  @Test("Exact distances lie between the bounds", arguments: [1, 2, 3, 15, 16, 17, 100, 257, 300])
  func bounds(points: Int) throws {
    var stream = RandomStream(seed: UInt64(points), name: "test")
    let (first, second) = (try stream.normal([3, points, 3]), try stream.normal([3, points, 3]))
    #expect(try largestGap(matched(first, second)) < 0.05)
    // Another shape, so that matches are far and many points compete.
    #expect(try largestGap(matched(first, second * Tensor([0.1, 2, 1] as [Float]) + 1)) < 0.05)
  }

  @Test("The bounds are near each other")
  func gap() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let (first, second) = (try stream.normal([3, 600, 3]), try stream.normal([3, 600, 3]))
    #expect(try largestGap(matched(first, second)) < 0.011)
  }

  @Test("Points that stand many times, collapsed clouds and equal ones do no harm")
  func degenerate() throws {
    var stream = RandomStream(seed: 2, name: "test")
    let grid = try stream.normal([2, 90, 3]).rounded()
    let other = try stream.normal([2, 90, 3]).rounded()
    #expect(try largestGap(matched(grid, other)) < 0.05)
    // Two places each, of which one has more points than its counterpart has.
    let uneven = try Tensor.concatenated([Tensor.zeros([1, 60, 3]), Tensor.ones([1, 30, 3])], along: 1)
    #expect(try largestGap(matched(uneven, uneven.flipped(along: 1) * 2)) < 0.05)
    #expect(try largestGap(matched(uneven, 1 - uneven)) < 0.05)
    let place = try Tensor.ones([2, 90, 3])
    #expect(try largestGap(matched(grid, place)) < 0.05)
    #expect(try largestGap(matched(place, place * 2)) < 0.05)
    for cloud in [place, grid] { #expect(try matched(cloud, cloud).distances.max().item() == 0) }
  }

  @Test("Distances scale with the clouds, whatever their size", arguments: [1e-30, 1e-6, 1e6, 1e30])
  func scales(factor: Double) throws {
    var stream = RandomStream(seed: 3, name: "test")
    let (first, second) = (try stream.normal([2, 30, 3]), try stream.normal([2, 30, 3]))
    let plain = try PairedDistances.approximatelyMatched(first, second)
    let scaled = try PairedDistances.approximatelyMatched(first * factor, second * factor)
    #expect(try (scaled.distances / factor).distance(to: plain.distances) < 0.02)
    #expect(try largestGap(scaled) < 0.05)
  }

  @Test("Both orders of a pair give the same, and so does another time")
  func determinism() throws {
    var stream = RandomStream(seed: 4, name: "test")
    let (first, second) = (try stream.normal([4, 70, 3]), try stream.normal([4, 70, 3]))
    let forth = try matched(first, second)
    let back = try matched(second, first)
    let again = try matched(first, second)
    #expect(try forth.matches.isEqual(to: again.matches))
    for other in [back, again] {
      #expect(try forth.distances.isEqual(to: other.distances))
      #expect(try forth.lowerBounds.isEqual(to: other.lowerBounds))
    }
  }

  @Test("What is no pair of clouds is refused")
  func malformed() throws {
    let cloud = try Tensor.zeros([1, 4, 3])
    let sizes = [try Tensor.zeros([1, 5, 3]), try Tensor.zeros([2, 4, 3])]
    let bad = sizes + [try cloud / 0.0, try cloud + Double.infinity]
    for other in bad {
      #expect(throws: TorchError.self) { try PairedDistances.approximatelyMatched(cloud, other) }
    }
  }
}
