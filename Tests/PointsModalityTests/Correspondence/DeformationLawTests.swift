import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

/// Points on the faces of a box of given sides, in corresponding places of every box, some of them moved.
private func boxes(_ sides: [[Float]], points: Int = 400) throws -> Tensor {
  var stream = RandomStream(seed: 3, name: "boxes")
  let inside = try stream.uniform([points, 3]) * 2 - 1
  // The largest coordinate of each point goes to its face.
  let largest = try inside.absolute().max(along: 1, keepingDimensions: true)
  let onFaces = try inside / largest
  let half = try onFaces.narrowed(along: 0, start: 0, count: points / 2)
  // Every point has a partner across each of the planes but the last.
  let mirrored = try half * Tensor([-1, 1, 1] as [Float])
  let cube = try Tensor.concatenated([half, mirrored], along: 0)
  return try Tensor.stacked(sides.map { try cube * Tensor($0) })
}

private func codec(_ clouds: Tensor) throws -> ShapeCodec {
  let mean = MeanShape(points: try clouds.mean(along: 0).converted(to: .float64))
  return try ShapeCodec(clouds.converted(to: .float64), mean: mean, numbers: 12)
}

@Suite("Laws of deformations")
struct DeformationLawTests {
  @Test("A shape takes the proportions of its partner, whole")
  func proportions() throws {
    let clouds = try boxes([[1, 0.5, 0.3], [0.4, 0.7, 1], [0.8, 0.8, 0.8]])
    let deformation = Deformation(codec: try codec(clouds), rule: .none)
    let partners = try clouds.gathered(at: Tensor([1, 2, 0, 2, 0, 1]))
    let found = try ProportionMaps.found(from: clouds, to: partners, deformation)
    #expect(found.shape == [3, 2, Deformation.count])
    // Terms of the second degree are 0: planes stay planes.
    #expect(try found.narrowed(along: 2, start: 12, count: 18).absolute().max().item() == 0)
    for (shape, targets) in [[1, 2], [0, 2], [0, 1]].enumerated() {
      for (number, target) in targets.enumerated() {
        let deformed = try deformation(
          clouds.narrowed(along: 0, start: shape, count: 1),
          by: found.narrowed(along: 0, start: shape, count: 1).narrowed(along: 1, start: number, count: 1))
        #expect(
          try deformed.selected(0).distance(to: clouds.selected(target)) < 0.05, "\(shape) to \(target)")
      }
    }
  }

  @Test("A shape with a mirror plane keeps it, whatever its partner is")
  func mirrors() throws {
    let plain = try boxes([[1, 0.5, 0.3]])
    let shear = try Tensor([1, 0.4, 0, 0, 1, 0, 0, 0.5, 1] as [Float], shape: [3, 3])
    let clouds = try Tensor.concatenated([plain, plain.matmul(shear)], along: 0)
    let deformation = Deformation(codec: try codec(clouds), rule: .none)
    let found = try ProportionMaps.found(
      from: clouds.narrowed(along: 0, start: 0, count: 1), to: clouds.narrowed(along: 0, start: 1, count: 1),
      deformation)
    let maps = try found.reshaped([Deformation.terms, 3]).array(of: Float.self)
    // The x axis is mirrored: nothing else moves by x, and x by nothing else.
    for mixed in [2 * 3 + 0, 3 * 3 + 0, 1 * 3 + 1, 1 * 3 + 2] { #expect(abs(maps[mixed]) < 1e-4) }
    // Where there is no such plane, the same map is found whole.
    let back = try ProportionMaps.found(
      from: clouds.narrowed(along: 0, start: 1, count: 1), to: clouds.narrowed(along: 0, start: 0, count: 1),
      deformation)
    let free = try back.reshaped([Deformation.terms, 3]).array(of: Float.self)
    #expect([1 * 3 + 1, 3 * 3 + 1].contains { abs(free[$0]) > 0.1 })
  }

  @Test("Mirror planes are those across which points have partners")
  func planes() throws {
    let box = try boxes([[1, 0.5, 0.3]])
    let shear = try Tensor([1, 0.6, 0, 0, 1, 0, 0, 0, 1] as [Float], shape: [3, 3])
    let found = try MirrorPlanes.found(in: Tensor.concatenated([box, box.matmul(shear)], along: 0))
      .array(of: Float.self)
    #expect(found[0] == 1)
    #expect(Array(found[3...4]) == [0, 0])
    // Nowhere is a cloud of one point unlike its image.
    #expect(try MirrorPlanes.found(in: Tensor.ones([1, 1, 3])).shape == [1, 3])
  }

  @Test("A latent chooses one of the partners, and half of the way to all of it")
  func shares() throws {
    let law = DeformationLaw.proportions
    #expect(law.amountCount(8) == 9 && DeformationLaw.bending.amountCount(8) == 8)
    let shares = try law.shares(of: SmallPoints.normal([2_000, 9]))
    #expect(shares.shape == [2_000, 8])
    let way = try shares.sum(along: 1)
    #expect(try way.min().item() > 0.499 && way.max().item() < 1.001)
    #expect(try abs(way.mean().item() - 0.75) < 0.02)
    let most = try (shares.max(along: 1) / way).mean().item()
    #expect(most > 0.85)
    // All partners are chosen alike.
    let means = try shares.mean(along: 0).array(of: Float.self)
    #expect(means.allSatisfy { abs($0 - 0.75 / 8) < 0.02 }, "\(means)")
  }

  @Test("Partners are taken from the nearest to the farthest of the same label")
  func partners() throws {
    // Boxes that grow longer and longer: the farther in the list, the farther.
    let clouds = try boxes((0..<9).map { [1, 0.5 + 0.05 * Float($0), 0.3] })
    let shapes = try codec(clouds)
    let deformation = Deformation(codec: shapes, rule: .none)
    func stretches(labels: [Int]?, count: Int) throws -> [Float] {
      let found = try NeighbourDeformations.found(
        codes: shapes.encode(clouds), labels: labels.map { try Tensor($0) }, deformation: deformation,
        count: count, law: .proportions)
      // How much y grows, of the first shape.
      return try found.selected(0).reshaped([count, Deformation.terms, 3]).selected(2, along: 1)
        .selected(1, along: 1).array(of: Float.self)
    }
    let all = try stretches(labels: nil, count: 4)
    #expect(all == all.sorted() && all[3] > 3 * all[0])
    // Of label 1 there are two others, both of them near.
    let few = try stretches(labels: [1, 1, 1, 0, 0, 0, 0, 0, 0], count: 4)
    #expect(Set(few.map { ($0 * 100).rounded() }).count == 2 && few[3] < all[3] / 2)
  }
}
