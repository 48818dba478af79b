import AudioDatasets
import Failures
import Foundation
import Testing

private func sine(_ frequency: Double, rate: Int, seconds: Double = 0.5) -> AudioClip {
  let samples = (0..<Int(Double(rate) * seconds)).map {
    Float(sin(2 * .pi * frequency * Double($0) / Double(rate)))
  }
  return AudioClip(samples: samples, sampleRate: rate)
}

/// The middle half, where the silence before and after the clip does not reach.
private func middle(_ clip: AudioClip) -> Range<Int> { clip.frameCount / 4..<clip.frameCount * 3 / 4 }

/// The amplitude of a frequency, and the greatest of what is left without it, by least squares on the middle half.
private func fit(_ clip: AudioClip, frequency: Double) -> (amplitude: Double, rest: Double) {
  var (ss, cc, sc, sx, cx) = (0.0, 0.0, 0.0, 0.0, 0.0)
  let step = 2 * .pi * frequency / Double(clip.sampleRate)
  for t in middle(clip) {
    let (s, c, x) = (sin(step * Double(t)), cos(step * Double(t)), Double(clip.samples[t]))
    (ss, cc, sc, sx, cx) = (ss + s * s, cc + c * c, sc + s * c, sx + s * x, cx + c * x)
  }
  let determinant = ss * cc - sc * sc
  let (a, b) = ((sx * cc - cx * sc) / determinant, (cx * ss - sx * sc) / determinant)
  let rest = middle(clip).map {
    abs(Double(clip.samples[$0]) - a * sin(step * Double($0)) - b * cos(step * Double($0)))
  }
  return ((a * a + b * b).squareRoot(), rest.max() ?? 0)
}

private func decibels(_ ratio: Double) -> Double { 20 * log10(max(ratio, 1e-30)) }

/// Measured against the ideal: a sine below the lower Nyquist frequency stays itself, anything above is gone.
@Suite struct ConversionTests {
  static let pairs = [(44_100, 16_000), (16_000, 8000), (8000, 16_000), (8000, 44_100), (48_000, 44_100)]

  @Test(arguments: pairs)
  func frequenciesInThePassBandStay(from: Int, to: Int) throws {
    let nyquist = Double(min(from, to)) / 2
    for share in [0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.91] {
      let clip = try sine(share * nyquist, rate: from).resampled(to: to)
      let (amplitude, rest) = fit(clip, frequency: share * nyquist)
      #expect(abs(decibels(amplitude)) < 0.01, "\(share)")
      // Images of an upsampled sine are part of the rest.
      #expect(decibels(rest) < -130, "\(share): \(decibels(rest))")
      // Linear phase without delay: every sample is where it belongs.
      let ideal = sine(share * nyquist, rate: to)
      #expect(middle(clip).allSatisfy { abs(clip.samples[$0] - ideal.samples[$0]) < 1.2e-3 }, "\(share)")
    }
  }

  @Test(arguments: pairs.filter { $0.0 > $0.1 })
  func frequenciesAboveTheNewNyquistFrequencyAreGone(from: Int, to: Int) throws {
    for share in [1.0, 1.01, 1.05, 1.2, 1.5, 1.9, 2.1, 3.3] where share * Double(to) < Double(from) {
      let clip = try sine(share * Double(to) / 2, rate: from).resampled(to: to)
      let loudest = middle(clip).map { abs(Double(clip.samples[$0])) }.max() ?? 0
      #expect(decibels(loudest) < -130, "\(share): \(decibels(loudest))")
    }
  }

  @Test func theLengthIsTheRoundedOne() throws {
    for frames in [0, 1, 2, 3, 7, 100, 4095, 4096, 10_007] {
      for (from, to) in Self.pairs + [(8000, 7999), (11_025, 48_000), (768_000, 8000), (1000, 768_000)] {
        let clip = AudioClip(samples: Array(repeating: 0.5, count: frames * 2), channels: 2, sampleRate: from)
        let expected = Int((Double(frames) * Double(to) / Double(from)).rounded())
        #expect(try clip.resampled(to: to).frameCount == expected, "\(frames) \(from) \(to)")
      }
    }
  }

  /// Whatever the length's remainder, the sound goes on to its end.
  @Test(arguments: [(44_100, 8000), (8000, 44_100), (22_050, 16_000), (11_025, 8000)])
  func theEndIsThere(from: Int, to: Int) throws {
    for frames in stride(from: 4000, to: 24_000, by: 977) {
      let ramp = (0..<frames).map { Float($0) / Float(frames) }
      let result = try AudioClip(samples: ramp, sampleRate: from).resampled(to: to)
      // The filter rings before the drop at the end.
      for frame in stride(from: result.frameCount / 2, to: result.frameCount - 150, by: 10) {
        let expected = Float(frame) * Float(from) / Float(to) / Float(frames)
        #expect(abs(result.samples[frame] - expected) < 0.01, "\(frames) \(frame)")
      }
    }
  }

  /// A filter keeps what is constant, so the sum has to grow with the rate; a lost end would be missing from it.
  @Test func theEndIsNotLost() throws {
    for frames in [8, 62, 106, 398, 1484, 4244, 12_126, 15_764] {
      for (from, to) in Self.pairs + [(48_000, 8000), (44_100, 8000), (96_000, 8000)] {
        let clip = AudioClip(samples: Array(repeating: 1, count: frames), sampleRate: from)
        let sum = try clip.resampled(to: to).samples.reduce(0) { $0 + Double($1) } * Double(from) / Double(to)
        #expect(
          abs(sum - Double(frames)) < max(1, Double(from) / Double(to)), "\(frames) \(from) \(to): \(sum)")
      }
    }
  }

  @Test func channelsDoNotLeak() throws {
    let left = sine(440, rate: 8000)
    let both = AudioClip(samples: left.samples.flatMap { [$0, 0] }, channels: 2, sampleRate: 8000)
    let result = try both.resampled(to: 11_025)
    let alone = try left.resampled(to: 11_025)
    for frame in 0..<alone.frameCount {
      #expect(result.samples[2 * frame] == alone.samples[frame] && result.samples[2 * frame + 1] == 0)
    }
  }

  @Test func theSameRateChangesNothing() throws {
    let clip = sine(440, rate: 8000)
    #expect(try clip.resampled(to: 8000) == clip)
  }

  @Test(arguments: [0, -8000, 768_001])
  func absurdRatesAreRefused(rate: Int) {
    #expect(throws: UserError.self) { try sine(440, rate: 8000).resampled(to: rate) }
  }

  @Test func absurdChangesAreRefused() {
    let second = AudioClip(samples: [0.5], sampleRate: 1)
    #expect(throws: UserError.self) { try second.resampled(to: 768_000) }
    // 300,000 frames would become 300 million.
    let long = AudioClip(samples: Array(repeating: 0, count: 300_000), sampleRate: 8)
    #expect(throws: UserError.self) { try long.resampled(to: 8000) }
    // 30,000 frames would become 30 million: 120 MB of a file of 30 kB.
    let slow = AudioClip(samples: Array(repeating: 0, count: 30_000), sampleRate: 8)
    #expect(
      throws: UserError(.badData, "found 30000 frames at 8 Hz, too many to be resampled to 8000 Hz")
    ) { try slow.resampled(to: 8000) }
  }

  @Test func channelsAreMixed() throws {
    let clip = AudioClip(samples: [1, 2, 3, 4, 5, -1, -2, -3, -4, -5], channels: 5, sampleRate: 8000)
    #expect(try clip.mixed(toChannels: 1).samples == [3, -3])
    #expect(try clip.mixed(toChannels: 2).samples == [3, 3, -3, -3])
    #expect(try clip.mixed(toChannels: 5) == clip)
    #expect(try clip.mixed(toChannels: 7).samples == [1, 2, 3, 4, 5, 1, 2, -1, -2, -3, -4, -5, -1, -2])
    let mono = AudioClip(samples: [1, 2], sampleRate: 8000)
    #expect(try mono.mixed(toChannels: 2).samples == [1, 1, 2, 2])
    for count in [0, -1, 65] { #expect(throws: UserError.self) { try mono.mixed(toChannels: count) } }
  }
}
