import Adversarial
import PointDatasets
import Torch

/// How shapes become codes.
struct ShapeCoding {
  /// Random samples of a shape's points that are matched and averaged.
  var draws = 1
  /// How often each shape is matched anew to what a few numbers make of it, and how many these are.
  var rounds: [Int] = []
  /// How shapes are deformed, and how far from training shapes they come; nil where they are not.
  var deformations: (law: DeformationLaw, reach: Double)?
}

/// The training shapes as codes, for networks that generate codes.
///
/// A pure function of the shapes and the recipe, with a fixed seed, so that a resumed training computes the same codes.
struct CodedShapes: Sendable {
  /// Shapes that the codec is fitted to, at most; larger sets are thinned evenly. More than the numbers of a code, so that nothing of
  /// any shape is left out.
  private static let fitted = 3_200
  /// Shapes that are not trained on and are encoded, at most: matching them takes time.
  private static let heldOutLimit = 256
  /// Shapes that are matched at a time.
  private static let chunkSize = 250
  /// How often the shapes are matched to their mean until it is settled.
  private static let passes = 3

  /// The state of the codec that made them.
  let codec: [String: Tensor]
  /// `[M, K]`, a row for each training shape.
  let codes: Tensor
  /// The label of each, `[M]`; nil without labels.
  let labels: Tensor?
  /// The deformations of each, as `NeighbourDeformations` returns them, as large as `LatentRecipe.reach` wants them, `[M, C, 30]`; nil where
  /// shapes are not deformed.
  let deformations: Tensor?
  /// The fold of each, `[M]`, as `FormCritic` deals them.
  let folds: Tensor
  /// Some shapes that are not trained on, matched to the mean shape, `[H, P, 3]`; nil where there are none.
  let heldOut: Batch?

  /// Matches and encodes the shapes of a set, and some of another that is not trained on.
  ///
  /// One or several random samples of each shape's points are matched and averaged; the more, the better a code describes
  /// the surface rather than one random sample of it.
  /// - Throws: `UserError` for files that have vanished or changed; `TorchError` when memory ends.
  init(_ set: PointSet, heldOut: PointSet, coding: ShapeCoding, spec: PointSpec) throws {
    guard let sizes = spec.codes else {
      throw TorchError("the recipe has no codes: no data has completed it")
    }
    var stream = RandomStream(seed: 0, name: "mean shape")
    let indices = set.spread(Self.fitted)
    let first = try Self.clouds(of: set, at: indices, points: sizes.points, draw: 0)
    var mean = try MeanShape.found(in: first, passes: Self.passes, using: &stream).mean
    var matched = try Self.matched(set, at: indices, to: mean, draws: coding.draws)
    for numbers in coding.rounds { (mean, matched) = try MeanShape.settled(matched, numbers: numbers) }
    let fitted = try ShapeCodec(matched, mean: mean, numbers: sizes.numbers)
    codec = Dictionary(uniqueKeysWithValues: try fitted.state.map { ($0.name, $0.tensor) })
    // Shapes that the codec was not fitted to, in its order.
    func ordered(_ set: PointSet, at indices: [Int]) throws -> Tensor {
      let clouds = try Self.matched(set, at: indices, to: mean, draws: coding.draws).converted(to: .float32)
      return try coding.rounds.isEmpty ? clouds : fitted.rematched(clouds)
    }
    codes =
      indices.count == set.count
      ? try fitted.encode(matched.converted(to: .float32))
      : try Tensor.concatenated(
        stride(from: 0, to: set.count, by: Self.chunkSize).map { start in
          try fitted.encode(ordered(set, at: Array(start..<min(start + Self.chunkSize, set.count))))
        })
    labels =
      spec.labels.isEmpty ? nil : try Tensor((0..<set.count).map { set.label(at: $0) ?? 0 })
    let indexed = try labels.map { try $0.array(of: Int.self) }
    deformations = try coding.deformations.map { [codes, labels] law, reach in
      let deformation = Deformation(codec: fitted, rule: spec.frame.normalisation)
      let found = try NeighbourDeformations.found(
        codes: codes, labels: labels, deformation: deformation, count: sizes.neighbours, law: law)
      guard reach > 0 else { return found }
      let amounts = try DeformationReach(deformation: deformation, law: law, reach: reach)
        .amounts(codes: codes, labels: indexed, deformations: found)
      return try found * amounts.reshaped([-1, 1, 1])
    }
    folds = try FormCritic.deal(set.count, labels: indexed)
    let others = heldOut.spread(Self.heldOutLimit)
    self.heldOut =
      others.isEmpty
      ? nil
      : Batch(
        samples: try ordered(heldOut, at: others),
        labels: spec.labels.isEmpty ? nil : try Tensor(others.map { heldOut.label(at: $0) ?? 0 }))
  }

  /// The codes of some shapes, and their labels.
  func batch(at indices: [Int]) throws -> Batch {
    let rows = try Tensor(indices)
    return Batch(samples: try codes.gathered(at: rows), labels: try labels?.gathered(at: rows))
  }

  /// Some of the shapes that are not trained on, and their labels.
  func heldOutBatch(at indices: [Int]) throws -> Batch {
    guard let heldOut else { throw TorchError("found no held-out shapes") }
    let rows = try Tensor(indices)
    return Batch(
      samples: try heldOut.samples.gathered(at: rows), labels: try heldOut.labels?.gathered(at: rows))
  }

  private static func matched(_ set: PointSet, at indices: [Int], to mean: MeanShape, draws: Int) throws
    -> Tensor
  {
    let points = mean.points.shape[0]
    let sum = try (0..<draws).map { draw in
      try mean.matched(clouds(of: set, at: indices, points: points, draw: 1 + draw))
    }.reduce(Tensor.zeros([indices.count, points, 3], dtype: .float64)) { try $0 + $1 }
    return try sum / Double(draws)
  }

  private static func clouds(of set: PointSet, at indices: [Int], points: Int, draw: Int) throws -> Tensor {
    var coordinates: [Float] = []
    coordinates.reserveCapacity(indices.count * points * 3)
    for index in indices {
      var stream = RandomStream(seed: UInt64(draw), step: index, name: "codes")
      coordinates += try set.points(at: index, count: points, draw: stream.next())
    }
    return try Tensor(coordinates, shape: [indices.count, points, 3]).converted(to: .float64)
  }
}
