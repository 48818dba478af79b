import Foundation
import Testing
import Torch

@testable import AudioModality

@Suite("Harmonics and noise")
struct HarmonicScoreTests {
  private let length = 8192

  /// Five harmonics of a pitch in hertz at 8 kHz, a root mean square of 0.1.
  private func voice(_ pitch: Double) throws -> Tensor {
    let samples = (0..<length).map { time in
      let angle = 2 * Double.pi * pitch * Double(time) / 8000
      return Float((1...5).reduce(0.0) { $0 + sin(angle * Double($1)) } * 0.1 * (0.4).squareRoot())
    }
    return try Tensor(samples, shape: [1, length])
  }

  @Test(
    "The ratio of a voice under white noise is that at which the noise was added", arguments: [5.0, 10, 15])
  func ratio(decibels: Double) throws {
    var stream = RandomStream(seed: 1, name: "test")
    for pitch in [90.0, 173, 310] {
      let noisy = try voice(pitch).under(
        stream.normal([1, length]), ratios: Tensor.full([1, 1], value: decibels))
      let scores = try HarmonicScores(noisy, sampleRate: 8000)
      let ratio = try #require(scores.ratio)
      #expect(abs(ratio.value - decibels) < 1, "\(pitch) Hz: \(ratio.value)")
      #expect(scores.voiced?.value == 100)
    }
  }

  @Test("Noise is not voiced, silence is nothing, and a pure voice is at the upper bound")
  func extremes() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let noise = try HarmonicScores(stream.normal([4, length]) * 0.1, sampleRate: 8000)
    #expect(try #require(noise.voiced).value < 5)
    let silence = try HarmonicScores(Tensor.zeros([2, length]), sampleRate: 8000)
    #expect(silence.voiced == nil && silence.ratio == nil)
    #expect(try #require(try HarmonicScores(voice(200), sampleRate: 8000).ratio).value > 20)
    // Clips shorter than a frame are filled up.
    #expect(
      try HarmonicScores(voice(200).narrowed(along: 1, start: 0, count: 100), sampleRate: 8000).voiced != nil)
  }

  @Test("Clips without a voiced frame do not count in the ratio, and labels keep their strata")
  func means() throws {
    var stream = RandomStream(seed: 1, name: "test")
    let clips = try Tensor.concatenated([voice(120), stream.normal([1, length]) * 0.001, voice(220)])
    let scores = try HarmonicScores(clips, sampleRate: 8000, fixedLabels: [0, 0, 1])
    let both = try HarmonicScores(
      Tensor.concatenated([voice(120), voice(220)]), sampleRate: 8000)
    #expect(abs(try #require(scores.ratio).value - (try #require(both.ratio).value)) < 1e-6)
    #expect(try #require(scores.voiced).value < 70)
  }
}
