import Foundation
import Metrics
import Torch

/// How harmonic sounds are: the share of frames that repeat themselves as voices and strings do, and by how much what repeats
/// stands above what does not. Breathy voices have less of both.
///
/// As in Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio" (1993): the
/// autocorrelation r of each frame, without what the window takes off, at its highest peak between 70 and 500 Hz; the ratio is
/// `10 log10(r / (1 - r))`, 0 dB where half of the power repeats. Frames of about 64 ms, half overlapping.
public struct HarmonicScores: Hashable, Sendable {
  /// Frames whose peak is at least so high are voiced.
  public static let voicing = 0.45
  /// Frames so many decibels below a clip's loudest are not looked at, nor are those below -60 dB of full scale.
  static let range = 40.0
  /// Peaks above are as this, 30 dB.
  private static let highest = 0.999

  /// Percentage of a clip's audible frames that are voiced, in the mean over audible clips; nil where none is audible.
  public let voiced: Score?
  /// The mean ratio of a clip's voiced frames in decibels, in the mean over clips that have any; nil where none has.
  public let ratio: Score?

  /// Measures clips.
  ///
  /// - Parameters:
  ///   - clips: `[N, T]` of finite samples, at least one clip.
  ///   - sampleRate: in Hz.
  ///   - fixedLabels: the clips' labels, where other draws would have as many of each; nil where labels were drawn too.
  public init(_ clips: Tensor, sampleRate: Int, fixedLabels: [Int]? = nil) throws {
    let meter = try Meter(sampleRate: sampleRate)
    let sums = try withoutGradients {
      try clips.mappedInBatches(of: 64) { try meter.sums(of: $0.converted(to: .float32)) }
    }
    let columns = try sums.converted(to: .float64).unbound(along: 1).map { try $0.array(of: Double.self) }
    func mean(_ values: [Double], over counts: [Double]) -> Score? {
      let present = counts.indices.filter { counts[$0] > 0 }
      guard !present.isEmpty else { return nil }
      return Score(
        meanOf: present.map { values[$0] / counts[$0] },
        strata: Strata(labels: fixedLabels.map { labels in present.map { labels[$0] } }, count: present.count)
      )
    }
    voiced = mean(columns[1].map { 100 * $0 }, over: columns[0])
    ratio = mean(columns[2], over: columns[1])
  }

  /// Finds peaks.
  private struct Meter {
    let window: Int
    let correlation: FrameAutocorrelation

    init(sampleRate: Int) throws {
      window = 1 << max(5, Int(log2(0.064 * Double(sampleRate)).rounded()))
      // One more at either end, for what is a peak to be seen.
      let longest = min(window / 2, sampleRate / 70 + 1)
      let shortest = min(longest - 2, max(1, sampleRate / 500 - 1))
      correlation = try FrameAutocorrelation(window: window, lags: Array(shortest...longest))
    }

    /// Of each clip, the number of audible frames, of voiced ones, and the sum of their ratios, `[N, 3]`.
    func sums(of clips: Tensor) throws -> Tensor {
      let missing = max(0, window - clips.shape[1])
      let frames = try (missing > 0 ? clips.padded(0, missing) : clips).framed(size: window, step: window / 2)
      let powers = try frames.squared().mean(along: 2)
      let loudest = try powers.max(along: 1, keepingDimensions: true)
      let floor = try (loudest * pow(10, -HarmonicScores.range / 10)).clamped(from: 1e-6)
      let audible = try powers.greater(than: floor).converted(to: .float32)
      let peaks = try peaks(correlation(correlation.powers(of: frames)))
      let voiced = try peaks.greater(than: HarmonicScores.voicing).converted(to: .float32) * audible
      let bounded = try peaks.clamped(from: HarmonicScores.voicing, to: HarmonicScores.highest)
      let ratios = try (bounded / (1 - bounded)).log() * (10 / Foundation.log(10)) * voiced
      return try Tensor.stacked(
        [audible.sum(along: 1), voiced.sum(along: 1), ratios.sum(along: 1)], along: 1)
    }

    /// The highest local maximum along lags, between samples by a parabola; 0 where there is none.
    private func peaks(_ values: Tensor) throws -> Tensor {
      let count = values.shape[2]
      func part(_ start: Int) throws -> Tensor {
        try values.narrowed(along: 2, start: start, count: count - 2)
      }
      let (before, here, after) = (try part(0), try part(1), try part(2))
      let isPeak = try here.greater(than: before).and(here.less(than: after).negated())
      let bend = try (here * 2 - before - after).clamped(from: 1e-6)
      let top = try here + (after - before).squared() / (bend * 8)
      return try (top * isPeak.converted(to: .float32)).max(along: 2)
    }
  }
}

/// Autocorrelations of frames, by the power spectrum of frames that are filled up to twice their length, so that no lag wraps
/// around.
struct FrameAutocorrelation: Sendable {
  /// Cosines that make autocorrelations of power spectra, `[window + 1, lags]`, less what the window's shape takes off.
  private let cosines: Tensor
  private let shape: Tensor
  private let window: Int

  /// Prepares Hann windows.
  ///
  /// - Parameters:
  ///   - window: samples in a frame.
  ///   - lags: in samples, positive, below the window.
  init(window: Int, lags: [Int]) throws {
    self.window = window
    let size = window
    let hann = (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(size)) }
    shape = try Tensor(hann.map { Float($0) })
    let own = ([0] + lags).map { lag in zip(hann, hann.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } }
    let table = (0...size).flatMap { bin in
      lags.enumerated().map { index, lag in
        let weight = bin == 0 || bin == size ? 1.0 : 2.0
        let angle = Double.pi * Double(bin) * Double(lag) / Double(size)
        return Float(weight * cos(angle) * own[0] / own[index + 1])
      }
    }
    cosines = try Tensor(table, shape: [size + 1, lags.count])
  }

  /// Power spectra `[N, F, window + 1]` of frames `[N, F, window]` under the window.
  func powers(of frames: Tensor) throws -> Tensor {
    try (frames * shape).padded(0, window).fourierMagnitudes().squared()
  }

  /// Autocorrelations `[N, F, lags]` over that at lag 0, of power spectra `[N, F, window + 1]`.
  func callAsFunction(_ spectrum: Tensor) throws -> Tensor {
    let ends =
      try spectrum.narrowed(along: 2, start: 0, count: 1)
      + spectrum.narrowed(along: 2, start: window, count: 1)
    let power = try spectrum.sum(along: 2, keepingDimensions: true) * 2 - ends
    return try spectrum.matmul(cosines) / power.clamped(from: 1e-9)
  }
}
