import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Exact matchings of clouds, and Chamfer distances")
struct MatchingTests {
  @Test("A matching costs what the best of all orders costs", arguments: 1...7)
  func bruteForce(points: Int) throws {
    var stream = RandomStream(seed: UInt64(points), name: "test")
    let (first, second) = (try stream.normal([4, points, 3]), try stream.normal([4, points, 3]))
    let (costs, matches) = try PairedDistances.matched(first, second)
    for pair in 0..<4 {
      let distances = try distances(first.selected(pair), second.selected(pair))
      let best = orders(points).map { cost(distances, $0, points) }.min() ?? 0
      #expect(abs(try costs.selected(pair).item() - best) < 1e-6)
      let order = try matches.selected(pair).array(of: Int.self)
      #expect(order.sorted() == Array(0..<points))
      #expect(abs(cost(distances, order, points) - best) < 1e-6)
    }
  }

  @Test("Duals certify a matching", arguments: [16, 17, 64, 100, 512])
  func certificate(points: Int) throws {
    var stream = RandomStream(seed: UInt64(points), name: "test")
    let first = try stream.normal([1, points, 3])
    // Another shape, so that matches are far and many points compete.
    let second = try stream.normal([1, points, 3]) * Tensor([0.1, 2, 1] as [Float]) + 1
    let (costs, matches) = try PairedDistances.matched(first, second)
    let distances = try Tensor(distances(first.selected(0), second.selected(0)), shape: [points, points])
    // In the order of the matches, the matched distances are the diagonal.
    let ordered = try distances.gathered(at: matches.selected(0), along: 1)
    let identity = try Tensor.identity(points, dtype: .float64)
    let own = try (ordered * identity).sum(along: 1, keepingDimensions: true)
    // Lengths of shortest ways by exchanges of matches: they settle only if no exchange, however long, saves anything.
    var lengths = try Tensor.zeros([points], dtype: .float64)
    for _ in 0..<points {
      let next = try ((ordered - own) + lengths.expandingDimension(at: 1)).min(along: 0)
      if try next.distance(to: lengths) < 1e-9 { break }
      lengths = next
    }
    let rows = try own.squeezingDimension(at: 1) - lengths
    let slack = try ordered - rows.expandingDimension(at: 1) - lengths
    #expect(try slack.min().item() > -1e-5)
    #expect(abs(try (rows + lengths).mean().item() - costs.item()) < 1e-6)
  }

  @Test("Clouds of the same points in another order are at distance 0; ties and single places do no harm")
  func permuted() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let cloud = try stream.normal([1, 40, 3])
    let order = stream.indices(40, outOf: 40)
    let (costs, matches) = try PairedDistances.matched(cloud, cloud.gathered(at: Tensor(order), along: 1))
    #expect(try costs.item() == 0)
    #expect(try matches.array(of: Int.self).map { order[$0] } == Array(0..<40))
    // A grid has many equal distances.
    let grid = try stream.normal([3, 60, 3]).rounded()
    #expect(try PairedDistances.matched(grid, grid).distances.max().item() == 0)
    let place = try Tensor.ones([1, 20, 3])
    #expect(try PairedDistances.matched(place, place).distances.item() == 0)
    #expect(abs(try PairedDistances.matched(place, place * 2).distances.item() - 3.0.squareRoot()) < 1e-6)
  }

  @Test("Distances scale with the clouds", arguments: [1e-6, 1e6])
  func scales(factor: Double) throws {
    var stream = RandomStream(seed: 2, name: "test")
    let (first, second) = (try stream.normal([2, 30, 3]), try stream.normal([2, 30, 3]))
    let plain = try PairedDistances.matched(first, second).distances
    let scaled = try PairedDistances.matched(first * factor, second * factor).distances / factor
    #expect(try scaled.distance(to: plain) < 1e-5)
  }

  @Test("Chamfer distances by definition, of clouds of unequal sizes", arguments: [(1, 1), (5, 33), (48, 7)])
  func chamfer(sizes: (Int, Int)) throws {
    var stream = RandomStream(seed: 3, name: "test")
    let (first, second) = (try stream.normal([3, sizes.0, 3]), try stream.normal([4, sizes.1, 3]))
    let chamfer = try PairedDistances.chamfer(first, second)
    for row in 0..<3 {
      for column in 0..<4 {
        let table = try Tensor(
          distances(first.selected(row), second.selected(column)), shape: [sizes.0, sizes.1])
        let (forth, back) = (try table.min(along: 1), try table.min(along: 0))
        let expected = try forth.squared().mean().item() + back.squared().mean().item()
        #expect(abs(try chamfer.distances.selected(row).selected(column).item() - expected) < 1e-5)
        let oneSided = max(try forth.mean().item(), try back.mean().item())
        #expect(abs(try chamfer.oneSided.selected(row).selected(column).item() - oneSided) < 1e-5)
      }
    }
  }

  @Test("Chamfer distances within one set are those of the set to itself", arguments: [1, 2, 5, 8])
  func chamferWithin(count: Int) throws {
    var stream = RandomStream(seed: 4, name: "test")
    let clouds = try stream.normal([count, 21, 3])
    let within = try PairedDistances.chamfer(within: clouds)
    let between = try PairedDistances.chamfer(clouds, clouds)
    #expect(try within.distances.isEqual(to: between.distances))
    #expect(try within.oneSided.isEqual(to: between.oneSided))
  }

  @Test("What is no pair of clouds is refused")
  func malformed() throws {
    let cloud = try Tensor.zeros([1, 4, 3])
    #expect(throws: TorchError.self) { try PairedDistances.matched(cloud, Tensor.zeros([1, 5, 3])) }
    #expect(throws: TorchError.self) { try PairedDistances.matched(cloud, Tensor.zeros([2, 4, 3])) }
    #expect(throws: TorchError.self) { try PairedDistances.matched(cloud, cloud + Double.infinity) }
    #expect(throws: TorchError.self) { try PairedDistances.chamfer(cloud, Tensor.zeros([1, 4, 2])) }
    #expect(throws: TorchError.self) { try PairedDistances.chamfer(cloud, Tensor.zeros([1, 0, 3])) }
  }

  private func distances(_ first: Tensor, _ second: Tensor) throws -> [Double] {
    let first = try first.converted(to: .float64).expandingDimension(at: 1)
    return try (first - second.converted(to: .float64)).squared().sum(along: 2).squareRoot().array()
  }

  private func cost(_ distances: [Double], _ order: [Int], _ points: Int) -> Double {
    order.enumerated().reduce(0) { $0 + distances[$1.offset * points + $1.element] } / Double(points)
  }

  private func orders(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return orders(count - 1).flatMap { shorter in
      (0...shorter.count).map { place in
        var order = shorter
        order.insert(count - 1, at: place)
        return order
      }
    }
  }
}
