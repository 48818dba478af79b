import Metrics
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("Classifier of sounds")
struct SoundClassifierTests {
  private func trained(_ sounds: SyntheticSounds, _ kind: SoundClassifier.Kind = .mel, steps: Int) throws
    -> SoundClassifier
  {
    try SoundClassifier(
      kind, clips: sounds.clips, labels: sounds.labels, labelCount: 3, sampleRate: 8000, steps: steps)
  }

  @Test(
    "A trained one passes its self-test and the ladder, and rejects what is no label's sound",
    arguments: SoundClassifier.Kind.allCases)
  func passes(kind: SoundClassifier.Kind) throws {
    let classifier = try trained(SyntheticSounds(count: 150, seed: 1), kind, steps: 80)
    let heldOut = try SyntheticSounds(count: 60, seed: 2)
    let test = try ClassifierSelfTest(classifier, clips: heldOut.clips, labels: heldOut.labels)
    #expect(test.failure == nil, "\(test)")
    #expect(test.accuracy.value > 90 && test.clean > 2)
    #expect(test.description.contains("Self-test passed"))
    #expect(test.rejected.value < 5)
    let ladder = try ClassifierLadder(
      [classifier], clips: heldOut.clips, labels: heldOut.labels, sampleRate: 8000)
    #expect(ladder.failure(of: 0) == nil, "\(ladder)")
    var stream = RandomStream(seed: 3, name: "test")
    let noise = try classifier.predictions(
      for: ProbeSounds.whiteNoise(50, length: 2048, using: &stream))
    #expect(noise.shape == [50, 4])
    #expect(try ClassScores(probabilities: noise).accuracy(labels: Array(repeating: 3, count: 50)).value > 90)
    #expect(try classifier.features(of: heldOut.clips).shape == [60, 64])
  }

  @Test("An untrained one fails it, and the reason says why")
  func fails() throws {
    let classifier = try trained(SyntheticSounds(count: 30, seed: 1), steps: 0)
    let heldOut = try SyntheticSounds(count: 30, seed: 2)
    let test = try ClassifierSelfTest(classifier, clips: heldOut.clips, labels: heldOut.labels)
    #expect(test.failure?.contains("told right, below 67 %") == true, "\(test)")
    #expect(test.description.contains("FAILED"))
  }

  @Test("The same clips make the same classifier", arguments: SoundClassifier.Kind.allCases)
  func repeatable(kind: SoundClassifier.Kind) throws {
    let sounds = try SyntheticSounds(count: 30, seed: 1)
    let predictions = try (0..<2).map { _ in
      try trained(sounds, kind, steps: 2).predictions(for: sounds.clips)
    }
    #expect(try predictions[0].isEqual(to: predictions[1]))
  }

  @Test("What is rejected is dealt out by the training shares")
  func rejection() throws {
    let sounds = try SyntheticSounds(count: 4, seed: 1)
    let classifier = try SoundClassifier(
      clips: sounds.clips, labels: [0, 0, 0, 1], labelCount: 2, sampleRate: 8000, steps: 0)
    #expect(classifier.trainingShares == [0.75, 0.25])
    let dealt = try classifier.labelProbabilities(Tensor([0.5, 0.1, 0.4, 0, 0, 1], shape: [2, 3]))
    #expect(try dealt.distance(to: Tensor([0.8, 0.2, 0.75, 0.25], shape: [2, 2])) < 1e-12)
  }
}
