import Adversarial
import Foundation
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// Boxes of random proportions, their points shuffled: shapes that vary along three directions.
private func boxes(_ count: Int, points: Int, using stream: inout RandomStream) throws -> Tensor {
  let base = try stream.uniform([points, 3]) * 2 - 1
  return try Tensor.stacked(
    (0..<count).map { _ in
      let stretch = try stream.uniform([3]) * 0.4 + 0.8
      return try (base * stretch).gathered(at: Tensor(stream.indices(points, outOf: points)))
    }
  ).converted(to: .float64)
}

@Suite("Codes of shapes")
struct ShapeCodecTests {
  @Test("The mean shape puts points into correspondence, whatever their order")
  func correspondence() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let clouds = try boxes(20, points: 30, using: &stream)
    let (mean, matched) = try MeanShape.found(in: clouds, passes: 4, using: &stream)
    #expect(mean.points.shape == [30, 3])
    // A point of the mean stands for one place of all boxes, so its coordinates vary by the proportions alone.
    let spread = try (matched - mean.points).squared().mean().item().squareRoot()
    #expect(spread < 0.1)
    // Every cloud is still the same set of points.
    #expect(try PairedDistances.matched(matched, clouds).distances.max().item() < 1e-9)
  }

  @Test("What varies along few directions comes back from few numbers", arguments: [3, 5, 40])
  func roundTrip(numbers: Int) throws {
    var stream = RandomStream(seed: 2, name: "test")
    let clouds = try boxes(20, points: 30, using: &stream)
    let (mean, matched) = try MeanShape.found(in: clouds, passes: 4, using: &stream)
    let codec = try ShapeCodec(matched, mean: mean, numbers: numbers)
    let codes = try codec.encode(matched.converted(to: .float32))
    #expect(codes.shape == [20, numbers])
    #expect(try abs(codes.squared().mean().item() - 1) < 1e-3)
    let error = try (codec.decode(codes) - matched.converted(to: .float32)).squared().mean().item()
      .squareRoot()
    #expect(error < (numbers == 40 ? 1e-4 : 0.05))
    // Codes of clouds of codes are the codes.
    #expect(try codec.encode(codec.decode(codes)).distance(to: codes) < 1e-3)
  }

  @Test("Codes of shapes of any size are the same", arguments: [0x1p-100, 0x1p-50, 0x1p50, 0x1p100])
  func anySize(factor: Double) throws {
    func codes(_ size: Double) throws -> (codes: Tensor, error: Double) {
      var stream = RandomStream(seed: 2, name: "test")
      let clouds = try boxes(20, points: 30, using: &stream) * size
      let (mean, matched) = try MeanShape.found(in: clouds, passes: 3, using: &stream)
      let codec = try ShapeCodec(matched, mean: mean, numbers: 5)
      let codes = try codec.encode(matched.converted(to: .float32))
      return (codes, try (codec.decode(codes).converted(to: .float64) / size).distance(to: matched / size))
    }
    let (plain, scaled) = (try codes(1), try codes(factor))
    // A direction may point either way.
    #expect(try scaled.codes.absolute().distance(to: plain.codes.absolute()) < 1e-3)
    #expect(abs(scaled.error - plain.error) < 1e-4)
  }

  @Test("A codec's buffers are all there is to it")
  func state() throws {
    var stream = RandomStream(seed: 3, name: "test")
    let clouds = try boxes(8, points: 12, using: &stream)
    let (mean, matched) = try MeanShape.found(in: clouds, passes: 2, using: &stream)
    let codec = try ShapeCodec(matched, mean: mean, numbers: 4)
    let other = try ShapeCodec(points: 12, numbers: 4)
    try other.load(Dictionary(uniqueKeysWithValues: codec.state.map { ($0.name, $0.tensor) }))
    let cloud = try matched.converted(to: .float32)
    #expect(try other.encode(cloud).isEqual(to: codec.encode(cloud)))
    #expect(codec.parameters.isEmpty)
  }

  @Test("Equal shapes do no harm")
  func degenerate() throws {
    var stream = RandomStream(seed: 4, name: "test")
    let cloud = try stream.normal([1, 10, 3]).converted(to: .float64)
    let (mean, matched) = try MeanShape.found(
      in: cloud.expanded(to: [3, 10, 3]), passes: 2, using: &stream)
    let codec = try ShapeCodec(matched, mean: mean, numbers: 5)
    let back = try codec.decode(codec.encode(matched.converted(to: .float32)))
    #expect(try back.distance(to: matched.converted(to: .float32)) < 1e-4)
  }

  @Test("A shape is reconstructed in the frame, whatever its size and place")
  func reconstruction() throws {
    var stream = RandomStream(seed: 5, name: "test")
    let clouds = try boxes(20, points: 60, using: &stream).framed(.box)
    let (mean, matched) = try MeanShape.found(in: clouds, passes: 3, using: &stream)
    let codec = try ShapeCodec(matched, mean: mean, numbers: 8)
    let reconstruction = Reconstruction(codec: codec, frame: PointFrame(.box), seed: 1)
    let moved = try (clouds.selected(3) * 7 + 2).converted(to: .float32)
    let result = try reconstruction(of: PointCloud(moved.array(of: Float.self)))
    #expect(result.made.count == 60)
    #expect(result.distance < 0.02)
    #expect(result.given.coordinates.allSatisfy { abs($0) <= 1.001 })
    let same = try reconstruction(of: PointCloud(moved.array(of: Float.self)))
    #expect(same.made == result.made)
  }
}

@Suite("Thickening")
struct ThickeningTests {
  @Test("Added points lie between near points, the first are the cloud's own", arguments: [30, 31, 500])
  func between(count: Int) throws {
    // Two far lines of points: nothing may come to lie between the lines.
    let places = try Tensor((0..<30).flatMap { [Float($0 % 15), $0 < 15 ? 0 : 100, 0] }, shape: [1, 30, 3])
    var stream = RandomStream(seed: 1, name: "test")
    let thick = try places.thickened(to: count, using: &stream)
    #expect(thick.shape == [1, count, 3])
    #expect(try thick.narrowed(along: 1, start: 0, count: 30).isEqual(to: places))
    let heights = Set(try thick.selected(1, along: 2).array(of: Float.self))
    #expect(heights.allSatisfy { $0 == 0 || $0 == 100 })
    #expect(try thick.isFinite().all().item() == 1)
  }

  @Test("Clouds of any size gain the same points", arguments: [0x1p-100, 0x1p-70, 0x1p70, 0x1p100])
  func anySize(factor: Double) throws {
    let cloud = try SmallPoints.normal([2, 30, 3])
    func thickened(_ factor: Double) throws -> Tensor {
      var stream = RandomStream(seed: 2, name: "test")
      return try (cloud * factor).thickened(to: 90, using: &stream) / factor
    }
    #expect(try thickened(factor).isEqual(to: thickened(1)))
  }

  @Test("A point alone is repeated")
  func single() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let thick = try Tensor.ones([2, 1, 3]).thickened(to: 3, using: &stream)
    #expect(try thick.isEqual(to: Tensor.ones([2, 3, 3])))
  }
}

@Suite("Shapes matched anew to what few numbers make of them")
struct SettledShapeTests {
  /// What the strongest directions leave of matched shapes `[M, N, 3]`, mean square.
  private func left(of matched: Tensor, numbers: Int) throws -> Double {
    let rows = try (matched - matched.mean(along: 0)).reshaped([matched.shape[0], -1])
    let directions = try PrincipalDirections.strongest(numbers, of: rows)
    return try (rows - rows.matmul(directions.transposed()).matmul(directions)).squared().mean().item()
  }

  @Test("Points that changed places find back, and fewer numbers are enough")
  func settles() throws {
    var stream = RandomStream(seed: 4, name: "shapes")
    let surface = try stream.uniform([1, 40, 3]).converted(to: .float64) - 0.5
    // Two numbers make a shape: its width and its height.
    let sides = try (stream.uniform([30, 1, 3]) + 0.5).converted(to: .float64) * Tensor([1.0, 1, 0])
    let exact = try surface * (sides + Tensor([0.0, 0, 1]))
    #expect(try left(of: exact, numbers: 2) < 1e-12)
    // In each shape two other points have changed places.
    let orders = (0..<30).flatMap { shape in
      (0..<40).map { point in
        point == shape ? shape + 1 : point == shape + 1 ? shape : point
      }
    }
    let mixed = try exact.gatheredElements(
      at: Tensor(orders).reshaped([30, 40, 1]).expanded(to: [30, 40, 3]), along: 1)
    let before = try left(of: mixed, numbers: 2)
    #expect(before > 1e-4)
    let (mean, settled) = try MeanShape.settled(mixed, numbers: 2)
    #expect(try left(of: settled, numbers: 2) < before / 20)
    #expect(try mean.points.distance(to: settled.mean(along: 0)) < 1e-9)
    // The points are the same ones.
    #expect(try settled.sum(along: 1).distance(to: mixed.sum(along: 1)) < 1e-9)
    // A shape that comes later finds the same order.
    let codec = try ShapeCodec(settled, mean: mean, numbers: 2)
    let later = try codec.rematched(mixed.converted(to: .float32))
    #expect(try (later - codec.decode(codec.encode(later))).squared().mean().item() < before / 20)
  }
}
