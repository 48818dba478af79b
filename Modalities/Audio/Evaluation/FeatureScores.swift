import Adversarial
import Torch

/// Scores of sets of log-mel features: how far from the training clips, how good and how varied, how much copied.
///
/// All but the kernel distance depend on how many samples there are, so they use the same number of each row, drawn at
/// random from it.
struct FeatureScores {
  /// Bins of NDB, at most.
  static let bins = 50
  /// Neighbours that balls reach to.
  static let neighbours = 5
  /// The fewest samples that are compared.
  static let minimum = 10

  /// How many samples of each row are compared.
  let comparedCount: Int
  private let training: Tensor
  private let frechet: FrechetDistance
  private let kernel: KernelDistance
  private let bins: BinOccupancy
  /// As many training samples as are compared.
  private let reference: Tensor
  private let seed: UInt64
  /// Mean distances of the held-out samples, within and to the training set.
  private var heldOut: (own: Double, training: Double)?

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - training: features `[M, D]` of at least `minimum` samples.
  ///   - heldOut: features `[N, D]` of held-out samples.
  ///   - comparedCount: how many samples of each row are compared.
  ///   - seed: of the bins, and of what is drawn of each row.
  init(training: Tensor, heldOut: Tensor, comparedCount: Int, seed: UInt64) throws {
    self.training = training
    self.seed = seed
    self.comparedCount = min(comparedCount, training.shape[0])
    frechet = try FrechetDistance(reference: training)
    kernel = try KernelDistance(reference: training)
    var stream = RandomStream(seed: seed, name: "evaluation bins")
    bins = try BinOccupancy(reference: training, bins: Self.bins, using: &stream)
    reference = try Self.drawn(self.comparedCount, of: training, seed: seed, name: "reference")
    if heldOut.shape[0] >= self.comparedCount, self.comparedCount >= Self.minimum {
      self.heldOut = try distances(Self.drawn(self.comparedCount, of: heldOut, seed: seed, name: "row"))
    }
  }

  /// The columns that `measure` fills.
  var columns: [EvaluationTable.Column] {
    func column(
      _ key: String, _ name: String, _ direction: EvaluationTable.Direction, digits: Int = 2
    ) -> EvaluationTable.Column {
      .init(key: key, name: name, direction: direction, digits: digits, sampleCount: comparedCount)
    }
    return [
      column("frechet", "Fréchet", .lower),
      .init(key: "mmd", name: "MMD²", direction: .lower, digits: 4),
      column("ndb", "NDB", .lower), column("precision", "precision", .higher),
      column("recall", "recall", .higher), column("density", "density", .higher),
      column("coverage", "coverage", .higher), column("self", "|D|self", .neutral),
      column("selfRatio", "|D|self / real", .neutral), column("train", "|D|train", .neutral),
      column("trainRatio", "|D|train / real", .neutral),
    ]
  }

  /// Cells for features `[N, D]` by column key.
  func measure(_ features: Tensor) throws -> [String: EvaluationTable.Cell] {
    var cells: [String: EvaluationTable.Cell] = [:]
    for column in columns {
      cells[column.key] = .missing(reason: "needs \(max(comparedCount, Self.minimum)) samples")
    }
    guard features.shape[0] > 1 else { return cells }
    cells["mmd"] = .measured(try kernel.measure(features))
    guard comparedCount >= Self.minimum, features.shape[0] >= comparedCount else { return cells }
    let drawn = try Self.drawn(comparedCount, of: features, seed: seed, name: "row")
    cells["frechet"] = .measured(try frechet.measure(drawn))
    cells["ndb"] = .measured(try bins.measure(drawn))
    let manifold = try ManifoldScores(real: reference, generated: drawn, neighbours: Self.neighbours)
    cells["precision"] = .measured(manifold.precision)
    cells["recall"] = .measured(manifold.recall)
    cells["density"] = .measured(manifold.density)
    cells["coverage"] = .measured(manifold.coverage)
    let toTraining = try Score(
      meanOf: NearestNeighbours.distances(from: drawn, to: training).array(of: Double.self))
    let own = try distances(drawn).own
    // Distances within a set depend on each other: a mean's error does not hold.
    cells["self"] = .measured(Score(own))
    cells["train"] = .measured(toTraining)
    if let heldOut {
      cells["selfRatio"] = .measured(Score(own / heldOut.own))
      cells["trainRatio"] = .measured(
        Score(
          toTraining.value / heldOut.training,
          standardError: toTraining.standardError.map { $0 / heldOut.training }))
    }
    return cells
  }

  private func distances(_ features: Tensor) throws -> (own: Double, training: Double) {
    (
      try NearestNeighbours.distances(within: features).mean().item(),
      try NearestNeighbours.distances(from: features, to: training).mean().item()
    )
  }

  /// Different rows at random; all of them, in another order, where there are just as many.
  static func drawn(_ count: Int, of features: Tensor, seed: UInt64, name: String) throws -> Tensor {
    var stream = RandomStream(seed: seed, name: "evaluation \(name)")
    return try features.gathered(at: Tensor(stream.indices(count, outOf: features.shape[0])))
  }
}
