import Adversarial
import Torch

/// Finds how much the shapes of each label are to be deformed, so that they come to lie as far from the training shapes as is wanted.
///
/// The same amount brings shapes of one kind much farther than those of another: desks differ in more than their proportions, beds hardly.
/// What held-out shapes will show is how far training shapes lie from each other, so that is the unit.
struct DeformationReach {
  /// Amounts that are considered. Beyond the largest, shapes are not themselves any more.
  private static let amounts = 0.2...3.0
  /// How often the interval of amounts is halved.
  private static let halvings = 6
  /// Shapes of a label that are deformed, and that distances are measured to, at most; points of both that are compared.
  private static let deformed = 64, compared = 600, points = 512
  /// Shapes of a label without which nothing is measured, and the amount of such a label.
  private static let fewest = 10, usual = 1.4

  /// How shapes are deformed.
  let deformation: Deformation
  /// Towards which others, and how much of the way.
  let law: DeformationLaw
  /// The mean Chamfer distance of deformed shapes to the nearest training shape, over that of training shapes to the nearest other one.
  let reach: Double

  /// The amounts of some shapes, `[M]`.
  ///
  /// - Parameters:
  ///   - codes: of the shapes, `[M, K]`.
  ///   - labels: of the shapes; nil without labels, where all have the same amount.
  ///   - deformations: of the shapes, `[M, C, 30]`.
  func amounts(codes: Tensor, labels: [Int]?, deformations: Tensor) throws -> Tensor {
    var amounts = [Float](repeating: Float(Self.usual), count: codes.shape[0])
    let groups = labels.map { labels in Dictionary(grouping: labels.indices) { labels[$0] } }
    for members in (groups ?? [0: Array(amounts.indices)]).values where members.count >= Self.fewest {
      guard let amount = try amount(of: members, codes: codes, deformations: deformations) else { continue }
      for member in members { amounts[member] = Float(amount) }
    }
    return try Tensor(amounts)
  }

  /// The amount of some shapes; nil where these all coincide.
  private func amount(of members: [Int], codes: Tensor, deformations: Tensor) throws -> Double? {
    let others = EvenSpread.indices(Self.compared, outOf: members.count).map { members[$0] }
    let chosen = EvenSpread.indices(Self.deformed, outOf: others.count)
    let known = try places(of: deformation.codec.decode(codes.gathered(at: Tensor(others))))
    let distance = try Self.distance(of: known.gathered(at: Tensor(chosen)), to: known, except: chosen)
    guard distance > 0 else { return nil }

    let shapes = try deformation.codec.decode(codes.gathered(at: Tensor(chosen.map { others[$0] })))
    let towards = try deformations.gathered(at: Tensor(chosen.map { others[$0] }))
    var stream = RandomStream(seed: 0, name: "reach")
    let shares = try law.shares(
      of: stream.normal([chosen.count, 1, law.amountCount(towards.shape[1])]))
    func reached(_ amount: Double) throws -> Double {
      let polynomials = try Deformation.sums(of: towards, weighted: shares * amount)
      return try Self.distance(of: places(of: deformation(shapes, by: polynomials)), to: known) / distance
    }
    var (low, high) = (Self.amounts.lowerBound, Self.amounts.upperBound)
    for _ in 0..<Self.halvings {
      let middle = (low + high) / 2
      if try reached(middle) < reach { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private func places(of clouds: Tensor) throws -> Tensor {
    try PlainCloudFeatures.thinned(clouds, to: Self.points)
  }

  /// The mean Chamfer distance of clouds to the nearest of others.
  private static func distance(of clouds: Tensor, to others: Tensor, except excluded: [Int]? = nil) throws
    -> Double
  {
    let nearest = try PairedDistances.nearestByChamfer(clouds, among: others, except: excluded).neighbours
    return nearest.map(\.distance).reduce(0, +) / Double(nearest.count)
  }
}
