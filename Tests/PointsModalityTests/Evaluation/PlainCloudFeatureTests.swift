import Testing
import Torch

@testable import PointsModality

@Suite("Plain features of clouds")
struct PlainCloudFeatureTests {
  private func features(_ clouds: Tensor) throws -> [[Double]] {
    try PlainCloudFeatures.features(of: clouds).unbound().map { try $0.array(of: Double.self) }
  }

  @Test("A flat grid has its spacing, its extents, and no third direction")
  func grid() throws {
    var points: [Float] = []
    for index in 0..<400 { points += [Float(index % 20) / 10, Float(index / 20) / 10, 0] }
    let found = try features(Tensor(points, shape: [1, 400, 3]))[0]
    #expect(found.count == 37)
    func isNear(_ range: Range<Int>, _ expected: [Double]) -> Bool {
      zip(found[range], expected).allSatisfy { abs($0 - $1) < 1e-5 }
    }
    // Extents, centre; the deviation of 20 equal steps of 0.1; the least of the principal ones is none.
    #expect(isNear(0..<6, [1.9, 1.9, 0, 0.95, 0.95, 0]))
    #expect(isNear(6..<9, [0.576_628, 0.576_628, 0]) && isNear(9..<12, [0, 0.576_628, 0.576_628]))
    #expect(isNear(12..<17, [0.1, 0, 0.1, 0.1, 0.1]))
    // Its own mirror image in every plane.
    #expect(isNear(22..<28, [0, 0, 0, 0, 0, 0]))
    #expect(isNear(28..<33, [0, 0, 0, 0, 0]))
    #expect(abs(found[33] + found[35] - 1) < 1e-9)
  }

  @Test("The order of points does not matter, and many are thinned")
  func order() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let clouds = try stream.normal([3, 60, 3])
    let shuffled = try clouds.gathered(at: Tensor(stream.indices(60, outOf: 60)), along: 1)
    for (left, right) in zip(try features(clouds), try features(shuffled)) {
      #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    #expect(try PlainCloudFeatures.thinned(stream.normal([2, 2048, 3])).shape == [2, 512, 3])
    #expect(try features(stream.normal([2, 4, 3])).allSatisfy { $0.allSatisfy(\.isFinite) })
  }
}
