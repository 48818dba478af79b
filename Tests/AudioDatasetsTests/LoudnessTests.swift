import AudioDatasets
import Foundation
import Testing

/// A tone of an amplitude in decibels below full scale.
private func tone(
  _ decibels: Double, seconds: Double, frequency: Double = 1000, rate: Int = 48_000, channels: Int = 1,
  phase: Double = 0
) -> AudioClip {
  let amplitude = pow(10, decibels / 20)
  let samples = (0..<Int((seconds * Double(rate)).rounded())).flatMap { frame in
    let value = amplitude * sin(2 * .pi * frequency * Double(frame) / Double(rate) + phase)
    return [Float](repeating: Float(value), count: channels)
  }
  return AudioClip(samples: samples, channels: channels, sampleRate: rate)
}

private func loudness(_ clip: AudioClip) throws -> Double { try #require(SoundLevel(of: clip).loudness) }

private func appending(_ clips: [AudioClip]) -> AudioClip {
  AudioClip(samples: clips.flatMap(\.samples), channels: clips[0].channels, sampleRate: clips[0].sampleRate)
}

private func silence(_ seconds: Double, rate: Int = 48_000) -> AudioClip {
  AudioClip(samples: [Float](repeating: 0, count: Int(seconds * Double(rate))), sampleRate: rate)
}

@Suite struct LoudnessTests {
  /// Minimum requirements of EBU Tech 3341, shortened: 1 kHz in both channels at -23 dBFS has -23 LUFS, and quieter stretches
  /// before and after it do not count.
  @Test func theStandardsOwnSignals() throws {
    #expect(abs(try loudness(tone(-23, seconds: 2, channels: 2)) + 23) < 0.1)
    #expect(abs(try loudness(tone(-33, seconds: 2, channels: 2)) + 33) < 0.1)
    let quiet = tone(-36, seconds: 1, channels: 2)
    let gated = appending([quiet, tone(-23, seconds: 6, channels: 2), quiet])
    #expect(abs(try loudness(gated) + 23) < 0.4)
    // One channel has half the power.
    #expect(abs(try loudness(tone(-23, seconds: 2)) + 26.01) < 0.1)
  }

  @Test(arguments: [0.05, 0.3, 1.0]) func anAmplificationIsADifferenceOfLoudness(seconds: Double) throws {
    let clip = tone(-30, seconds: seconds, rate: 16_000)
    let (before, after) = try (SoundLevel(of: clip), SoundLevel(of: clip.amplified(by: 7.5)))
    #expect(abs(try #require(after.loudness) - #require(before.loudness) - 7.5) < 1e-3)
    #expect(abs(after.truePeak - before.truePeak - 7.5) < 1e-3)
  }

  /// A short clip has the energy that it has in a block: twice as long is 3 dB louder, and silence behind it changes nothing.
  @Test func shortClipsAreHeardOnce() throws {
    let (short, double) = (tone(-20, seconds: 0.1), tone(-20, seconds: 0.2))
    #expect(abs(try loudness(double) - loudness(short) - 3.01) < 0.1)
    let filled = appending([short, silence(0.3)])
    #expect(filled.seconds == SoundLevel.blockSeconds)
    #expect(try SoundLevel(of: short) == SoundLevel(of: filled))
    #expect(try abs(loudness(short) - loudness(appending([short, silence(0.2)]))) < 1e-9)
    // Of a whole block it is what the standard says: 6 dB more than of a quarter.
    #expect(abs(try loudness(tone(-20, seconds: 0.4)) - loudness(short) - 6.02) < 0.1)
  }

  @Test func silenceHasNoLoudness() throws {
    let level = try SoundLevel(of: silence(0.5))
    #expect(level.loudness == nil && level.truePeak == -.infinity)
    #expect(try SoundLevel(of: tone(-90, seconds: 1)).loudness == nil)
    for target in [LevelTarget.peak(-1), .loudness(-20)] { #expect(target.gain(for: level) == nil) }
  }

  /// A tone of a quarter of the rate, sampled beside its peaks.
  @Test func peaksBetweenSamplesAreFound() throws {
    let clip = tone(-6, seconds: 0.5, frequency: 12_000, phase: .pi / 4)
    #expect(clip.samples.allSatisfy { abs($0) < 0.36 })
    #expect((-6.4 ... -5.8).contains(try SoundLevel(of: clip).truePeak))
  }

  /// The filter of the standard does not fit below 8 kHz.
  @Test(arguments: [1000, 4000, 7999]) func lowRatesAreMeasuredAtAHigherOne(rate: Int) throws {
    let (low, high) = (
      tone(-20, seconds: 1, frequency: 200, rate: rate), tone(-20, seconds: 1, frequency: 200)
    )
    #expect(abs(try loudness(low) - loudness(high)) < 0.1)
  }

  @Test func gainsStopWherePeaksWouldPass() throws {
    let level = SoundLevel(loudness: -30, truePeak: -10)
    #expect(LevelTarget.peak(-1).gain(for: level) == 9)
    #expect(LevelTarget.loudness(-23).gain(for: level) == 7)
    #expect(LevelTarget.loudness(-18).gain(for: level) == 9)
    #expect(LevelTarget.loudness(-40).gain(for: level) == -10)
    let levels = [level, SoundLevel(loudness: -20, truePeak: -6), SoundLevel(loudness: nil, truePeak: -70)]
    #expect(LevelTarget.loudness(-10).common(to: levels) == .loudness(-21))
    #expect(LevelTarget.loudness(-30).common(to: levels) == .loudness(-30))
    #expect(LevelTarget.peak(-1).common(to: levels) == .peak(-1))
    #expect(LevelTarget.loudness(-10).common(to: []) == .loudness(-10))
  }

  @Test(arguments: [1, 2]) func silenceAtTheEndIsCutOff(channels: Int) {
    let sound = tone(-6, seconds: 0.1, rate: 8000, channels: channels)
    let rest = AudioClip(
      samples: [Float](repeating: 0.0004, count: 4000 * channels), channels: channels, sampleRate: 8000)
    let trimmed = appending([sound, rest]).trimmingEnd()
    // 800 frames are 12.5 steps of 64, and the fade has 40 frames.
    #expect(trimmed.frameCount == 832 + 40)
    #expect(
      trimmed.samples.prefix(832 * channels) == appending([sound, rest]).samples.prefix(832 * channels))
    #expect(trimmed.samples.suffix(channels).allSatisfy { $0 == 0 })
    // A clip that is loud to its end fades within itself.
    let whole = tone(-6, seconds: 0.1, rate: 8000, channels: channels).trimmingEnd()
    #expect(whole.frameCount == 800 && whole.samples.suffix(channels).allSatisfy { $0 == 0 })
    #expect(whole.samples.prefix(760 * channels) == sound.samples.prefix(760 * channels))
    let tiny = AudioClip(samples: [0.5], sampleRate: 8000)
    #expect(tiny.trimmingEnd() == tiny)
    #expect(silence(0.01).trimmingEnd() == silence(0.01))
  }

  @Test func theLibraryHasAVersion() {
    #expect(LoudnessLibrary.version.wholeMatch(of: /libebur128-1\.\d+\.\d+/) != nil)
  }
}
