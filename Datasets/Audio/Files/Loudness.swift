import CEbur128
import Failures
import Foundation

/// How loud a sound is by EBU R 128, and how high its waveform rises.
public struct SoundLevel: Sendable, Equatable {
  /// Integrated loudness in LUFS (ITU-R BS.1770-4, with both gates); nil for what is silent by its absolute gate of -70 LUFS.
  public let loudness: Double?
  /// The true peak in dBTP: that of the waveform between its samples too, as an oversampling of four finds it; minus infinity
  /// for zeros.
  public let truePeak: Double

  /// The length of a block that loudness is measured in, in seconds.
  public static let blockSeconds = 0.4
  /// Below this rate the standard's filter, a shelf at 1.7 kHz and above, does not fit under half the rate.
  static let lowestRate = 8000

  /// States a level.
  public init(loudness: Double?, truePeak: Double) {
    (self.loudness, self.truePeak) = (loudness, truePeak)
  }

  /// Measures a clip of at least one frame.
  ///
  /// The standard integrates blocks of 400 ms, of which a shorter clip has none. Such a clip is measured as it is heard: with
  /// silence behind it up to the length of one block. That is what a meter of momentary loudness shows at most while the
  /// clip is played once, and does not depend on how much silence was left at its end; a clip that were repeated instead would
  /// measure the same whether it lasts 20 ms or 300. Clips below 8 kHz are measured at 48 kHz. Channels have the standard's
  /// weights in the order left, right, centre, low frequencies, surround left and right; a single channel counts once.
  ///
  /// - Throws: `UserError(.badData)` when libebur128 refuses the clip's rate or channels, or memory ends.
  public init(of clip: AudioClip) throws {
    guard clip.sampleRate >= Self.lowestRate else {
      self = try SoundLevel(of: clip.resampled(to: 48_000))
      return
    }
    let modes = Int32(EBUR128_MODE_I.rawValue | EBUR128_MODE_TRUE_PEAK.rawValue)
    var state = ebur128_init(UInt32(clip.channels), UInt(clip.sampleRate), modes)
    defer { ebur128_destroy(&state) }
    guard let meter = state else { throw Self.refused(clip) }
    // A block as the library counts it: four steps of whole frames.
    let block = 4 * ((clip.sampleRate + 5) / 10)
    let silence = [Float](repeating: 0, count: max(0, block - clip.frameCount) * clip.channels)
    for samples in [clip.samples, silence] where !samples.isEmpty {
      guard ebur128_add_frames_float(meter, samples, samples.count / clip.channels) == 0 else {
        throw Self.refused(clip)
      }
    }
    var (lufs, highest) = (0.0, 0.0)
    guard ebur128_loudness_global(meter, &lufs) == 0 else { throw Self.refused(clip) }
    for channel in 0..<clip.channels {
      var peak = 0.0
      guard ebur128_true_peak(meter, UInt32(channel), &peak) == 0 else { throw Self.refused(clip) }
      highest = max(highest, peak)
    }
    loudness = lufs.isFinite ? lufs : nil
    truePeak = 20 * log10(highest)
  }

  private static func refused(_ clip: AudioClip) -> UserError {
    UserError(
      .badData,
      "cannot measure the loudness of \(clip.channels) channels at \(clip.sampleRate) Hz: found what libebur128 refuses"
    )
  }
}

/// What the level of a sound is to be.
public enum LevelTarget: Sendable, Hashable {
  /// The true peak in dBTP.
  case peak(Double)
  /// Integrated loudness in LUFS, or less where the true peak would pass `highestPeak`.
  case loudness(Double)

  /// True peaks stay below this, in dBTP, so that converters and lossy coders have room (EBU R 128).
  public static let highestPeak = -1.0
  /// Loudness that may be asked for, in LUFS.
  public static let loudnessRange = -60.0...0.0

  /// The gain in decibels that brings a sound there; nil for silence.
  public func gain(for level: SoundLevel) -> Double? {
    guard let loudness = level.loudness, level.truePeak.isFinite else { return nil }
    switch self {
    case .peak(let peak): return peak - level.truePeak
    case .loudness(let target): return min(target - loudness, Self.highestPeak - level.truePeak)
    }
  }

  /// The loudest target up to this one that all of some sounds can have, so that all are equally loud: loudness falls to what
  /// the sound with the highest peak above its loudness can have. A peak can always be had.
  public func common(to levels: [SoundLevel]) -> LevelTarget {
    guard case .loudness(let target) = self else { return self }
    return .loudness(
      levels.reduce(target) { least, level in
        guard let loudness = level.loudness else { return least }
        return min(least, loudness + Self.highestPeak - level.truePeak)
      })
  }
}

extension AudioClip {
  /// The same sound, louder or quieter.
  ///
  /// - Parameter decibels: negative for quieter.
  public func amplified(by decibels: Double) -> AudioClip {
    let factor = Float(pow(10, decibels / 20))
    return AudioClip(samples: samples.map { $0 * factor }, channels: channels, sampleRate: sampleRate)
  }

  /// The frames from the first that is no silence to the last; empty for a clip of zeros. Silence is what stays 50 dB or more
  /// below the clip's peak, in steps of 64 frames.
  public var soundRange: Range<Int> {
    var map = LevelMap()
    map.append(samples, channels: channels)
    return map.loudRange
  }

  /// The same sound without the silence at its end, as `soundRange` has it, which then fades.
  ///
  /// What is left ends with a raised cosine over
  /// `fade` seconds, half of a shorter clip at most, which begins behind the last loud step where the clip is long enough. A
  /// clip of zeros stays as it is.
  public func trimmingEnd(fade: Double = 0.005) -> AudioClip {
    let loud = soundRange
    guard !loud.isEmpty else { return self }
    let wanted = Int((fade * Double(sampleRate)).rounded(.up))
    let length = min(frameCount, loud.upperBound + wanted)
    let steps = min(wanted, length / 2)
    var kept = Array(samples.prefix(length * channels))
    for step in 0..<steps {
      // The last frame is zero.
      let gain = Float(0.5 - 0.5 * cos(Double.pi * Double(step) / Double(steps)))
      for channel in 0..<channels { kept[(length - 1 - step) * channels + channel] *= gain }
    }
    return AudioClip(samples: kept, channels: channels, sampleRate: sampleRate)
  }
}

/// Facts about libebur128, the system library that measures loudness.
public enum LoudnessLibrary {
  /// The library's version, as in `libebur128-1.2.6`.
  public static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    ebur128_get_version(&major, &minor, &patch)
    return "libebur128-\(major).\(minor).\(patch)"
  }
}
