import Foundation
import Metrics
import Torch

/// What a classifier makes of sounds that say nothing, and of real ones under noise, before it may score anything.
public struct ClassifierSelfTest: Hashable, Sendable, CustomStringConvertible {
  /// The largest inception score of sounds that say nothing.
  public static let scoreLimit = 1.6
  /// The largest relative change of the inception score of held-out clips by noise 30 dB below them.
  public static let changeLimit = 0.1

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

  /// Tests a classifier.
  ///
  /// - Parameters:
  ///   - classifier: what to test.
  ///   - clips: held-out clips `[N, T]`.
  ///   - labels: theirs.
  public init(_ classifier: SoundClassifier, clips: Tensor, labels: [Int]) throws {
    var stream = RandomStream(seed: SoundClassifier.seed, name: "classifier self-test")
    let clips = try clips.converted(to: .float32)
    let (count, length) = (clips.shape[0], clips.shape[1])
    func score(_ clips: Tensor) throws -> Double {
      var stream = RandomStream(seed: SoundClassifier.seed, name: "classifier self-test errors")
      let predictions = try classifier.labelProbabilities(classifier.predictions(for: clips))
      return try ClassScores(probabilities: predictions).inceptionScore(using: &stream).value
    }
    whiteNoise = try score(ProbeSounds.whiteNoise(300, length: length, using: &stream))
    randomPhase = try score(
      clips.mappedInBatches { try ProbeSounds.randomPhase($0, using: &stream) })
    clean = try score(clips)
    noisy = try score(
      clips.mappedInBatches { clips in
        let noise = try stream.normal(clips.shape)
        return try clips.under(noise, ratios: Tensor.full([clips.shape[0], 1], value: 30))
      })
    precondition(labels.count == count, "a label for each clip")
    accuracy = try ClassScores(probabilities: classifier.predictions(for: clips)).accuracy(labels: labels)
    accuracyLimit = 50 + 50 / Double(classifier.trainingShares.count)
  }

  /// Why the classifier may not score anything; nil where it may.
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
    return faults.isEmpty ? nil : "the classifier failed its self-test: " + faults.joined(separator: "; ")
  }

  /// The numbers in a sentence.
  public var description: String {
    String(
      format: "Classifier, seed %d: tells %.1f %% of held-out clips right. Self-test %@: inception score of "
        + "white noise %.2f, of random phases %.2f (at most %.1f), of real clips %.2f, %.2f under noise at 30 dB.",
      Int(SoundClassifier.seed), accuracy.value, failure == nil ? "passed" : "FAILED", whiteNoise,
      randomPhase, Self.scoreLimit, clean, noisy)
  }
}
