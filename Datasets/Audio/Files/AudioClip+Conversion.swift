import CSoxr
import Failures

extension AudioClip {
  /// The same sound at another sample rate, `round(frameCount * rate / sampleRate)` frames long and without delay.
  ///
  /// libsoxr filters in linear phase at its very high quality. With the Nyquist frequency of the lower of the two rates
  /// as 1: up to 0.91 the gain is within 0.01 dB of 0; from 1 on, what would fold back (or its image, going
  /// up) is below -130 dB; in between it falls. 32-bit samples, not the filter, set the last limit. At both ends the
  /// sound is taken to go on as silence.
  ///
  /// - Throws: `UserError(.badData)` when `rate` is outside 1 to 768,000 or the result would have more than
  ///   `SoundFile.defaultMaximumFrames` frames: a small file with a damaged rate can ask for terabytes.
  public func resampled(to rate: Int) throws -> AudioClip {
    guard SoundDecoder.rates.contains(rate) else {
      throw UserError(
        .badData, "found a sample rate of \(rate) Hz, expected 1 to \(SoundDecoder.rates.upperBound)")
    }
    if rate == sampleRate { return self }
    let frames = (Double(frameCount) * Double(rate) / Double(sampleRate)).rounded()
    guard frames <= Double(SoundFile.defaultMaximumFrames) else {
      throw UserError(
        .badData, "found \(frameCount) frames at \(sampleRate) Hz, too many to be resampled to \(rate) Hz")
    }
    let length = Int(frames)
    // soxr takes no more input than the room for output calls for, and stops short of the end, by a thousand frames or
    // more, where it has not taken all: a length that was rounded down must not be all the room there is.
    let room = length + 2
    var result = [Float](repeating: 0, count: room * channels)
    var quality = soxr_quality_spec(UInt(SOXR_28_BITQ), 0)
    var consumed = 0
    var produced = 0
    let complaint = samples.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        soxr_oneshot(
          Double(sampleRate), Double(rate), UInt32(channels), source.baseAddress, frameCount, &consumed,
          target.baseAddress, room, &produced, nil, &quality, nil)
      }
    }
    if let complaint {
      throw UserError(
        .badData, "cannot go from \(sampleRate) Hz to \(rate) Hz: \(String(cString: complaint))")
    }
    guard consumed == frameCount, abs(produced - length) <= 1 else {
      throw UserError(
        .badData,
        "cannot go from \(sampleRate) Hz to \(rate) Hz: found \(produced) of \(length) frames at the end")
    }
    result.removeLast((room - length) * channels)
    return AudioClip(samples: result, channels: channels, sampleRate: rate)
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
