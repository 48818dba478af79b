import Adversarial
import Foundation
import Torch

/// A classifier of clips by label, to score generated ones: trained in seconds on the training clips, fixed by its seed.
///
/// A classifier that is trained on clean clips alone labels noise with certainty, which scores like a good model. This one is
/// trained on clips with noise, gain and shifts, and on sounds of no label (noise, random phases, tones, silence), which it
/// learns to reject; a self-test checks that.
public struct SoundClassifier: @unchecked Sendable {
  /// The seed that freezes it.
  public static let seed: UInt64 = 20_240_817
  /// Batches that it is trained on by default.
  public static let steps = 400
  private static let batch = 64
  /// Sounds to be rejected beside each batch.
  private static let rejectBatch = 20

  /// Share of each target spread over all classes. Without it predictions get so certain that the modified inception score,
  /// which grows with the logarithm of the smallest probabilities, measures this certainty and nothing else.
  private static let smoothing = 0.02

  /// The share of each label among the training clips.
  public let trainingShares: [Double]
  private let spectrogram: LogMelSpectrogram
  private let network: SoundNetwork
  private let mean: Tensor
  private let deviation: Tensor

  /// Trains the classifier.
  ///
  /// - Parameters:
  ///   - clips: `[N, T]`, finite.
  ///   - labels: one for each clip, in `0..<labelCount`.
  ///   - labelCount: how many labels there are, at least two.
  ///   - sampleRate: in Hz.
  ///   - steps: batches of 64 clips.
  public init(clips: Tensor, labels: [Int], labelCount: Int, sampleRate: Int, steps: Int = Self.steps) throws
  {
    precondition(labelCount > 1 && labels.count == clips.shape[0], "a classifier needs labels")
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate)
    trainingShares = (0..<labelCount).map { label in
      Double(labels.count { $0 == label }) / Double(labels.count)
    }
    var stream = RandomStream(seed: Self.seed, name: "sound classifier")
    network = try SoundNetwork(bands: spectrogram.bands, classes: labelCount + 1, using: &stream)
    let clips = try clips.converted(to: .float32)
    let some = stream.indices(256, outOf: labels.count)
    let bands = try spectrogram(clips.gathered(at: Tensor(some)))
    mean = try bands.mean(along: 0, 1)
    deviation = try bands.variance(along: 0, 1).squareRoot().clamped(from: 0.1)
    try train(clips, labels: labels, labelCount: labelCount, steps: steps)
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
    return try network(normalised(clips.converted(to: .float32)), dropout: &stream)
  }

  private func normalised(_ clips: Tensor) throws -> Tensor { try (spectrogram(clips) - mean) / deviation }

  private func train(_ clips: Tensor, labels: [Int], labelCount: Int, steps: Int) throws {
    let optimiser = try Adam(network.namedParameters, weightDecay: 1e-2)
    let rejected = [Int](repeating: labelCount, count: Self.rejectBatch)
    for step in 0..<steps {
      var stream = RandomStream(seed: Self.seed, step: step, name: "sound classifier batch")
      let indices = (0..<Self.batch).map { _ in stream.index(below: labels.count) }
      let others = (0..<Self.rejectBatch).map { _ in stream.index(below: labels.count) }
      let inputs = try withoutGradients {
        let altered = try ProbeSounds.altered(clips.gathered(at: Tensor(indices)), using: &stream)
        let rejects = try ProbeSounds.rejects(clips.gathered(at: Tensor(others)), using: &stream)
        return try normalised(Tensor.concatenated([altered, rejects]))
      }
      var dropout: RandomStream? = stream
      let loss = try network(inputs, dropout: &dropout).logits
        .crossEntropy(targets: Tensor(indices.map { labels[$0] } + rejected), smoothing: Self.smoothing)
      try optimiser.clearGrads()
      try loss.backward()
      // Half a cosine down to 0.
      try optimiser.step(learningRate: 1e-3 * (1 + cos(Double.pi * Double(step) / Double(steps))))
    }
    try optimiser.clearGrads()
  }
}

/// The network of the classifier: three convolutions over the frames of a log-mel spectrogram, mean and maximum over time,
/// 64 features, and logits of the labels and, last, of "none of these".
final class SoundNetwork: Module {
  private let convolutions: [Conv1d]
  private let hidden: Linear
  private let output: Linear

  var members: Members {
    ["convolutions": ModuleGroup(convolutions), "hidden": hidden, "output": output]
  }

  init(bands: Int, classes: Int, using stream: inout RandomStream) throws {
    let sizes = [(bands, 64, 5), (64, 96, 5), (96, 128, 3)]
    convolutions = try sizes.map { inputs, outputs, kernel in
      try Conv1d(
        inputs: inputs, outputs: outputs, kernel: kernel, stride: 2, padding: .both(kernel / 2),
        initialisation: .heNormal, using: &stream)
    }
    hidden = try Linear(inputs: 256, outputs: 64, initialisation: .heNormal, using: &stream)
    output = try Linear(inputs: 64, outputs: classes, using: &stream)
  }

  /// Features `[N, 64]` and logits `[N, classes]` of spectrograms `[N, frames, bands]`; with a stream, dropout is on.
  func callAsFunction(_ spectrograms: Tensor, dropout stream: inout RandomStream?) throws -> (
    features: Tensor, logits: Tensor
  ) {
    var x = try spectrograms.transposed(1, 2)
    for convolution in convolutions { x = try convolution(x).relu() }
    let pooled = try Tensor.concatenated([x.mean(along: 2), x.max(along: 2)], along: 1)
    let features = try hidden(pooled.dropout(0.2, using: &stream)).relu()
    return (features, try output(features))
  }
}
