import Metrics
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The search for nearest clouds")
struct EarthMoverSearchTests {
  /// Clouds that differ in shape as well as in their points.
  private func clouds(_ count: Int, points: Int, spread: Double, seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "test")
    let sizes = try (stream.normal([count, 1, 3]) * spread).exp()
    let shifts = try stream.normal([count, 1, 3]) * (0.2 * spread)
    return try stream.normal([count, points, 3]) * sizes + shifts
  }

  private func allDistances(_ first: Tensor, _ second: Tensor, isApproximate: Bool = false) throws -> Tensor {
    let (rows, columns) = (first.shape[0], second.shape[0])
    let left = (0..<rows * columns).map { $0 / columns }
    let right = (0..<rows * columns).map { $0 % columns }
    let pairs = (try first.gathered(at: Tensor(left)), try second.gathered(at: Tensor(right)))
    let distances =
      try isApproximate
      ? PairedDistances.approximatelyMatched(pairs.0, pairs.1).distances
      : PairedDistances.matched(pairs.0, pairs.1).distances
    return try distances.reshaped([rows, columns])
  }

  /// The same clouds; distances to within rounding, as sums of a pair in either order differ by that.
  private func expectEqual(_ found: [Neighbour], _ expected: [Neighbour]) {
    #expect(found.map(\.index) == expected.map(\.index))
    #expect(
      zip(found, expected).allSatisfy {
        $0.distance == $1.distance || abs($0.distance - $1.distance) < 1e-9
      })
  }

  @Test(
    "It finds what solving all pairs finds, exactly or not",
    arguments: [(0.0, true), (0.1, true), (0.5, true), (0.5, false)], [false, true])
  func unpruned(of set: (spread: Double, isGivenOneSided: Bool), isApproximate: Bool) throws {
    let (spread, isGivenOneSided) = set
    let first = try clouds(14, points: 40, spread: spread, seed: 1)
    let second = try clouds(11, points: 40, spread: spread, seed: 2)
    let distances = try allDistances(first, second, isApproximate: isApproximate)
    let oneSided = isGivenOneSided ? try PairedDistances.chamfer(first, second).oneSided : nil
    var search = try EarthMoverSearch(first, second, oneSided: oneSided, isApproximate: isApproximate)
    try expectEqual(search.nearestInRows(), Neighbour.nearest(inRowsOf: distances))
    try expectEqual(search.nearestInColumns(), Neighbour.nearest(inRowsOf: distances.transposed()))
    let pairs = try search.pairs()
    #expect(pairs.count == 14 * 11 && (11..<14 * 11).contains(pairs.solved))

    #expect(isApproximate ? (0.0001..<0.011).contains(search.largestGap) : search.largestGap == 0)

    var within = try EarthMoverSearch(within: first, isApproximate: isApproximate)
    let own = try allDistances(first, first, isApproximate: isApproximate)
    try expectEqual(within.nearestInRows(), Neighbour.nearest(inRowsOf: own, within: true))
    // What was not solved is right by and large, and nothing is its own neighbour.
    #expect(try (search.estimates() / distances - 1).absolute().mean().item() < 0.2)
    let estimates = try within.estimates()
    #expect(try estimates.converted(to: .float64).max().item() == .infinity)
    let ownPairs = try within.pairs()
    #expect(ownPairs.count == 14 * 13 / 2 && (7...14 * 13 / 2).contains(ownPairs.solved))
  }

  @Test(
    "Of some pairs it finds what solving these finds, and forgets nothing of the others",
    arguments: [false, true])
  func amongSome(isApproximate: Bool) throws {
    let first = try clouds(12, points: 30, spread: 0.3, seed: 7)
    let second = try clouds(9, points: 30, spread: 0.3, seed: 8)
    let pairs = try Tensor((0..<12).map { $0 % 3 }).expandingDimension(at: 1)
      .equals(Tensor((0..<9).map { $0 % 4 }))
    let distances = try allDistances(first, second, isApproximate: isApproximate)
    let open = try distances.filled(where: pairs.negated(), with: .infinity)
    var search = try EarthMoverSearch(first, second, isApproximate: isApproximate)
    let before = try search.nearestInRows()
    try expectEqual(search.nearestInRows(among: pairs), Neighbour.nearest(inRowsOf: open))
    try expectEqual(search.nearestInColumns(among: pairs), Neighbour.nearest(inRowsOf: open.transposed()))
    try expectEqual(search.nearestInRows(), before)
    // Columns of the last label have no pair.
    #expect(try search.nearestInColumns(among: pairs)[3] == Neighbour(index: nil, distance: .infinity))

    let own = try Tensor((0..<12).map { $0 % 2 })
    let alike = try own.expandingDimension(at: 1).equals(own)
    var within = try EarthMoverSearch(within: first, isApproximate: isApproximate)
    let all = try allDistances(first, first, isApproximate: isApproximate)
      .filled(where: alike.negated(), with: .infinity)
    try expectEqual(
      within.nearestInRows(among: alike), Neighbour.nearest(inRowsOf: all, within: true))
  }

  @Test("Most pairs of unlike shapes are not solved")
  func pruned() throws {
    let shapes = try clouds(40, points: 30, spread: 1, seed: 3)
    var search = try EarthMoverSearch(within: shapes)
    _ = try search.nearestInRows()
    let (count, solved) = try search.pairs()
    #expect(count == 780 && solved < 156)
  }

  @Test("Bounds are no more than distances, and no less than those of the centroids")
  func bounds() throws {
    let first = try clouds(9, points: 25, spread: 0.4, seed: 4)
    let second = try clouds(8, points: 25, spread: 0.4, seed: 5)
    let oneSided = try PairedDistances.chamfer(first, second).oneSided
    let bounds = try EarthMoverSearch.lowerBounds(first, second, oneSided: oneSided)
    let distances = try allDistances(first, second)
    #expect(try (distances - bounds).min().item() >= 0)
    let centroids = try first.mean(along: 1).expandingDimension(at: 1) - second.mean(along: 1)
    let apart = try centroids.squared().sum(along: 2).squareRoot()
    #expect(try (bounds - apart).min().item() > -1e-4)
  }

  @Test("A lone cloud has no neighbour in its set; equal clouds are at distance 0", arguments: [false, true])
  func degenerate(isApproximate: Bool) throws {
    let cloud = try clouds(1, points: 20, spread: 0, seed: 6)
    var alone = try EarthMoverSearch(within: cloud, isApproximate: isApproximate)
    #expect(try alone.nearestInRows() == [Neighbour(index: nil, distance: .infinity)])
    let equal = try cloud.expanded(to: [3, 20, 3])
    var search = try EarthMoverSearch(within: equal, isApproximate: isApproximate)
    #expect(try search.nearestInRows().map(\.distance) == [0, 0, 0])
    #expect(search.largestGap == 0)
  }
}
