import Foundation
import Torch

/// Log-magnitudes in bands that are equally wide to the ear.
///
/// Hann windows of about 32 ms (the nearest power of two: 256 samples at 8 kHz), half overlapping, none reaching past the
/// clip's ends; magnitudes times 256 / window, so that a tone measures the same at any rate; 40 triangular bands with
/// peaks of 1, equally spaced in HTK mel (`2595 log10(1 + f / 700)`) from 40 Hz to 0.975 of half the sample rate; then
/// `log(x + floor)`. For clips in -1...1 the default floor of 1 lies about 40 dB below full scale: with a lower one the
/// padding after short sounds would decide all statistics, since inaudible hiss there would count like a wrong sound.
public struct LogMelSpectrogram: Sendable {
  /// Samples in a window.
  public let window: Int
  /// Samples between windows.
  public let hop: Int
  /// Bands.
  public let bands: Int
  /// What is added to magnitudes before the logarithm.
  public let floor: Double

  /// The window's shape, scaled, `[window]`.
  private let shape: Tensor
  /// Weights of frequencies in bands, `[window / 2 + 1, bands]`.
  private let filters: Tensor

  /// Prepares windows and bands.
  ///
  /// - Parameters:
  ///   - sampleRate: in Hz; above 100.
  ///   - bands: how many.
  ///   - floor: added before the logarithm; positive.
  public init(sampleRate: Int, bands: Int = 40, floor: Double = 1) throws {
    precondition(sampleRate > 100 && bands > 0 && floor > 0, "no spectrogram of these settings")
    window = 1 << max(4, Int(log2(0.032 * Double(sampleRate)).rounded()))
    hop = window / 2
    self.bands = bands
    self.floor = floor
    let size = window
    shape = try Tensor(
      (0..<size).map { sample in
        Float((0.5 - 0.5 * cos(2 * Double.pi * Double(sample) / Double(size))) * 256 / Double(size))
      })
    filters = try Self.filters(window: window, sampleRate: sampleRate, bands: bands)
  }

  /// Maps clips `[N, T]` to `[N, frames, bands]`; clips shorter than two windows' steps are filled up with zeros.
  public func callAsFunction(_ clips: Tensor) throws -> Tensor {
    let missing = max(0, window + hop - clips.shape[1])
    let clips = try missing > 0 ? clips.padded(0, missing) : clips
    let magnitudes = try (clips.framed(size: window, step: hop) * shape).fourierMagnitudes()
    return try (magnitudes.matmul(filters) + floor).log()
  }

  private static func filters(window: Int, sampleRate: Int, bands: Int) throws -> Tensor {
    let edges = MelScale.edges(bands: bands, sampleRate: Double(sampleRate))
    let weights = (0...(window / 2)).flatMap { bin in
      (0..<bands).map { band in
        let place = Double(bin) * Double(sampleRate) / Double(window)
        let rise = (place - edges[band]) / (edges[band + 1] - edges[band])
        let fall = (edges[band + 2] - place) / (edges[band + 2] - edges[band + 1])
        return Float(max(0, min(rise, fall)))
      }
    }
    return try Tensor(weights, shape: [window / 2 + 1, bands])
  }
}

extension Tensor {
  /// Maps a few clips at a time, so that what a function makes on the way stays small.
  func mappedInBatches(of size: Int = 256, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    let total = shape[0]
    guard total > size else { return try body(self) }
    return try Tensor.concatenated(
      stride(from: 0, to: total, by: size).map { start in
        try body(narrowed(along: 0, start: start, count: Swift.min(size, total - start)))
      })
  }
}

/// The mel scale of pitch in HTK's form (O'Shaughnessy, 1987): `2595 log10(1 + f / 700)`.
enum MelScale {
  /// Mels of a frequency in hertz.
  static func mels(of hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
  /// The frequency in hertz of so many mels.
  static func hertz(of mels: Double) -> Double { 700 * (pow(10, mels / 2595) - 1) }

  /// The frequencies in hertz at which bands begin, peak and end, two more than bands: equally spaced in mel from 40 Hz to
  /// .975 of half the sample rate, each band from the middle of the one before to that of the one after.
  static func edges(bands: Int, sampleRate: Double) -> [Double] {
    let nyquist = sampleRate / 2
    let (low, high) = (mels(of: min(40, 0.4 * nyquist)), mels(of: 0.975 * nyquist))
    return (0..<(bands + 2)).map { hertz(of: low + (high - low) * Double($0) / Double(bands + 1)) }
  }
}

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
