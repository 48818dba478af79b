import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Amounts of deformation that bring shapes as far from training shapes as is wanted")
struct DeformationReachTests {
  private static let places = 96

  /// Shapes of one surface stretched along its axes by up to `variety`, in corresponding places.
  private func shapes(_ count: Int, variety: Double, seed: UInt64) throws -> Tensor {
    var stream = RandomStream(seed: 1, name: "surface")
    let surface = try stream.uniform([1, Self.places, 3]) - 0.5
    var own = RandomStream(seed: seed, name: "sides")
    return try surface * ((own.uniform([count, 1, 3]) * 2 - 1) * variety + 1)
  }

  /// The amounts that are found for shapes of some labels, and what they are found from.
  private func found(_ groups: [Tensor], reach: Double) throws -> (
    amounts: [Float], codes: Tensor, deformations: Tensor, deformation: Deformation
  ) {
    let all = try Tensor.concatenated(groups)
    let mean = MeanShape(points: try all.mean(along: 0).converted(to: .float64))
    let codec = try ShapeCodec(all.converted(to: .float64), mean: mean, numbers: 12)
    let codes = try codec.encode(all)
    let deformation = Deformation(codec: codec, rule: .none)
    let labels = groups.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.shape[0]) }
    let deformations = try NeighbourDeformations.found(
      codes: codes, labels: Tensor(labels), deformation: deformation, count: 8, law: .proportions)
    let amounts = try DeformationReach(deformation: deformation, law: .proportions, reach: reach)
      .amounts(codes: codes, labels: labels, deformations: deformations).array(of: Float.self)
    return (amounts, codes, deformations, deformation)
  }

  @Test("Deformed shapes lie as far from the nearest shape as is wanted", arguments: [0.5, 1, 1.5])
  func reaches(reach: Double) throws {
    let (amounts, codes, deformations, deformation) = try found(
      [shapes(60, variety: 0.3, seed: 2)], reach: reach)
    #expect(Set(amounts).count == 1)
    let clouds = try deformation.codec.decode(codes)
    func mean(_ clouds: Tensor, to others: Tensor, except: [Int]?) throws -> Double {
      let nearest = try PairedDistances.nearestByChamfer(clouds, among: others, except: except).neighbours
      return nearest.map(\.distance).reduce(0, +) / Double(nearest.count)
    }
    let own = try mean(clouds, to: clouds, except: Array(0..<60))
    // Other draws than those that the amount was found with.
    var stream = RandomStream(seed: 9, name: "draws")
    let shares = try DeformationLaw.proportions.shares(of: stream.normal([60, 20, 9]))
    let deformed = try deformation(
      clouds, by: Deformation.sums(of: deformations, weighted: shares * Double(amounts[0])))
    let ratio = try mean(deformed, to: clouds, except: nil) / own
    #expect(abs(ratio / reach - 1) < 0.25, "\(ratio) instead of \(reach)")
  }

  @Test("Labels have amounts of their own, and larger for a longer reach")
  func labels() throws {
    // The second label's shapes differ along one axis, by far less than what deforms them is scaled to.
    let near = try shapes(40, variety: 0.3, seed: 2)
    let far = try shapes(40, variety: 0.05, seed: 3) + shapes(40, variety: 0.02, seed: 4)
    let short = try found([near, far], reach: 0.6).amounts
    let long = try found([near, far], reach: 1.6).amounts
    #expect(Set(short[..<40]).count == 1 && Set(short[40...]).count == 1)
    #expect(long[0] > short[0] && long[40] > short[40])
  }

  @Test("Labels of few shapes, or of equal ones, have the usual amount")
  func fewOrEqual() throws {
    let equal = try shapes(1, variety: 0, seed: 1).expanded(to: [12, Self.places, 3])
    let amounts = try found([shapes(9, variety: 0.2, seed: 5), equal * 0.8], reach: 1).amounts
    #expect(amounts.allSatisfy { $0 == 1.4 })
  }
}
