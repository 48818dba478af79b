import Foundation
import Metrics
import Torch

/// Scores of waveforms themselves: silence, clipping, a constant offset, and the tones that upsampling leaves.
///
/// Each is a mean over clips that are taken one by one, with the error of a mean.
public struct WaveformScores: Hashable, Sendable {
  /// Peaks below this are silence: 60 dB below full scale.
  public static let silence = 1e-3
  /// Magnitudes from this on are at full scale; so many neighbours of them make a clip a clipped one. A clip that was
  /// normalised to its peak touches full scale once.
  public static let fullScale = 0.999, clippedRun = 3

  /// Percentage of clips that are silent.
  public let silent: Score
  /// Percentage of clips that are clipped.
  public let clipped: Score
  /// The mean magnitude of clips' constant offsets, in percent of full scale.
  public let offset: Score
  /// How far, in decibels, the spectrum at multiples of a 64th of the sample rate (and so of a 16th and a 4th) stands above
  /// its neighbours: what networks that stretch time by fours leave. About 0 for real sounds. Nil where all clips are
  /// silent or too short.
  public let tones: Score?

  /// Measures clips.
  ///
  /// - Parameters:
  ///   - clips: `[N, T]` of finite samples, at least one clip.
  ///   - fixedLabels: the clips' labels, where other draws would have as many of each; nil where labels were drawn too.
  public init(_ clips: Tensor, fixedLabels: [Int]? = nil) throws {
    let strata = Strata(labels: fixedLabels, count: clips.shape[0])
    let parts = try withoutGradients {
      try stride(from: 0, to: clips.shape[0], by: 256).map { start in
        try Part(
          clips.narrowed(along: 0, start: start, count: min(256, clips.shape[0] - start))
            .converted(to: .float32))
      }
    }
    let isSilent = parts.flatMap(\.isSilent)
    silent = Score(percentageOf: isSilent, strata: strata)
    clipped = Score(percentageOf: parts.flatMap(\.isClipped), strata: strata)
    offset = Score(meanOf: parts.flatMap(\.offsets).map { 100 * abs($0) }, strata: strata)
    let tones = parts.flatMap(\.tones)
    let audible = tones.indices.filter { !isSilent[$0] }
    self.tones =
      audible.isEmpty
      ? nil
      : Score(
        meanOf: audible.map { tones[$0] },
        strata: Strata(labels: fixedLabels.map { labels in audible.map { labels[$0] } }, count: audible.count)
      )
  }

  /// A few clips, each by itself.
  private struct Part {
    let isSilent: [Bool]
    let isClipped: [Bool]
    let offsets: [Double]
    /// Empty where clips are too short.
    let tones: [Double]

    init(_ clips: Tensor) throws {
      isSilent = try clips.peaks().less(than: WaveformScores.silence).reshaped([-1]).array()
      offsets = try clips.converted(to: .float64).mean(along: 1).array()
      let full = try clips.absolute().greater(than: WaveformScores.fullScale).converted(to: .float32)
      let run = WaveformScores.clippedRun
      isClipped =
        clips.shape[1] < run
        ? isSilent.map { _ in false }
        : try full.framed(size: run, step: 1).sum(along: 2).max(along: 1).greater(
          than: Double(run) - 0.5
        ).array()
      tones = try Part.tones(clips)
    }

    /// Over the whole clip's spectrum, neighbours 4 to 16 bins away on either side.
    private static func tones(_ clips: Tensor) throws -> [Double] {
      // Whole multiples of 64 samples keep the tones on bins.
      let length = clips.shape[1] / 64 * 64
      let spacing = length / 64
      guard spacing > 32 else { return [] }
      let magnitudes = try clips.narrowed(along: 1, start: 0, count: length).fourierMagnitudes()
      let levels = try magnitudes.clamped(from: 1e-6).log() * (20 / log(10))
      func mean(_ offsets: [Int]) throws -> Tensor {
        let bins = (1..<32).flatMap { multiple in offsets.map { multiple * spacing + $0 } }
        return try levels.gathered(at: Tensor(bins), along: 1).mean(along: 1)
      }
      let around = Array(4...16)
      let index = try mean([0]) - mean(around + around.map { -$0 })
      return try index.converted(to: .float64).array()
    }
  }
}
