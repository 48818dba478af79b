import Metrics
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The nearest clouds by Chamfer distance, without measuring every pair")
struct NearestChamferTests {
  /// Clouds of several balls each, in places that differ from cloud to cloud.
  private func clouds(_ count: Int, points: Int, seed: UInt64, scale: Double = 1) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "test")
    let centres = try stream.uniform([count, 4, 3]).gathered(
      at: Tensor((0..<points).map { $0 % 4 }), along: 1)
    return try ((centres + stream.normal([count, points, 3]) * 0.05) * scale).converted(to: .float32)
  }

  /// Compares with what all distances tell, to the bit.
  private func expectBruteForce(
    _ clouds: Tensor, among others: Tensor, except excluded: [Int]? = nil, limits: Tensor? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var distances = try PairedDistances.chamfer(clouds, others).distances
    if let excluded {
      let columns = try Tensor(Array(0..<others.shape[0]))
      let isLeftOut = try Tensor(excluded).expandingDimension(at: 1).equals(columns)
      distances = try distances.filled(where: isLeftOut, with: .infinity)
    }
    let found = try PairedDistances.nearestByChamfer(clouds, among: others, except: excluded, limits: limits)
    #expect(
      try found.neighbours == Neighbour.nearest(inRowsOf: distances), sourceLocation: sourceLocation)
    let areWithin = try (distances - (limits ?? Tensor.full([others.shape[0]], value: -1, dtype: .float64)))
      .min(along: 1).array(of: Double.self).map { $0 <= 0 }
    #expect(found.areWithin == areWithin, sourceLocation: sourceLocation)
  }

  @Test(
    "It finds what all distances tell, of clouds of any numbers of points",
    arguments: [(1, 1), (5, 33), (48, 7), (40, 40), (300, 270)])
  func bruteForce(points: (Int, Int)) throws {
    try expectBruteForce(
      clouds(25, points: points.0, seed: 1), among: clouds(60, points: points.1, seed: 2))
  }

  @Test(
    "All distances of many pairs, found by blocks, are to the bit those of each pair, found point by point",
    arguments: [(256, 300), (300, 270), (512, 1030), (200, 40)])
  func blocks(points: (Int, Int)) throws {
    // Also far apart, flat, on a grid where many are equally near, and all in one place.
    func set(_ points: Int, seed: UInt64) throws -> Tensor {
      let some = try clouds(3, points: points, seed: seed)
      let flat = try some * Tensor([1, 0, 2] as [Float])
      let grid = try (some * 4).floor()
      return try Tensor.concatenated([some, some + 100, flat, grid, some * 0, some * 1e-4])
        .converted(to: .float32)
    }
    let (first, second) = (try set(points.0, seed: 5), try set(points.1, seed: 6))
    let found = try PairedDistances.chamfer(first, second)
    let within = try PairedDistances.chamfer(within: first)
    for (sets, found) in [((first, second), found), ((first, first), within)] {
      for row in 0..<first.shape[0] {
        let cloud = try sets.0.narrowed(along: 0, start: row, count: 1)
        for column in 0..<second.shape[0] {
          let alone = try PairedDistances.chamfer(cloud, sets.1.narrowed(along: 0, start: column, count: 1))
          #expect(try alone.distances.item() == found.distances.selected(row).selected(column).item())
          #expect(try alone.oneSided.item() == found.oneSided.selected(row).selected(column).item())
        }
      }
    }
  }

  @Test("Those left out are no neighbours, and limits hold for each cloud by itself")
  func limits() throws {
    let training = try clouds(50, points: 64, seed: 1)
    var stream = RandomStream(seed: 3, name: "test")
    let indices = stream.indices(20, outOf: 50)
    let own = try training.gathered(at: Tensor(indices))
    let copies = try own + stream.normal(own.shape) * 0.02
    // Limits that some of these meet, others not, and that few of the nearest ones do.
    let limits = try stream.uniform([50]).converted(to: .float64) * 0.004
    try expectBruteForce(copies, among: training, limits: limits)
    try expectBruteForce(copies, among: training, except: indices, limits: limits * 10)
    try expectBruteForce(own, among: training, except: indices, limits: limits * 100)
    let found = try PairedDistances.nearestByChamfer(copies, among: training, limits: limits)
    let within = found.areWithin.count { $0 }
    #expect(0 < within && within < 20, "\(within) of 20")
  }

  @Test("Of equals the first is found; a lone cloud that is left out leaves none")
  func degenerate() throws {
    let training = try clouds(6, points: 20, seed: 1)
    let twice = try Tensor.concatenated([training, training])
    try expectBruteForce(training, among: twice)
    #expect(
      try PairedDistances.nearestByChamfer(training, among: twice).neighbours
        == (0..<6).map { Neighbour(index: $0, distance: 0) })
    let lone = try training.narrowed(along: 0, start: 0, count: 1)
    #expect(
      try PairedDistances.nearestByChamfer(lone, among: lone, except: [0]).neighbours
        == [Neighbour(index: nil, distance: .infinity)])
    let places = try Tensor.zeros([3, 40, 3])
    try expectBruteForce(places + 1, among: places)
  }

  @Test("Clouds may be of any size", arguments: [1e-25, 1e-12, 1e12, 1e25])
  func magnitudes(scale: Double) throws {
    try expectBruteForce(
      clouds(8, points: 40, seed: 1, scale: scale), among: clouds(20, points: 40, seed: 2, scale: scale))
  }

  @Test("Coordinates that are not finite are refused")
  func malformed() throws {
    let cloud = try clouds(2, points: 20, seed: 1)
    #expect(throws: TorchError.self) {
      try PairedDistances.nearestByChamfer(cloud / 0.0, among: cloud)
    }
    #expect(throws: TorchError.self) {
      try PairedDistances.nearestByChamfer(cloud, among: cloud, except: [0])
    }
  }
}
