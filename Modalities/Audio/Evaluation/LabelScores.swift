import Metrics
import Torch

/// Scores by a classifier of labels, which count only once it has passed its self-test.
struct LabelScores {
  private enum State {
    case ready(SoundClassifier, ClassifierSelfTest, FrechetDistance)
    case unfit(reason: String, ClassifierSelfTest?)
  }

  private let state: State
  private let seed: UInt64
  /// How many samples of each row the Fréchet distance compares.
  private let comparedCount: Int

  /// The columns that `measure` fills.
  var columns: [EvaluationTable.Column] {
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

  /// Trains and tests the classifier, where there are labels.
  init(
    training: AudioClips, heldOut: AudioClips, labelNames: [String], sampleRate: Int, steps: Int,
    comparedCount: Int, seed: UInt64
  ) throws {
    self.seed = seed
    self.comparedCount = comparedCount
    guard let labels = training.labels, let heldOutLabels = heldOut.labels, labelNames.count > 1 else {
      state = .unfit(reason: "the data has no labels, or one only", nil)
      return
    }
    let classifier = try SoundClassifier(
      clips: training.clips, labels: labels, labelCount: labelNames.count, sampleRate: sampleRate,
      steps: steps)
    let test = try ClassifierSelfTest(classifier, clips: heldOut.clips, labels: heldOutLabels)
    state =
      try test.failure.map { .unfit(reason: $0, test) }
      ?? .ready(classifier, test, FrechetDistance(reference: classifier.features(of: training.clips)))
  }

  /// A note on the classifier; nil where there is none.
  var note: String? {
    switch state {
    case .ready(_, let test, _): test.description
    case .unfit(_, let test): test?.description
    }
  }

  /// Cells for clips by column key.
  func measure(_ row: AudioClips) throws -> [String: EvaluationTable.Cell] {
    switch state {
    case .unfit(let reason, _): return columns.missing(reason: reason)
    case .ready where row.count < 2: return columns.missing(reason: "needs 2 samples")
    case .ready(let classifier, _, let frechet):
      return try cells(row, classifier).merging(frechetCell(row, classifier, frechet)) { $1 }
    }
  }

  private func cells(
    _ row: AudioClips, _ classifier: SoundClassifier
  ) throws -> [String: EvaluationTable.Cell] {
    var stream = RandomStream(seed: seed, name: "evaluation classes")
    let strata = Strata(labels: row.fixedLabels, count: row.count)
    let predictions = try classifier.predictions(for: row.clips)
    let all = try ClassScores(probabilities: predictions)
    let known = try ClassScores(probabilities: classifier.labelProbabilities(predictions))
    let reject = classifier.trainingShares.count
    return [
      "is": .measured(known.inceptionScore(strata: strata, using: &stream)),
      "mis": .measured(known.modifiedInceptionScore(strata: strata, using: &stream)),
      "am": .measured(
        known.amScore(trainingShares: classifier.trainingShares, strata: strata, using: &stream)),
      "accuracy": row.labels.map { .measured(all.accuracy(labels: $0, strata: strata)) }
        ?? .missing(reason: "no labels were asked for"),
      "rejected": .measured(
        Score(percentageOf: all.predictions.map { $0 == reject }, strata: strata)),
    ]
  }

  private func frechetCell(
    _ row: AudioClips, _ classifier: SoundClassifier, _ frechet: FrechetDistance
  ) throws -> [String: EvaluationTable.Cell] {
    let needed = max(comparedCount, FeatureScores.minimum)
    guard row.count >= needed else {
      return ["classFrechet": .missing(reason: "needs \(needed) samples")]
    }
    let indices = FeatureScores.indices(comparedCount, of: row.fixedLabels, outOf: row.count, seed: seed)
    let strata = Strata(
      labels: row.fixedLabels.map { labels in indices.map { labels[$0] } }, count: comparedCount)
    let features = try classifier.features(of: row.clips.gathered(at: Tensor(indices)))
    var stream = RandomStream(seed: seed, name: "evaluation class errors")
    return ["classFrechet": .measured(try frechet.measure(features, strata: strata, using: &stream))]
  }
}
