import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("Sounds that test a classifier")
struct ProbeSoundTests {
  private var stream = RandomStream(seed: 7, name: "test")

  @Test("Random phases keep the spectrum's magnitudes, and nothing of the shape")
  mutating func randomPhase() throws {
    let clips = try SyntheticSounds(count: 4, seed: 1).clips
    let other = try ProbeSounds.randomPhase(clips, using: &stream)
    #expect(try abs(other.peaks().min().item() - 1) < 1e-6)
    let (before, after) = (try clips.fourierMagnitudes(), try other.fourierMagnitudes())
    let ratio =
      try (after * clips.rms() / other.rms() - before).absolute().mean(along: 1) / before.mean(along: 1)
    #expect(try ratio.max().item() < 0.02)
    // The clips die away, these do not.
    let late = try other.narrowed(along: 1, start: 1024, count: 1024).rms() / other.rms()
    #expect(try late.min().item() > 0.5)
  }

  @Test("Noise has its tilt and an RMS of 1")
  mutating func noise() throws {
    let noise = try ProbeSounds.noise(tilts: Tensor([0, 1] as [Float]), length: 4096, using: &stream)
    #expect(try noise.rms().distance(to: Tensor.ones([2, 1])) < 1e-4)
    let spectrum = try noise.fourierMagnitudes()
    let low = try spectrum.narrowed(along: 1, start: 100, count: 100).mean(along: 1)
    let high = try spectrum.narrowed(along: 1, start: 1000, count: 1000).mean(along: 1)
    let falls = try (low / high).array(of: Float.self)
    #expect(abs(falls[0] - 1) < 0.2)
    // Means of 1 / f over both ranges: ln 2 / 100 and ln 2 / 1000.
    #expect(abs(falls[1] - 10) < 2)
  }

  @Test("Noise is added at the ratio asked for")
  mutating func ratio() throws {
    let clips = try SyntheticSounds(count: 3, seed: 1).clips
    let noisy = try clips.under(stream.normal(clips.shape), ratios: Tensor.full([3, 1], value: 20))
    let decibels = try ((noisy - clips).rms() / clips.rms()).log() * (20 / log(10))
    #expect(try (decibels + 20).absolute().max().item() < 0.3)
  }

  @Test(
    "Altered and rejected sounds keep their number and length, stay finite, and depend on the stream alone")
  mutating func shapes() throws {
    let clips = try SyntheticSounds(count: 20, length: 1001, seed: 1).clips
    var (first, second) = (stream, stream)
    for make in [ProbeSounds.rejects, ProbeSounds.altered] {
      let sounds = try make(clips, &first)
      #expect(sounds.shape == [20, 1001])
      #expect(try sounds.isFinite().all().item() == 1)
      #expect(try sounds.isEqual(to: make(clips, &second)))
    }
    #expect(
      try ProbeSounds.rejects(clips.narrowed(along: 0, start: 0, count: 1), using: &stream).shape == [
        1, 1001,
      ])
  }

  @Test("Tones are steady and have no harmonics past half the sample rate")
  mutating func tones() throws {
    let tones = try ProbeSounds.tones(16, length: 4096, using: &stream)
    let halves = try tones.split(size: 2048, along: 1).map { try $0.rms() }
    #expect(try (halves[0] / halves[1] - 1).absolute().max().item() < 0.1)
    // Few bins hold nearly all of a line spectrum.
    let power = try tones.fourierMagnitudes().squared()
    let lines = try power.top(100).values.sum(along: 1) / power.sum(along: 1)
    #expect(try lines.min().item() > 0.9)
  }
}
