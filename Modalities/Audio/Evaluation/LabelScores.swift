import Metrics
import ModalityKit
import Torch

/// Scores by two classifiers of labels, which count only once both have passed their tests: each its own, and together the
/// ladder of sounds of known quality.
struct LabelScores {
  private struct Judge {
    let classifier: SoundClassifier
    let test: ClassifierSelfTest
    /// Why it scores nothing; nil where it is fit.
    let failure: String?
  }

  /// The fewest held-out clips that classifiers are tested on, and the fewest training clips: a self-test by a handful is passed,
  /// or failed, by chance.
  static let minimum = 10
  /// What the columns need of the data.
  static let needs = [
    EvaluationNeed(
      [
        "IS", "mIS", "AM", "class Fréchet", "right label", "no label", "IS, 2nd", "right label, 2nd",
        "no label, 2nd",
      ], heldOut: minimum, training: minimum)
  ]

  /// Why there are no classifiers; nil where there are.
  private let absence: String?
  private let judges: [Judge]
  private let ladder: ClassifierLadder?
  /// What the first classifier makes of the training clips; nil where it is unfit.
  private let frechet: FrechetDistance?
  private let seed: UInt64
  /// How many samples of each row the Fréchet distance compares.
  private let comparedCount: Int

  /// The columns that `measure` fills.
  var columns: [EvaluationTable.Column] { firstColumns + secondColumns }

  private var firstColumns: [EvaluationTable.Column] {
    [
      .init(key: "is", name: "IS", direction: .higher),
      .init(key: "mis", name: "mIS", direction: .higher, digits: 1),
      .init(key: "am", name: "AM", unit: "nats", direction: .lower),
      .init(
        key: "classFrechet", name: "class Fréchet", direction: .lower, digits: 2, sampleCount: comparedCount),
      .init(key: "accuracy", name: "right label", unit: "%", direction: .higher, digits: 1),
      .init(key: "rejected", name: "no label", unit: "%", direction: .lower, digits: 1),
    ]
  }

  private let secondColumns: [EvaluationTable.Column] = [
    .init(key: "is2", name: "IS, 2nd", direction: .higher),
    .init(key: "accuracy2", name: "right label, 2nd", unit: "%", direction: .higher, digits: 1),
    .init(key: "rejected2", name: "no label, 2nd", unit: "%", direction: .lower, digits: 1),
  ]

  /// Trains and tests the classifiers, where there are labels.
  init(
    training: AudioClips, heldOut: AudioClips, labelNames: [String], sampleRate: Int, steps: Int,
    comparedCount: Int, seed: UInt64
  ) throws {
    self.seed = seed
    self.comparedCount = comparedCount
    guard let labels = training.labels, let heldOutLabels = heldOut.labels, labelNames.count > 1 else {
      (absence, judges, ladder, frechet) = ("the data has no labels, or one only", [], nil, nil)
      return
    }
    guard min(training.count, heldOut.count) >= Self.minimum else {
      absence = "needs \(Self.minimum) held-out clips, and as many to train on"
      (judges, ladder, frechet) = ([], nil, nil)
      return
    }
    absence = nil
    let classifiers = try SoundClassifier.Kind.allCases.map { kind in
      try SoundClassifier(
        kind, clips: training.clips, labels: labels, labelCount: labelNames.count, sampleRate: sampleRate,
        steps: steps)
    }
    let tests = try classifiers.map {
      try ClassifierSelfTest($0, clips: heldOut.clips, labels: heldOutLabels)
    }
    let ladder = try ClassifierLadder(
      classifiers, clips: heldOut.clips, labels: heldOutLabels, sampleRate: sampleRate)
    let failures = classifiers.indices.map { index in
      tests[index].failure ?? ladder.failure(of: index).map { "the classifier failed its self-test: \($0)" }
        ?? ladder.disagreement
    }
    // What one finds counts only where another could have found it too.
    judges = classifiers.indices.map { index in
      let other = failures[1 - index].map { "the other of the two does not score: \($0)" }
      return Judge(
        classifier: classifiers[index], test: tests[index], failure: failures[index] ?? other)
    }
    self.ladder = ladder
    frechet =
      try judges[0].failure == nil
      ? FrechetDistance(reference: classifiers[0].features(of: training.clips)) : nil
  }

  /// Notes on the classifiers, or on their absence.
  var notes: [String] {
    absence.map { ["No class scores: \($0)."] }
      ?? judges.map(\.test.description) + (ladder.map { [$0.description] } ?? [])
  }

  /// Cells for clips by column key.
  func measure(_ row: AudioClips) throws -> [String: EvaluationTable.Cell] {
    if let absence { return columns.missing(reason: absence) }
    var cells: [String: EvaluationTable.Cell] = [:]
    for (index, judge) in judges.enumerated() {
      if let reason = judge.failure ?? (row.count < 2 ? "needs 2 samples" : nil) {
        cells.merge((index == 0 ? firstColumns : secondColumns).missing(reason: reason)) { $1 }
      } else {
        cells.merge(try self.cells(row, judge.classifier, isFirst: index == 0)) { $1 }
      }
    }
    return cells
  }

  private func cells(
    _ row: AudioClips, _ classifier: SoundClassifier, isFirst: Bool
  ) throws -> [String: EvaluationTable.Cell] {
    var stream = RandomStream(seed: seed, name: "evaluation classes")
    let strata = Strata(labels: row.fixedLabels, count: row.count)
    let predictions = try classifier.predictions(for: row.clips)
    let all = try ClassScores(probabilities: predictions)
    let known = try ClassScores(probabilities: classifier.labelProbabilities(predictions))
    let reject = classifier.trainingShares.count
    let suffix = isFirst ? "" : "2"
    var cells: [String: EvaluationTable.Cell] = [
      "is\(suffix)": .measured(known.inceptionScore(strata: strata, using: &stream)),
      "accuracy\(suffix)": row.labels.map { .measured(all.accuracy(labels: $0, strata: strata)) }
        ?? .missing(reason: "no labels were asked for"),
      "rejected\(suffix)": .measured(
        Score(percentageOf: all.predictions.map { $0 == reject }, strata: strata)),
    ]
    guard isFirst, let frechet else { return cells }
    cells["mis"] = .measured(known.modifiedInceptionScore(strata: strata, using: &stream))
    cells["am"] = .measured(
      known.amScore(trainingShares: classifier.trainingShares, strata: strata, using: &stream))
    cells["classFrechet"] = try frechetCell(row, classifier, frechet)
    return cells
  }

  private func frechetCell(
    _ row: AudioClips, _ classifier: SoundClassifier, _ frechet: FrechetDistance
  ) throws -> EvaluationTable.Cell {
    let needed = max(comparedCount, FeatureScores.minimum)
    guard row.count >= needed else { return .missing(reason: "needs \(needed) samples") }
    let indices = FeatureScores.indices(comparedCount, of: row.fixedLabels, outOf: row.count, seed: seed)
    let strata = Strata(
      labels: row.fixedLabels.map { labels in indices.map { labels[$0] } }, count: comparedCount)
    let features = try classifier.features(of: row.clips.gathered(at: Tensor(indices)))
    var stream = RandomStream(seed: seed, name: "evaluation class errors")
    return .measured(try frechet.measure(features, strata: strata, using: &stream))
  }
}
