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
