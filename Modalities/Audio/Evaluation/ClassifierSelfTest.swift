import Foundation
import Metrics
import Torch

/// The self-test of a classifier, on sounds without a label and on real ones under noise; it scores models only if it passes.
public struct ClassifierSelfTest: Hashable, Sendable, CustomStringConvertible {
  /// The largest permitted inception score of sounds without a label.
  public static let scoreLimit = 1.6
  /// The largest relative change of the inception score of held-out clips by noise 30 dB below them.
  public static let changeLimit = 0.1
  /// The largest permitted percentage of rejected held-out clips, and of those under noise 20 dB below them, beyond two
  /// standard errors.
  public static let rejectLimits = (real: 3.0, noisy: 10.0)

  /// The classifier's seed.
  public let seed: UInt64
  /// Inception score of white noise.
  public let whiteNoise: Double
  /// Inception score of held-out clips with random phases.
  public let randomPhase: Double
  /// Inception score of held-out clips.
  public let clean: Double
  /// Inception score of held-out clips with white noise 30 dB below them.
  public let noisy: Double
  /// Percentage of held-out clips that are given their label.
  public let accuracy: Score
  /// The least accuracy: half way from guessing to certainty.
  public let accuracyLimit: Double
  /// Percentage of held-out clips that are given none.
  public let rejected: Score
  /// The same under white noise 20 dB below them.
  public let noisyRejected: Score

  /// Tests a classifier.
  ///
  /// - Parameters:
  ///   - classifier: what to test.
  ///   - clips: held-out clips `[N, T]`.
  ///   - labels: theirs.
  public init(_ classifier: SoundClassifier, clips: Tensor, labels: [Int]) throws {
    precondition(labels.count == clips.shape[0], "a label for each clip")
    seed = classifier.kind.seed
    let none = classifier.trainingShares.count
    var stream = RandomStream(seed: seed, name: "classifier self-test")
    let clips = try clips.converted(to: .float32)
    func score(_ predictions: Tensor) throws -> Double {
      var stream = RandomStream(seed: classifier.kind.seed, name: "classifier self-test errors")
      return try ClassScores(probabilities: classifier.labelProbabilities(predictions))
        .inceptionScore(using: &stream).value
    }
    func noisy(_ decibels: Double) throws -> Tensor {
      try classifier.predictions(
        for: clips.mappedInBatches { clips in
          try clips.under(
            stream.normal(clips.shape), ratios: Tensor.full([clips.shape[0], 1], value: decibels))
        })
    }
    func rejected(_ scores: ClassScores) -> Score {
      Score(percentage: scores.predictions.count { $0 == none }, of: scores.sampleCount)
    }
    whiteNoise = try score(
      classifier.predictions(for: ProbeSounds.whiteNoise(300, length: clips.shape[1], using: &stream)))
    randomPhase = try score(
      classifier.predictions(for: clips.mappedInBatches { try ProbeSounds.randomPhase($0, using: &stream) }))
    let predictions = try classifier.predictions(for: clips)
    clean = try score(predictions)
    self.noisy = try score(noisy(30))
    let scores = try ClassScores(probabilities: predictions)
    accuracy = scores.accuracy(labels: labels)
    accuracyLimit = 50 + 50 / Double(none)
    self.rejected = rejected(scores)
    noisyRejected = try rejected(ClassScores(probabilities: noisy(20)))
  }

  /// Why the classifier fails; nil where it passes.
  public var failure: String? {
    var faults: [String] = []
    for (name, value) in [("white noise", whiteNoise), ("random phases", randomPhase)]
    where !(value <= Self.scoreLimit) {
      faults.append(String(format: "%@ scores %.2f, above %.1f", name, value, Self.scoreLimit))
    }
    if !(abs(noisy / clean - 1) <= Self.changeLimit) {
      faults.append(
        String(format: "noise at 30 dB takes real clips' inception score from %.2f to %.2f", clean, noisy))
    }
    if !(accuracy.value >= accuracyLimit) {
      faults.append(
        String(
          format: "%.1f %% of held-out clips are told right, below %.0f %%", accuracy.value, accuracyLimit))
    }
    for (name, score, limit) in [
      ("held-out clips", rejected, Self.rejectLimits.real),
      ("held-out clips under noise at 20 dB", noisyRejected, Self.rejectLimits.noisy),
    ] where !(score.value - 2 * (score.standardError ?? 0) <= limit) {
      faults.append(String(format: "%.1f %% of %@ get no label, above %.0f %%", score.value, name, limit))
    }
    return faults.isEmpty ? nil : "the classifier failed its self-test: " + faults.joined(separator: "; ")
  }

  /// The numbers in a sentence.
  public var description: String {
    String(
      format:
        "Classifier, seed %d: tells %.1f %% of held-out clips right and gives %.1f %% no label, %.1f %% under "
        + "noise at 20 dB. Self-test %@: inception score of white noise %.2f, of random phases %.2f (at most %.1f), "
        + "of real clips %.2f, %.2f under noise at 30 dB.",
      Int(seed), accuracy.value, rejected.value, noisyRejected.value, failure == nil ? "passed" : "FAILED",
      whiteNoise, randomPhase, Self.scoreLimit, clean, noisy)
  }
}
