import CSoxr
import Failures

/// A piece of sound in memory.
///
/// Samples are interleaved: the value of frame `t` and channel `c` is `samples[t * channels + c]`, a row-major
/// `[T, C]`. Their nominal range is [-1, 1]; values outside it are allowed, and clamped where a file cannot hold them.
public struct AudioClip: Sendable, Equatable {
  /// All samples, frame after frame.
  public var samples: [Float]
  /// How many channels a frame has, at least 1.
  public let channels: Int
  /// Frames per second, at least 1.
  public let sampleRate: Int

  /// How many frames there are.
  public var frameCount: Int { samples.count / channels }
  /// How long the sound lasts, in seconds.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// Makes a clip.
  ///
  /// - Precondition: `channels` and `sampleRate` are positive, and `samples.count` is a multiple of `channels`.
  public init(samples: [Float], channels: Int = 1, sampleRate: Int) {
    precondition(channels > 0 && sampleRate > 0, "a clip has at least one channel and a positive rate")
    precondition(samples.count % channels == 0, "a clip has whole frames only")
    self.samples = samples
    self.channels = channels
    self.sampleRate = sampleRate
  }
}

extension AudioClip {
  /// The same sound at another sample rate, `round(frameCount * rate / sampleRate)` frames long and without delay.
  ///
  /// libsoxr filters in linear phase at its very high quality. With the Nyquist frequency of the lower of the two rates
  /// as 1: up to 0.91 the gain is within 0.01 dB of 0; from 1 on, what would fold back (or its image, going
  /// up) is below -130 dB; in between it falls. 32-bit samples, not the filter, set the last limit. At both ends the
  /// sound is taken to go on as silence.
  ///
  /// - Throws: `UserError(.badData)` when `rate` is outside 1 to 768,000, the rates differ by more than a factor of
  ///   1,000, or the result would have more than `SoundFile.defaultMaximumFrames` frames, or more than 2^24 and more than 16
  ///   times as many as there are: a small file with a damaged rate can ask for terabytes.
  public func resampled(to rate: Int) throws -> AudioClip {
    guard SoundDecoder.rates.contains(rate) else {
      throw UserError(
        .badData, "found a sample rate of \(rate) Hz, expected 1 to \(SoundDecoder.rates.upperBound)")
    }
    if rate == sampleRate { return self }
    guard max(rate, sampleRate) <= Self.largestFactor * min(rate, sampleRate) else {
      throw UserError(
        .badData,
        "cannot go from \(sampleRate) Hz to \(rate) Hz, expected a factor of at most \(Self.largestFactor)")
    }
    let frames = (Double(frameCount) * Double(rate) / Double(sampleRate)).rounded()
    let most = min(SoundFile.defaultMaximumFrames, max(16 * frameCount, 1 << 24))
    guard frames <= Double(most) else {
      throw UserError(
        .badData, "found \(frameCount) frames at \(sampleRate) Hz, too many to be resampled to \(rate) Hz")
    }
    var quality = soxr_quality_spec(UInt(SOXR_28_BITQ), 0)
    var complaint: soxr_error_t?
    let resampler = soxr_create(
      Double(sampleRate), Double(rate), UInt32(channels), &complaint, nil, &quality, nil)
    defer { soxr_delete(resampler) }
    var result = [Float](repeating: 0, count: Int(frames) * channels)
    if complaint == nil { complaint = pass(through: resampler, into: &result) }
    if let complaint {
      throw UserError(
        .badData, "cannot go from \(sampleRate) Hz to \(rate) Hz: \(String(cString: complaint))")
    }
    return AudioClip(samples: result, channels: channels, sampleRate: rate)
  }

  /// Beyond this libsoxr needs gigabytes, or does not return.
  private static let largestFactor = 1000

  /// Fills the result. libsoxr's own call for a whole clip, `soxr_oneshot`, forgets the end: it takes no more
  /// frames than the result seems to need, sees others left over, and does not ask its filters for what they hold.
  private func pass(through resampler: soxr_t?, into result: inout [Float]) -> soxr_error_t? {
    let length = result.count / channels
    return samples.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        var (consumed, produced) = (0, 0)
        while produced < length {
          let isOver = consumed == frameCount
          var (taken, given) = (0, 0)
          // No input says that the sound is over.
          let input = isOver ? nil : source.baseAddress.map { UnsafeRawPointer($0 + consumed * channels) }
          let output = target.baseAddress.map { UnsafeMutableRawPointer($0 + produced * channels) }
          let complaint = soxr_process(
            resampler, input, frameCount - consumed, &taken, output, length - produced, &given)
          if complaint != nil || (isOver && given == 0) { return complaint }
          consumed += taken
          produced += given
        }
        return nil
      }
    }
  }

  /// The same sound in another number of channels.
  ///
  /// Fewer: channel `c` of the result is the mean of the channels whose number modulo `toChannels` is `c`, so mono is
  /// the mean of all. More: channels are repeated in order, so mono goes to all.
  ///
  /// - Throws: `UserError(.badData)` when `count` is outside 1 to 64.
  public func mixed(toChannels count: Int) throws -> AudioClip {
    guard SoundDecoder.channelCounts.contains(count) else {
      throw UserError(
        .badData, "found \(count) channels, expected 1 to \(SoundDecoder.channelCounts.upperBound)")
    }
    if count == channels { return self }
    var result = [Float](repeating: 0, count: frameCount * count)
    for frame in 0..<frameCount {
      if count > channels {
        for channel in 0..<count {
          result[frame * count + channel] = samples[frame * channels + channel % channels]
        }
      } else {
        for channel in 0..<channels {
          result[frame * count + channel % count] += samples[frame * channels + channel]
        }
        for channel in 0..<count {
          result[frame * count + channel] /= Float((channels - channel + count - 1) / count)
        }
      }
    }
    return AudioClip(samples: result, channels: count, sampleRate: sampleRate)
  }
}

/// Facts about libsoxr, the system library that changes sample rates.
public enum ResamplingLibrary {
  /// The library's own words for its version, as in `libsoxr-0.1.3`.
  public static var version: String { String(cString: soxr_version()) }
}
