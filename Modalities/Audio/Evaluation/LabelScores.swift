import Adversarial
import Torch

/// Scores by a classifier of labels, which count only once it has passed its self-test.
struct LabelScores {
  private enum State {
    case ready(SoundClassifier, ClassifierSelfTest)
    case unfit(reason: String, ClassifierSelfTest?)
  }

  private let state: State
  private let seed: UInt64

  /// The columns that `measure` fills.
  static let columns: [EvaluationTable.Column] = [
    .init(key: "is", name: "IS", direction: .higher),
    .init(key: "mis", name: "mIS", direction: .higher, digits: 1),
    .init(key: "am", name: "AM", unit: "nats", direction: .lower),
    .init(key: "accuracy", name: "right label", unit: "%", direction: .higher, digits: 1),
    .init(key: "rejected", name: "no label", unit: "%", direction: .lower, digits: 1),
  ]

  /// Trains and tests the classifier, where there are labels.
  init(
    training: AudioClips, heldOut: AudioClips, labelNames: [String], sampleRate: Int, steps: Int, seed: UInt64
  ) throws {
    self.seed = seed
    guard let labels = training.labels, let heldOutLabels = heldOut.labels, labelNames.count > 1 else {
      state = .unfit(reason: "the data has no labels, or one only", nil)
      return
    }
    let classifier = try SoundClassifier(
      clips: training.clips, labels: labels, labelCount: labelNames.count, sampleRate: sampleRate,
      steps: steps)
    let test = try ClassifierSelfTest(classifier, clips: heldOut.clips, labels: heldOutLabels)
    state = test.failure.map { .unfit(reason: $0, test) } ?? .ready(classifier, test)
  }

  /// What to say of the classifier; nil where there is none.
  var note: String? {
    switch state {
    case .ready(_, let test): test.description
    case .unfit(_, let test): test?.description
    }
  }

  /// Cells for clips by column key.
  func measure(_ row: AudioClips) throws -> [String: EvaluationTable.Cell] {
    guard case .ready(let classifier, _) = state else {
      guard case .unfit(let reason, _) = state else { return [:] }
      return Dictionary(uniqueKeysWithValues: Self.columns.map { ($0.key, .missing(reason: reason)) })
    }
    guard row.count > 1 else {
      return Dictionary(
        uniqueKeysWithValues: Self.columns.map { ($0.key, .missing(reason: "needs two samples")) })
    }
    var stream = RandomStream(seed: seed, name: "evaluation classes")
    let predictions = try classifier.predictions(for: row.clips)
    let all = try ClassScores(probabilities: predictions)
    let known = try ClassScores(probabilities: classifier.labelProbabilities(predictions))
    let rejects = all.predictions.count { $0 == classifier.trainingShares.count }
    return [
      "is": .measured(known.inceptionScore(using: &stream)),
      "mis": .measured(known.modifiedInceptionScore(using: &stream)),
      "am": .measured(known.amScore(trainingShares: classifier.trainingShares, using: &stream)),
      "accuracy": row.labels.map { .measured(all.accuracy(labels: $0)) }
        ?? .missing(reason: "no labels were asked for"),
      "rejected": .measured(Score(percentage: rejects, of: row.count)),
    ]
  }
}
