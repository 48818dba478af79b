import Foundation
import Torch

/// Plain numbers of clips that ears go by: how loud bands are and how much that varies, how periodic and how noisy frames are,
/// how loudness runs over time. For two-sample tests: what a network has to learn from few clips is told outright.
///
/// Frames are about 32 ms long, half overlapping. Levels are in decibels of full scale, none below -90: silence is alike
/// whether it was dithered or not.
public struct PlainSoundFeatures: Sendable {
  /// Bands whose levels are taken.
  static let bands = 20
  /// Levels below, in decibels, are as this.
  static let floor = -90.0
  /// Frames below are silent, in decibels.
  static let silence = -60.0

  private let spectrogram: LogMelSpectrogram
  private let window: Int
  private let correlation: FrameAutocorrelation

  /// Prepares frames for a rate in Hz.
  public init(sampleRate: Int) throws {
    // So little is added that the floor is that of decibels.
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate, bands: Self.bands, floor: 1e-7)
    window = spectrogram.window
    // From a thousandth of a second, the highest voices, to a half of the frame.
    correlation = try FrameAutocorrelation(
      window: window, lags: Array(max(2, sampleRate / 1_000)...max(3, window / 2)))
  }

  /// Features `[N, 54]` in double precision of finite clips `[N, T]`.
  public func callAsFunction(_ clips: Tensor) throws -> Tensor {
    try withoutGradients {
      try clips.mappedInBatches(of: 64) { try features(of: $0.converted(to: .float32)) }
    }
  }

  private func features(of clips: Tensor) throws -> Tensor {
    let missing = max(0, 2 * window - clips.shape[1])
    let clips = try missing > 0 ? clips.padded(0, missing) : clips
    // Magnitudes of the mel bands are 256 / window times sums over a Hann window: 64 is a full-scale tone's.
    let decibels = 20 / Foundation.log(10.0)
    let levels = try (spectrogram(clips) * decibels - 20 * Foundation.log10(64.0)).clamped(from: Self.floor)
    let frames = try clips.framed(size: window, step: window / 2)
    let powers = try frames.squared().mean(along: 2)
    let loudness = try (powers.clamped(from: 1e-12).log() * (decibels / 2)).clamped(from: Self.floor)
    let spectrum = try correlation.powers(of: frames)
    // The largest autocorrelation: 1 for periodic sounds, about 0 for noise.
    let periodicity = try correlation(spectrum).max(along: 2).clamped(from: -1, to: 1)
    let flatness = try flatness(spectrum)
    let centroid = try centroid(spectrum)
    // Frames that cannot be heard say nothing of their timbre.
    let audible = try loudness.greater(than: Self.silence).converted(to: .float32)
    let heard = try audible.sum(along: 1).clamped(from: 1)
    func moments(_ values: Tensor) throws -> [Tensor] {
      let mean = try (values * audible).sum(along: 1) / heard
      let centred = try (values - mean.expandingDimension(at: 1)) * audible
      return [mean, try (centred.squared().sum(along: 1) / heard).squareRoot()]
    }
    let count = loudness.shape[1]
    let times = try Tensor.arange(0, Double(count)).converted(to: .float32) * (1 / Double(count))
    let weights = try powers / powers.sum(along: 1, keepingDimensions: true).clamped(from: 1e-12)
    let centre = try (weights * times).sum(along: 1)
    let spread = try ((times - centre.expandingDimension(at: 1)).squared() * weights).sum(along: 1)
      .squareRoot()
    let peak = try clips.absolute().max(along: 1).clamped(from: 1e-6)
    let level = try clips.squared().mean(along: 1).clamped(from: 1e-12).squareRoot()
    let changes = try
      (loudness.narrowed(along: 1, start: 1, count: count - 1)
      - loudness.narrowed(along: 1, start: 0, count: count - 1)).absolute()
    var single = try moments(periodicity) + moments(flatness) + moments(centroid)
    single.append(try (peak / level).log() * decibels)
    single.append(try peak.log() * decibels)
    single.append(try loudness.mean(along: 1))
    single.append(try loudness.variance(along: 1, correction: 0).squareRoot())
    single.append(try changes.mean(along: 1))
    single.append(try 1 - audible.mean(along: 1))
    single.append(centre)
    single.append(spread)
    return try Tensor.concatenated(
      [
        levels.mean(along: 1), levels.variance(along: 1, correction: 0).squareRoot(),
        Tensor.stacked(single, along: 1),
      ], along: 1
    ).converted(to: .float64)
  }

  /// The geometric over the arithmetic mean of each frame's power spectrum, as a logarithm: 0 for white noise.
  private func flatness(_ spectrum: Tensor) throws -> Tensor {
    let power = try spectrum.clamped(from: 1e-9)
    return try power.log().mean(along: 2) - power.mean(along: 2).log()
  }

  /// The centre of each frame's power spectrum, as a share of half the sample rate.
  private func centroid(_ spectrum: Tensor) throws -> Tensor {
    let power = try spectrum.clamped(from: 1e-9)
    let bins = try Tensor.arange(0, Double(window + 1)).converted(to: .float32) * (1 / Double(window))
    return try (power * bins).sum(along: 2) / power.sum(along: 2)
  }
}
