import Metrics
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The grid of the divergence of occupancy")
struct OccupancyGridTests {
  @Test("It has the cells of the published one")
  func cells() throws {
    #expect(try OccupancyGrid().cellCount == 10_144)
  }

  @Test("Each point counts once, for the cell whose centre is nearest")
  func nearest() throws {
    let grid = try OccupancyGrid()
    var stream = RandomStream(seed: 1, name: "test")
    // Many of these lie outside the ball.
    let clouds = try stream.uniform([3, 50, 3]) * 2 - 1
    let counts = try grid.counts(of: clouds, scale: 0.5)
    #expect(try counts.sum(along: 1).array(of: Float.self) == [50, 50, 50])
    // The same by looking at every centre in the ball, in the order of the grid.
    let steps = (0..<28).map { Double($0) / 27 - 0.5 }
    var centres: [Double] = []
    for x in steps {
      for y in steps { for z in steps where x * x + y * y + z * z <= 0.25 { centres += [x, y, z] } }
    }
    let places = try NearestNeighbours.nearest(
      to: clouds.reshaped([150, 3]) * 0.5, in: Tensor(centres, shape: [centres.count / 3, 3]))
    let expected = try Tensor(places).oneHot(count: 10_144).reshaped([3, 50, 10_144]).sum(along: 1)
    #expect(try counts.distance(to: expected) == 0)
  }

  @Test(
    "Far points count for the cell of the shell in their direction", arguments: [1e6, 1e12, 1e20, 1e30, 1e36])
  func far(factor: Double) throws {
    let grid = try OccupancyGrid()
    var stream = RandomStream(seed: 3, name: "test")
    let clouds = try stream.normal([2, 50, 3])
    let found = try grid.counts(of: clouds * factor, scale: 0.5)
    #expect(try found.distance(to: grid.counts(of: clouds * 1e4, scale: 0.5)) == 0)
  }

  @Test("The divergence is 0 for equal clouds, 1 for clouds in different cells, also beyond the ball")
  func extremes() throws {
    let grid = try OccupancyGrid()
    var stream = RandomStream(seed: 2, name: "test")
    let left = try stream.uniform([4, 30, 3]) * 0.4 - 0.9
    func divergence(_ first: Tensor, _ second: Tensor) throws -> Double {
      try CountDivergence.measure(
        grid.counts(of: first, scale: 0.5), against: grid.counts(of: second, scale: 0.5), using: &stream
      ).value
    }
    #expect(try divergence(left, left) == 0)
    #expect(abs(try divergence(left, -left) - 1) < 1e-12)
    #expect(abs(try divergence(left * 100, left * -100) - 1) < 1e-12)
  }
}
