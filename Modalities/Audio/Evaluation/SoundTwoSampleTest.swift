import Adversarial
import Metrics
import ModalityKit
import Torch

/// Two-sample tests of sounds: by plain features, and by a network that reads spectrograms.
struct SoundTwoSampleTest {
  /// Updates of a training, at most: about three seconds of one core for clips of a second.
  private static let steps = 200

  private let features: PlainSoundFeatures
  private let spectrogram: LogMelSpectrogram
  private let tests: TwoSampleColumns

  /// Prepares to compare with held-out clips.
  ///
  /// - Parameters:
  ///   - heldOut: finite clips `[N, T]`.
  ///   - count: clips that rows have, at least.
  ///   - sampleRate: in Hz.
  ///   - seed: of all draws.
  init(heldOut: Tensor, count: Int, sampleRate: Int, seed: UInt64) throws {
    features = try PlainSoundFeatures(sampleRate: sampleRate)
    // Fainter sounds than in the scores' features, where a floor of 1 hides hiss: here it may tell.
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate, floor: 1e-2)
    let bands = spectrogram.bands
    tests = try TwoSampleColumns(
      heldOut: Self.samples(heldOut, features, spectrogram), count: count,
      networks: [
        TwoSampleColumns.Network(classifier: FreshClassifier(steps: Self.steps)) {
          try SpectrogramReader(bands: bands, using: &$0)
        }
      ], seed: seed, device: .cpu)
  }

  /// "toldByFeatures" and "toldByNetwork".
  var columns: [EvaluationTable.Column] { tests.columns }

  /// Tests finite clips `[N, T]`.
  func measure(_ clips: Tensor) throws -> TwoSampleColumns.Measurement {
    let tested = try clips.narrowed(along: 0, start: 0, count: min(clips.shape[0], max(1, tests.count)))
    return try tests.measure(Self.samples(tested, features, spectrogram))
  }

  /// Tests a half of the held-out clips against the other.
  func measureHeldOut() throws -> TwoSampleColumns.Measurement { try tests.measureHeldOut() }

  /// A row without clips.
  func missing(_ reason: String) -> TwoSampleColumns.Measurement { tests.missing(reason) }

  /// How to read the columns.
  var notes: [String] {
    tests.notes(
      features:
        "levels of \(PlainSoundFeatures.bands) bands and their deviations, periodicity, flatness, centre, peak,"
        + " loudness over time, silence")
  }

  private static func samples(
    _ clips: Tensor, _ features: PlainSoundFeatures, _ spectrogram: LogMelSpectrogram
  ) throws -> TwoSampleColumns.Samples {
    let inputs = try withoutGradients {
      try clips.mappedInBatches { try spectrogram($0.converted(to: .float32)) }
    }
    return TwoSampleColumns.Samples(features: try features(clips), inputs: inputs)
  }
}

/// A small discriminator of log-mel spectrograms `[B, frames, bands]`: the network that also tells labels apart, with one
/// logit.
final class SpectrogramReader: Discriminator {
  /// About the mean and the deviation of logarithms of magnitudes above a hundredth.
  private static let (offset, scale) = (1.5, 2.5)

  private let network: SoundNetwork

  var members: Members { ["network": network] }

  init(bands: Int, using stream: inout RandomStream) throws {
    network = try SoundNetwork(bands: bands, classes: 1, using: &stream)
  }

  func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    var dropout: RandomStream? = context.isTraining ? context.stream("dropout") : nil
    let inputs = try (samples + Self.offset) * (1 / Self.scale)
    return try network(inputs, dropout: &dropout).logits.squeezingDimension(at: 1)
  }
}
