import Torch

/// A fixed description of clips by 120 numbers that need no training: for each band of the log-mel spectrogram its mean,
/// its standard deviation and its mean absolute change from frame to frame, standardised by the training clips.
public struct LogMelFeatures: Sendable {
  private let spectrogram: LogMelSpectrogram
  private let mean: Tensor
  private let deviation: Tensor
  /// The training clips' features, `[N, 120]` in double precision.
  public let training: Tensor

  /// Measures the training clips.
  ///
  /// - Parameters:
  ///   - training: clips `[N, T]`, at least two.
  ///   - sampleRate: in Hz.
  public init(training: Tensor, sampleRate: Int) throws {
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate)
    let raw = try Self.statistics(training, spectrogram)
    mean = try raw.mean(along: 0)
    // A band that is empty in all training clips would blow up the faintest noise in it.
    deviation = try raw.variance(along: 0, correction: 0).squareRoot().clamped(from: 0.01)
    self.training = try (raw - mean) / deviation
  }

  /// Features `[N, 120]` in double precision of clips `[N, T]`.
  public func callAsFunction(_ clips: Tensor) throws -> Tensor {
    try (Self.statistics(clips, spectrogram) - mean) / deviation
  }

  private static func statistics(_ clips: Tensor, _ spectrogram: LogMelSpectrogram) throws -> Tensor {
    try withoutGradients {
      try clips.mappedInBatches { clips in
        let bands = try spectrogram(clips.converted(to: .float32)).converted(to: .float64)
        let frames = bands.shape[1]
        let later = try bands.narrowed(along: 1, start: 1, count: frames - 1)
        let changes = try later - bands.narrowed(along: 1, start: 0, count: frames - 1)
        return try Tensor.concatenated(
          [
            bands.mean(along: 1), bands.variance(along: 1, correction: 0).squareRoot(),
            changes.absolute().mean(along: 1),
          ], along: 1)
      }
    }
  }
}
