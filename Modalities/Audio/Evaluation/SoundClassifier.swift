import Adversarial
import Foundation
import Torch

/// A classifier of clips by label, to score generated ones: trained in seconds on the training clips, fixed by its seed.
///
/// A classifier that is trained on clean clips alone labels noise with certainty, which scores like a good model, and one
/// that has met noise alone still hears words in breath. This one is trained on clips with noise, gain and shifts, and on
/// sounds of no label, which it learns to reject: noise, random phases, tones, silence (`ProbeSounds`), and what generators
/// make (`BrokenSounds`). Where a broken sound cannot be told from real ones, as a hiss from vocoded hiss, it is too rare to
/// be rejected: batches hold ten times as many real clips of each label as of each kind of broken ones.
///
/// There are two, which share nothing but this class: what both hear is there.
public struct SoundClassifier: @unchecked Sendable {
  /// Which of the two.
  public enum Kind: String, CaseIterable, Sendable {
    /// Convolutions over the frames of a log-mel spectrogram, mean and maximum over time.
    case mel
    /// Convolutions over both axes of a spectrogram in linear frequency that resolves harmonics, then a recurrent network.
    case linear

    /// The seed that freezes it.
    public var seed: UInt64 {
      switch self {
      case .mel: 20_240_817
      case .linear: 7_919_531
      }
    }

    /// Adam's, at the first step.
    fileprivate var learningRate: Double {
      switch self {
      case .mel: 2e-3
      case .linear: 4e-3
      }
    }
  }

  /// Batches that it is trained on by default.
  public static let steps = 320
  private static let batch = 64

  /// What a sound to be rejected counts, where a real clip counts 1: how strict the classifier is. At 1 real clips that it
  /// knows well are half doubted, at 0.3 it hears words in noise of eight bands.
  private static let rejectWeight: Float = 0.5

  /// Share of each target spread over all classes. Without it predictions get so certain that the modified inception score,
  /// which grows with the logarithm of the smallest probabilities, measures this certainty and nothing else.
  private static let smoothing = 0.02

  /// Which of the two.
  public let kind: Kind
  /// The share of each label among the training clips.
  public let trainingShares: [Double]
  private let network: any ClipReader

  /// Trains the classifier.
  ///
  /// - Parameters:
  ///   - kind: which of the two.
  ///   - clips: `[N, T]`, finite.
  ///   - labels: one for each clip, in `0..<labelCount`.
  ///   - labelCount: how many labels there are, at least two.
  ///   - sampleRate: in Hz.
  ///   - steps: batches of 64 clips.
  public init(
    _ kind: Kind = .mel, clips: Tensor, labels: [Int], labelCount: Int, sampleRate: Int,
    steps: Int = Self.steps
  ) throws {
    precondition(labelCount > 1 && labels.count == clips.shape[0], "a classifier needs labels")
    self.kind = kind
    trainingShares = (0..<labelCount).map { label in
      Double(labels.count { $0 == label }) / Double(labels.count)
    }
    var stream = RandomStream(seed: kind.seed, name: "sound classifier")
    let clips = try clips.converted(to: .float32)
    let some = try clips.gathered(at: Tensor(stream.indices(256, outOf: labels.count)))
    network =
      switch kind {
      case .mel:
        try MelReader(sampleRate: sampleRate, classes: labelCount + 1, typical: some, using: &stream)
      case .linear:
        try LinearReader(sampleRate: sampleRate, classes: labelCount + 1, typical: some, using: &stream)
      }
    try train(
      clips, labels: labels, rejects: RejectMix(kind, sampleRate: sampleRate, labels: labels), steps: steps)
  }

  /// Probabilities `[N, labels + 1]` of clips `[N, T]`, the last for none of the labels.
  public func predictions(for clips: Tensor) throws -> Tensor {
    try withoutGradients {
      try clips.mappedInBatches { try outputs(for: $0).logits.softmax() }
    }
  }

  /// Features of clips before the last layer, `[N, 64]`.
  public func features(of clips: Tensor) throws -> Tensor {
    try withoutGradients { try clips.mappedInBatches { try outputs(for: $0).features } }
  }

  /// Predictions over the labels alone: the probability of the reject class is distributed over the labels in proportion to their
  /// shares in training.
  ///
  /// Rejected clips therefore never add to an inception score: with the reject class as one more label, a model that is
  /// right half of the time would score more than one that always is.
  ///
  /// - Parameter predictions: `[N, labels + 1]`.
  /// - Returns: `[N, labels]`.
  public func labelProbabilities(_ predictions: Tensor) throws -> Tensor {
    let labels = trainingShares.count
    let known = try predictions.narrowed(along: 1, start: 0, count: labels).converted(to: .float64)
    let rejected = try predictions.narrowed(along: 1, start: labels, count: 1).converted(to: .float64)
    return try known + rejected * Tensor(trainingShares)
  }

  private func outputs(for clips: Tensor) throws -> (features: Tensor, logits: Tensor) {
    var stream: RandomStream?
    return try network.read(network.inputs(of: clips.converted(to: .float32)), dropout: &stream)
  }

  private func train(_ clips: Tensor, labels: [Int], rejects: RejectMix, steps: Int) throws {
    let optimiser = try Adam(network.namedParameters, weightDecay: 1e-2)
    let none = trainingShares.count
    let weights = try Tensor([Float](repeating: 1, count: none) + [Self.rejectWeight])
    for step in 0..<steps {
      var stream = RandomStream(seed: kind.seed, step: step, name: "sound classifier batch")
      let indices = (0..<Self.batch).map { _ in stream.index(below: labels.count) }
      let inputs = try withoutGradients {
        let altered = try ProbeSounds.altered(clips.gathered(at: Tensor(indices)), using: &stream)
        return try network.inputs(
          of: Tensor.concatenated([altered, rejects.draw(from: clips, using: &stream)]))
      }
      let rejected = [Int](repeating: none, count: inputs.shape[0] - Self.batch)
      var dropout: RandomStream? = stream
      let loss = try network.read(inputs, dropout: &dropout).logits
        .crossEntropy(
          targets: Tensor(indices.map { labels[$0] } + rejected), labelWeights: weights,
          smoothing: Self.smoothing)
      try optimiser.clearGrads()
      try loss.backward()
      // Half a cosine down to 0.
      try optimiser.step(
        learningRate: kind.learningRate * (1 + cos(Double.pi * Double(step) / Double(steps))) / 2)
    }
    try optimiser.clearGrads()
  }
}

/// What a classifier is taught to reject, a few sounds of each kind in a batch.
private struct RejectMix {
  private let labels: [Int]
  private let plain: Int
  private let broken: [(kind: BrokenSounds.Kind, count: Int)]
  private let make: BrokenSounds

  init(_ kind: SoundClassifier.Kind, sampleRate: Int, labels: [Int]) throws {
    self.labels = labels
    switch kind {
    case .mel:
      plain = 9
      broken = [
        (.breath, 3), (.part, 4), (.sum, 3), (.splice, 3), (.vocoded, 4), (.blurred, 4), (.hum, 2),
        (.muffled, 2),
      ]
      make = try BrokenSounds(sampleRate: sampleRate)
    case .linear:
      plain = 8
      broken = [
        (.breath, 3), (.part, 4), (.sum, 4), (.vocoded, 5), (.blurred, 3), (.hum, 2), (.muffled, 2),
        (.reversed, 2),
      ]
      make = try BrokenSounds(sampleRate: sampleRate, seconds: 0.016)
    }
  }

  /// Sounds of no label `[R, T]`, made from training clips `[N, T]`.
  func draw(from clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    func some(_ indices: [Int]) throws -> Tensor { try clips.gathered(at: Tensor(indices)) }
    let scrambled = (0..<plain).map { _ in stream.index(below: labels.count) }
    var sounds = [try ProbeSounds.rejects(some(scrambled), using: &stream)]
    var others: [Tensor] = []
    for (kind, count) in broken {
      let own = (0..<count).map { _ in stream.index(below: labels.count) }
      let partners = own.map { partner(of: $0, using: &stream) }
      others.append(try make(kind, some(own), partners: some(partners), using: &stream))
    }
    // Neither level nor noise may tell them.
    sounds.append(try ProbeSounds.altered(Tensor.concatenated(others), using: &stream))
    return try Tensor.concatenated(sounds)
  }

  /// A clip of another label; any where none is found in some draws.
  private func partner(of index: Int, using stream: inout RandomStream) -> Int {
    var partner = stream.index(below: labels.count)
    for _ in 0..<32 where labels[partner] == labels[index] { partner = stream.index(below: labels.count) }
    return partner
  }
}
