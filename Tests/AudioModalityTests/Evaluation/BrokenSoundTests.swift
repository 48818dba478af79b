import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite("Broken sounds")
struct BrokenSoundTests {
  private var stream = RandomStream(seed: 7, name: "test")
  private let make: BrokenSounds

  init() throws { make = try BrokenSounds(sampleRate: 8000) }

  /// A steady buzz of ten harmonics of 125 Hz.
  private func buzz(_ length: Int) throws -> Tensor {
    let samples = (0..<length).map { time in
      Float((1...10).reduce(0.0) { $0 + cos(2 * Double.pi * Double(time * $1) / 64) } / 20)
    }
    return try Tensor(samples, shape: [1, length])
  }

  @Test(
    "Every kind keeps number, length and peaks, stays finite, and depends on the stream alone",
    arguments: BrokenSounds.Kind.allCases)
  mutating func shapes(kind: BrokenSounds.Kind) throws {
    for length in [2048, 1001] {
      let clips = try SyntheticSounds(count: 6, length: length, seed: 1).clips
      let partners = try SyntheticSounds(count: 6, length: length, seed: 2).clips.flipped(along: 0)
      var other = stream
      let broken = try make(kind, clips, partners: partners, using: &stream)
      #expect(broken.shape == [6, length])
      #expect(try broken.isFinite().all().item() == 1)
      #expect(try (broken.peaks() / clips.peaks() - 1).absolute().max().item() < 1e-4)
      #expect(try broken.isEqual(to: make(kind, clips, partners: partners, using: &other)))
      #expect(try broken.distance(to: clips) > 0.01)
    }
    // Silence has nothing to be broken.
    let silence = try Tensor.zeros([2, 2048])
    #expect(try make(kind, silence, partners: silence, using: &stream).isFinite().all().item() == 1)
  }

  @Test("Two halves make the whole, and each is silent where the other sounds")
  func halves() throws {
    let clips = try buzz(4000).padded(1000, 3000)
    func part(_ start: Float, _ end: Float) throws -> Tensor {
      try make.part(of: clips, from: Tensor([start], shape: [1, 1]), to: Tensor([end], shape: [1, 1]))
    }
    let (first, second) = (try part(-1, 0.5), try part(0.5, 2))
    #expect(try (first + second).distance(to: clips) < 1e-5)
    // What sounds begins at 1,000 and ends at 5,000; ramps take 80 samples.
    #expect(try first.narrowed(along: 1, start: 3100, count: 4900).absolute().max().item() == 0)
    #expect(try second.narrowed(along: 1, start: 0, count: 2900).absolute().max().item() == 0)
  }

  @Test("Two at once are the same either way round, and both at one level")
  func sums() throws {
    let clips = try SyntheticSounds(count: 3, seed: 1).clips
    let others = try clips.flipped(along: 0) * 0.1
    let level = try Tensor.zeros([3, 1])
    #expect(
      try make.sums(clips, others, levels: level).distance(to: make.sums(others, clips, levels: level)) < 1e-4
    )
  }

  @Test("Vocoded sounds keep their level in each band and over time, and lose their voice")
  mutating func vocoded() throws {
    let buzz = try buzz(8192)
    let envelope = try Tensor.arange(0, 8192, dtype: .float32) * (1 / 8192.0)
    let clips = try buzz * envelope
    let noise = try make.vocoded(clips, bands: 8, using: &stream)
    func level(_ clips: Tensor, _ start: Int) throws -> Double {
      try clips.narrowed(along: 1, start: start, count: 2048).rms().item()
    }
    // Overlapping windows average what is independent between them, so some level is lost, everywhere alike.
    let losses = try [0, 2048, 6144].map { try level(noise, $0) / level(clips, $0) }
    #expect(losses.allSatisfy { abs($0 / losses[2] - 1) < 0.3 }, "\(losses)")
    let before = try #require(try HarmonicScores(clips, sampleRate: 8000).voiced)
    let after = try #require(try HarmonicScores(noise, sampleRate: 8000).voiced)
    #expect(before.value > 95 && after.value < 60, "\(before), \(after)")
    // The buzz has nothing above 1,250 Hz.
    let spectrum = try noise.fourierMagnitudes().squared()
    let high = try spectrum.narrowed(along: 1, start: 2048, count: 2048).sum().item()
    #expect(try high < 0.05 * spectrum.sum().item())
  }
}
