import Foundation
import Metrics
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("Log-mel spectrograms and their features")
struct LogMelTests {
  private func tone(_ frequency: Double, rate: Int, seconds: Double = 0.5, amplitude: Double = 1) throws
    -> Tensor
  {
    let count = Int(seconds * Double(rate))
    return try Tensor(
      (0..<count).map { Float(amplitude * sin(2 * Double.pi * frequency * Double($0) / Double(rate))) },
      shape: [1, count])
  }

  @Test(
    "Windows last about 32 ms",
    arguments: [(8000, 256), (16_000, 512), (22_050, 512), (44_100, 1024), (48_000, 2048)])
  func windows(rate: Int, window: Int) throws {
    let spectrogram = try LogMelSpectrogram(sampleRate: rate)
    #expect(spectrogram.window == window && spectrogram.hop == window / 2)
    let frames = try spectrogram(Tensor.zeros([2, 10 * window]))
    #expect(frames.shape == [2, 19, 40])
    #expect(try frames.absolute().max().item() == 0)
    #expect(try spectrogram(Tensor.zeros([2, 10])).shape == [2, 2, 40])
  }

  @Test("A tone stands in the band of its mel frequency, as loud at any rate", arguments: [8000, 16_000])
  func tones(rate: Int) throws {
    let spectrogram = try LogMelSpectrogram(sampleRate: rate)
    let bands = try spectrogram(tone(1000, rate: rate)).mean(along: 0, 1)
    let (low, high) = (2595 * log10(1 + 40 / 700.0), 2595 * log10(1 + 0.975 * Double(rate) / 2 / 700))
    let place = (2595 * log10(1 + 1000 / 700.0) - low) / (high - low) * 41 - 1
    let loudest = try Int(bands.argmax(along: 0).item())
    #expect(abs(Double(loudest) - place) <= 0.75)
    // The window's sum is 128: half of that at the tone's bin, and half of this in each neighbour.
    let magnitude = try exp(bands.max().item()) - 1
    #expect((64...130).contains(magnitude))
  }

  @Test("A tone 60 dB below full scale is as good as silence")
  func floor() throws {
    let spectrogram = try LogMelSpectrogram(sampleRate: 8000)
    #expect(try spectrogram(tone(1000, rate: 8000, amplitude: 0.001)).max().item() < 0.15)
  }

  @Test("Training features have mean 0 and deviation 1; real sounds are near, noise is far")
  func features() throws {
    let training = try SyntheticSounds(count: 300, seed: 1)
    let features = try LogMelFeatures(training: training.clips, sampleRate: 8000)
    #expect(features.training.shape == [300, 120])
    #expect(try features.training.mean(along: 0).absolute().max().item() < 1e-9)
    #expect(try features.training.variance(along: 0, correction: 0).max().item() < 1 + 1e-9)
    #expect(try features(training.clips).distance(to: features.training) < 1e-6)
    let distance = try FrechetDistance(reference: features.training)
    var stream = RandomStream(seed: 1, name: "test")
    let real = try distance.measure(
      features(SyntheticSounds(count: 300, seed: 2).clips), using: &stream
    ).value
    let whiteNoise = try ProbeSounds.whiteNoise(100, length: 2048, using: &stream)
    let noise = try distance.measure(features(whiteNoise), using: &stream).value
    #expect(real < 10 && noise > 20 * real)
  }
}
