import Metrics
import ModalityKit
import Torch

/// How varied the clips of each label are by themselves: a label that has become one sound hides in a mean over all.
struct LabelDiversity {
  /// Clips of a label that are compared, at least.
  static let minimum = 8

  /// What the column needs of the data: of some label.
  static let needs = [EvaluationNeed(["|D|self, worst label"], heldOut: 1, training: minimum)]

  /// The label that varies least, beside real clips of it.
  struct Worst: Hashable, Sendable {
    /// Its index.
    var label: Int
    /// The mean distance to the nearest other clip of the label, over that of as many training clips of it.
    var ratio: Score
  }

  /// Why nothing is compared; nil otherwise.
  private let reason: String?
  /// How many clips of a label are compared, and the distance of as many training clips; nil where there are too few.
  private let references: [(count: Int, own: Score)?]
  private let seed: UInt64

  /// Prepares the comparison.
  ///
  /// - Parameters:
  ///   - training: features `[M, D]` of training clips.
  ///   - labels: theirs; nil without.
  ///   - rows: labels of the rows' clips, which decide how many are compared: as many of all rows.
  ///   - labelCount: how many labels there are.
  ///   - seed: of what is drawn.
  init(training: Tensor, labels: [Int]?, rows: [[Int]?], labelCount: Int, seed: UInt64) throws {
    self.seed = seed
    guard let labels, labelCount > 1 else {
      (reason, references) = ("the data has no labels, or one only", [])
      return
    }
    // A row without any clip of a label shall not keep the others from being compared.
    references = try (0..<labelCount).map { label in
      let own = labels.indices.filter { labels[$0] == label }
      let counts = ([labels] + rows.compactMap(\.self)).map { $0.count { $0 == label } }
      guard let count = counts.filter({ $0 >= Self.minimum }).min(), own.count >= count else { return nil }
      return (count, try Self.distance(training, own, count: count, label: label, seed: seed))
    }
    reason =
      references.contains { $0 != nil }
      ? nil : "no label has \(Self.minimum) clips in the training data and in a row"
  }

  /// The column that `measure` fills.
  let columns = [
    EvaluationTable.Column(
      key: "selfWorstLabel", name: "|D|self, worst label", direction: .neutral, digits: 2,
      errorNote:
        "± of the label that varies least, as if it had not been chosen for that: read it beside the real row."
    )
  ]

  /// The label that varies least in a row; a reason where none can be compared.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - labels: one for each clip; nil without.
  func measure(_ features: Tensor, labels: [Int]?) throws -> (worst: Worst?, cell: EvaluationTable.Cell) {
    if let reason { return (nil, .missing(reason: reason)) }
    guard let labels else { return (nil, .missing(reason: "no labels were asked for")) }
    let ratios = try references.enumerated().compactMap { label, reference -> Worst? in
      let own = labels.indices.filter { labels[$0] == label }
      guard let reference, own.count >= reference.count else { return nil }
      let distance = try Self.distance(features, own, count: reference.count, label: label, seed: seed)
      return Worst(label: label, ratio: distance.ratio(to: reference.own))
    }
    guard let worst = ratios.min(by: { $0.ratio.value < $1.ratio.value }) else {
      return (nil, .missing(reason: "needs \(Self.minimum) clips of a label"))
    }
    return (worst, .measured(worst.ratio))
  }

  /// The mean distance to the nearest other one of some clips of a label.
  private static func distance(_ features: Tensor, _ indices: [Int], count: Int, label: Int, seed: UInt64)
    throws -> Score
  {
    var stream = RandomStream(seed: seed, step: label, name: "evaluation label")
    let drawn = stream.indices(count, outOf: indices.count).map { indices[$0] }
    return try NearestNeighbours.meanDistance(within: features.gathered(at: Tensor(drawn)), using: &stream)
  }
}
