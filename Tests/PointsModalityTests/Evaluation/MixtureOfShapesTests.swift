import Adversarial
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("The mixture of shapes")
struct MixtureOfShapesTests {
  /// A fixed cloud, stretched differently each time, its points shuffled.
  private func clouds(_ count: Int, points: Int, using stream: inout RandomStream) throws -> Tensor {
    let base = try stream.uniform([points, 3]) * 2 - 1
    return try Tensor.stacked(
      (0..<count).map { _ in
        let stretch = try stream.uniform([3]) * 0.3 + 0.85
        return try (base * stretch).gathered(at: Tensor(stream.indices(points, outOf: points)))
      })
  }

  @Test("Draws are stretched as the clouds were, each by matching points", arguments: [(40, 30), (150, 20)])
  func draws(count: Int, points: Int) throws {
    var stream = RandomStream(seed: 1, name: "test")
    let clouds = try clouds(count, points: points, using: &stream)
    let model = try MixtureOfShapes(clouds, numbers: 5, gaussians: 2, using: &stream)
    let products = try model.components.matmul(model.components.transposed())
    let kept = products.shape[0]
    #expect((3...5).contains(kept))
    #expect(try products.distance(to: Tensor.identity(kept, dtype: .float64)) < 1e-6)
    let drawn = try model.clouds(50, using: &stream)
    #expect(drawn.shape == [50, points, 3] && drawn.dtype == .float32)
    // Distances to the nearest given cloud are far below those among them.
    let near = try PairedDistances.chamfer(drawn, clouds).distances.min(along: 1).mean().item()
    let apart = try PairedDistances.chamfer(clouds, clouds).distances.mean().item()
    #expect(near < 0.3 * apart)
  }

  @Test("Equal streams give equal clouds")
  func determinism() throws {
    func draw() throws -> Tensor {
      var stream = RandomStream(seed: 2, name: "test")
      let clouds = try clouds(12, points: 16, using: &stream)
      return try MixtureOfShapes(clouds, using: &stream).clouds(3, using: &stream)
    }
    #expect(try draw().isEqual(to: draw()))
  }

  @Test("Clouds of any size have the same mixture", arguments: [0x1p-100, 0x1p-50, 0x1p50, 0x1p100])
  func anySize(factor: Double) throws {
    func draw(_ size: Double) throws -> Tensor {
      var stream = RandomStream(seed: 2, name: "test")
      let clouds = try clouds(12, points: 16, using: &stream) * size
      return try MixtureOfShapes(clouds, gaussians: 2, using: &stream).clouds(200, using: &stream) / size
    }
    let (plain, scaled) = (try draw(1), try draw(factor))
    #expect(try scaled.mean(along: 0).distance(to: plain.mean(along: 0)) < 0.05)
    #expect(try scaled.variance(along: 0).distance(to: plain.variance(along: 0)) < 0.02)
  }

  @Test("Two clouds suffice, and equal ones do no harm")
  func degenerate() throws {
    var stream = RandomStream(seed: 3, name: "test")
    let cloud = try stream.normal([1, 10, 3])
    let model = try MixtureOfShapes(cloud.expanded(to: [2, 10, 3]), using: &stream)
    #expect(try model.clouds(2, using: &stream).distance(to: model.mean.expanded(to: [2, 10, 3])) < 1e-3)
  }
}
