import TestSupport
import Testing
import Torch

@testable import Metrics

@Suite("Clusters and bins that differ")
struct BinOccupancyTests {
  private var stream = RandomStream(seed: 4, name: "test")

  /// Tight clouds about the corners of a square, in turn.
  private mutating func corners(_ count: Int, among corners: Int = 4) throws -> Tensor {
    let places = [[0, 0], [10, 0], [0, 10], [10, 10]] as [[Float]]
    let centres = try Tensor((0..<count).flatMap { places[$0 % corners] }, shape: [count, 2])
    return try stream.normal([count, 2]) * 0.1 + centres
  }

  @Test("Clusters lie on the clouds, the same for the same seed")
  mutating func clusters() throws {
    let features = try corners(200)
    var (first, second) = (RandomStream(seed: 1, name: "seeds"), RandomStream(seed: 1, name: "seeds"))
    let clusters = try KMeans(features, count: 4, using: &first)
    let places = try clusters.assignments(of: features)
    #expect(Set(places).count == 4)
    #expect(places.indices.allSatisfy { places[$0] == places[$0 % 4] })
    #expect(try clusters.centres.isEqual(to: KMeans(features, count: 4, using: &second).centres))
  }

  @Test("More clusters than different samples stay finite")
  func duplicates() throws {
    var generator = RandomStream(seed: 1, name: "seeds")
    let clusters = try KMeans(Tensor.ones([5, 2]), count: 3, using: &generator)
    #expect(try clusters.centres.distance(to: Tensor.ones([3, 2])) == 0)
  }

  @Test("The two-proportion test")
  func proportions() {
    // Pooled share 0.5: 0.2 / sqrt(0.25 * 0.02)
    #expect(abs(BinOccupancy.z(60, of: 100, 40, of: 100) - 8.0.squareRoot()) < 1e-12)
    #expect(BinOccupancy.z(0, of: 10, 0, of: 20) == 0)
    #expect(BinOccupancy.z(10, of: 10, 20, of: 20) == 0)
  }

  @Test("Equal shares differ nowhere; one corner of four left out differs everywhere")
  mutating func shares() throws {
    let reference = try corners(400)
    var generator = RandomStream(seed: 1, name: "seeds")
    let bins = try BinOccupancy(reference: reference, bins: 4, using: &generator)
    #expect(bins.binCount == 4)
    #expect(try bins.measure(corners(200)).value == 0)
    #expect(try bins.measure(corners(300, among: 3)).value == 1)
  }

  @Test("Draws of the same distribution differ in about one bin of twenty")
  mutating func level() throws {
    let bins = try BinOccupancy(reference: stream.normal([2_000, 3]), using: &stream)
    let shares = try (0..<10).map { _ in try bins.measure(stream.normal([1_000, 3])).value }
    #expect((0.02...0.09).contains(shares.reduce(0, +) / 10))
  }

  @Test(
    "The error is the deviation between draws, of the same distribution and of another", arguments: [1, 1.4])
  mutating func error(scale: Double) throws {
    let bins = try BinOccupancy(reference: stream.normal([1_000, 3]), bins: 25, using: &stream)
    let ratio = try errorRatio(draws: 60) { try bins.measure($0.normal([200, 3]) * scale) }
    #expect((0.75...1.35).contains(ratio))
  }
}
