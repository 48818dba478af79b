import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// A codec of random shapes in boxes of different proportions, and the shapes: points that vary by stretches, and by how far
/// they bend.
private func bentShapes(_ count: Int, points: Int = 40, bend: Double = 0.3, size: Double = 1) throws -> (
  codec: ShapeCodec, clouds: Tensor
) {
  var stream = RandomStream(seed: 6, name: "test")
  let base = try stream.uniform([points, 3]) * 2 - 1
  let clouds = try Tensor.stacked(
    (0..<count).map { _ in
      let stretched = try base * (stream.uniform([3]) * 0.4 + 0.8)
      let height = try base.narrowed(along: 1, start: 2, count: 1)
      let along = try Tensor([Float(0), 1, 0], shape: [1, 3])
      return try (stretched + height.squared() * along * (stream.uniform([1]) * bend)) * size
    })
  let mean = MeanShape(points: try clouds.mean(along: 0).converted(to: .float64))
  return (try ShapeCodec(clouds.converted(to: .float64), mean: mean, numbers: 20), clouds)
}

@Suite("Deformations")
struct DeformationTests {
  @Test("No polynomial leaves a cloud as it is")
  func identity() throws {
    let (codec, clouds) = try bentShapes(3)
    let framed = try clouds.framed(.box)
    let deformed = try Deformation(codec: codec, rule: .box)(
      framed, by: Tensor.zeros([3, 1, Deformation.count]))
    #expect(try deformed.distance(to: framed) < 1e-5)
  }

  @Test("Each term moves points along each axis as the polynomial says")
  func terms() throws {
    let (codec, clouds) = try bentShapes(2)
    let deformation = Deformation(codec: codec, rule: .none)
    let (low, high) = try codec.bounds
    let half = try (high - low).max().item() / 2
    let middle = try ((low + high) / 2).array(of: Float.self)
    let points = try clouds.array(of: Float.self)
    for term in 0..<Deformation.terms {
      var row = [Float](repeating: 0, count: Deformation.count)
      row[3 * term + term % 3] = 0.5
      let deformed = try deformation(
        clouds, by: Tensor(row, shape: [1, 1, Deformation.count]).expanded(to: [2, 1, Deformation.count])
      ).array(of: Float.self)
      for point in stride(from: 0, to: points.count, by: 3) {
        let p = (0..<3).map { (points[point + $0] - middle[$0]) / Float(half) }
        let values = [
          1, p[0], p[1], p[2], p[0] * p[0], p[1] * p[1], p[2] * p[2], p[0] * p[1], p[0] * p[2],
          p[1] * p[2],
        ]
        for axis in 0..<3 {
          let expected = points[point + axis] + (axis == term % 3 ? 0.5 * values[term] : 0)
          #expect(abs(deformed[point + axis] - expected) < 1e-4)
        }
      }
    }
  }

  @Test("Sums with random weights are as large as one polynomial")
  func sums() throws {
    let polynomials = try SmallPoints.normal([500, 8, Deformation.count])
    let shares = try DeformationLaw.bending.shares(of: SmallPoints.normal([500, 8], seed: 2))
    let sums = try Deformation.sums(of: polynomials, weighted: shares.expandingDimension(at: 1))
    #expect(sums.shape == [500, 1, Deformation.count])
    #expect(try abs(sums.squared().mean().item() - 1) < 0.1)
    let one = try Deformation.sums(
      of: polynomials.narrowed(along: 1, start: 0, count: 1), weighted: Tensor.ones([500, 1, 1]))
    #expect(try one.selected(0, along: 1).distance(to: polynomials.selected(0, along: 1)) < 1e-6)
  }

  @Test(
    "Several deformations of a cloud are those of each, and keep its box",
    arguments: [PointNormalisation.box, .sphere])
  func several(rule: PointNormalisation) throws {
    let (codec, clouds) = try bentShapes(3)
    let deformation = Deformation(codec: codec, rule: rule)
    let polynomials = try SmallPoints.normal([3, 4, Deformation.count]) * 0.2
    let all = try deformation(clouds, by: polynomials)
    for number in 0..<4 {
      let one = try deformation(clouds, by: polynomials.narrowed(along: 1, start: number, count: 1))
      let rows = try Tensor((0..<3).map { $0 * 4 + number })
      #expect(try all.gathered(at: rows).distance(to: one) < 1e-5)
      #expect(try one.distance(to: clouds) > 0.01)
    }
    // Half of a cloud fills less than its frame, and goes on filling as much.
    let part = try clouds.framed(rule).narrowed(along: 1, start: 0, count: clouds.shape[1] / 2)
    let moved = try deformation(part, by: polynomials.narrowed(along: 1, start: 0, count: 1))
    func longest(_ clouds: Tensor) throws -> Tensor {
      guard rule == .box else {
        let centred = try clouds - clouds.mean(along: 1, keepingDimensions: true)
        return try centred.squared().sum(along: 2).max(along: 1)
      }
      return try (clouds.max(along: 1) - clouds.min(along: 1)).max(along: 1)
    }
    #expect(try longest(moved).distance(to: longest(part)) < 1e-4)
    #expect(try part.framed(rule, as: part).distance(to: part) < 1e-5)
  }

  @Test("Clouds are framed as `PointFrame` frames them", arguments: PointNormalisation.allCases)
  func framing(rule: PointNormalisation) throws {
    let clouds = try SmallPoints.normal([4, 15, 3])
    let expected = try PointCloud.clouds(of: clouds).flatMap {
      PointFrame(rule).normalised($0).coordinates
    }
    #expect(try clouds.framed(rule).distance(to: Tensor(expected, shape: [4, 15, 3])) < 1e-5)
    let point = try Tensor.ones([1, 4, 3])
    #expect(try point.framed(rule).isFinite().all().item() == 1)
  }

  @Test("Framing forgets the size, whatever it is", arguments: [1e-36, 1e-30, 1e-15, 1e15, 1e30, 1e36])
  func framingOfAnySize(factor: Double) throws {
    let clouds = try SmallPoints.normal([4, 15, 3])
    for rule in [PointNormalisation.box, .sphere] {
      #expect(try (clouds * factor).framed(rule).distance(to: clouds.framed(rule)) < 1e-5)
    }
    let outlier = try Tensor.concatenated([clouds, Tensor.ones([4, 1, 3]) * 1e30], along: 1)
    #expect(try outlier.framed(.sphere).squared().sum(along: 2).max().item() < 1.001)
  }

  @Test(
    "The gradient of framing is that of the whole, units included",
    arguments: [PointNormalisation.box, .sphere])
  func framingGradients(rule: PointNormalisation) throws {
    try checkGradients(at: [SmallPoints.normal([2, 5, 3]) * 3]) { try $0[0].framed(rule) }
  }

  @Test("Shapes of any size are deformed alike", arguments: [1e-30, 1e-9, 1e9, 1e30])
  func anySize(factor: Double) throws {
    let polynomials = try SmallPoints.normal([3, 1, Deformation.count]) * 0.1
    func deformed(_ size: Double) throws -> Tensor {
      let (codec, clouds) = try bentShapes(3, size: size)
      return try Deformation(codec: codec, rule: .none)(clouds, by: polynomials * size) / size
    }
    #expect(try deformed(factor).distance(to: deformed(1)) < 1e-4)
  }
}

@Suite("Deformations between neighbours")
struct NeighbourDeformationTests {
  private func found(_ shapes: (codec: ShapeCodec, clouds: Tensor), labels: [Int]? = nil, count: Int) throws
    -> (polynomials: Tensor, deformation: Deformation)
  {
    let deformation = Deformation(codec: shapes.codec, rule: .none)
    let polynomials = try NeighbourDeformations.found(
      codes: shapes.codec.encode(shapes.clouds), labels: labels.map { try Tensor($0) },
      deformation: deformation, count: count, law: .bending)
    return (polynomials, deformation)
  }

  /// How far deformed shapes are from each shape: `[shapes, C, shapes]`, root mean squares over the points.
  private func misses(
    _ clouds: Tensor, _ found: (polynomials: Tensor, deformation: Deformation)
  ) throws -> [[[Double]]] {
    let count = found.polynomials.shape[1]
    return try (0..<clouds.shape[0]).map { shape in
      try (0..<count).map { neighbour in
        let cloud = try clouds.narrowed(along: 0, start: shape, count: 1)
        let deformed = try found.deformation(
          cloud,
          by: found.polynomials.narrowed(along: 0, start: shape, count: 1)
            .narrowed(along: 1, start: neighbour, count: 1))
        return try (clouds - deformed).squared().mean(along: 2).mean(along: 1).squareRoot()
          .array(of: Float.self).map(Double.init)
      }
    }
  }

  @Test("Each polynomial turns a shape into one of its neighbours, the nearest first")
  func neighbours() throws {
    let shapes = try bentShapes(12)
    let found = try found(shapes, count: 3)
    #expect(found.polynomials.shape == [12, 3, Deformation.count])
    let misses = try misses(shapes.clouds, found)
    for shape in 0..<12 {
      let distances = try (shapes.clouds - shapes.clouds.selected(shape)).squared().mean(along: 2)
        .mean(along: 1).squareRoot().array(of: Float.self)
      let nearest = distances.indices.sorted { distances[$0] < distances[$1] }
      for neighbour in 0..<3 {
        let target = nearest[neighbour + 1]
        #expect(misses[shape][neighbour][target] < 0.25 * Double(distances[target]))
      }
    }
  }

  @Test("Neighbours have the shape's label while there are such, and then others")
  func labels() throws {
    let shapes = try bentShapes(8)
    let found = try found(shapes, labels: [0, 1, 0, 1, 0, 1, 0, 0], count: 3)
    let misses = try misses(shapes.clouds, found)
    // The three of label 1 have two neighbours each.
    for shape in [1, 3, 5] {
      let targets = misses[shape].map { row in row.indices.min { row[$0] < row[$1] } }
      #expect(Set(targets.prefix(2)) == Set([1, 3, 5].filter { $0 != shape }))
      #expect(targets[2].map { ![1, 3, 5].contains($0) } == true)
    }
  }

  @Test("Shapes of any size have the same neighbours", arguments: [1e-15, 1e-6, 1e6, 1e15])
  func anySize(factor: Double) throws {
    let labels = [0, 1, 0, 1, 0, 1, 0, 0]
    let plain = try found(bentShapes(8), labels: labels, count: 3)
    let scaled = try found(bentShapes(8, size: factor), labels: labels, count: 3)
    #expect(try (scaled.polynomials / factor).distance(to: plain.polynomials) < 1e-3)
  }

  @Test("A shape without enough neighbours is not deformed instead")
  func few() throws {
    let shapes = try bentShapes(2)
    let found = try found(shapes, count: 4)
    #expect(found.polynomials.shape == [2, 4, Deformation.count])
    #expect(try found.polynomials.narrowed(along: 1, start: 1, count: 3).absolute().max().item() < 1e-5)
    #expect(try found.polynomials.narrowed(along: 1, start: 0, count: 1).absolute().max().item() > 0.01)
  }
}
