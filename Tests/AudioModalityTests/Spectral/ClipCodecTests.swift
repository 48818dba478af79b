import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct ClipCodecTests {
  private func tone(_ hertz: Double, rate: Int = 8000, length: Int = 8192, level: Double = 0.9) throws
    -> Tensor
  {
    try Tensor(
      (0..<length).map { Float(level * sin(2 * Double.pi * hertz * Double($0) / Double(rate))) },
      shape: [1, length, 1])
  }

  @Test(arguments: [
    (8000, 256, 90), (16_000, 512, 124), (22_050, 512, 129), (44_100, 1024, 167), (48_000, 1024, 168),
  ])
  func sizesFollowTheRate(rate: Int, window: Int, bands: Int) throws {
    let codec = try ClipCodec(sampleRate: rate, length: 5000, channels: 1)
    #expect(codec.window == window)
    #expect(codec.bands == bands)
    #expect(codec.frames % 8 == 0)
    #expect(codec.frames * codec.hop >= 5000)
    // A tone at full scale is about 1, at any rate.
    let code = try codec.encode(tone(1000, rate: rate, length: 5000, level: 1))
    #expect(code.shape == [1, codec.frames, bands])
    #expect(try abs(code.max().item() - 1) < 0.1)
  }

  @Test func silenceIsLeastAndComesBackSilent() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 2000, channels: 2)
    let code = try codec.encode(Tensor.zeros([3, 2000, 2]))
    #expect(try code.isEqual(to: Tensor.full(code.shape, value: -1)))
    let clips = try codec.decode(code, iterations: 3)
    #expect(clips.shape == [3, 2000, 2])
    #expect(try clips.absolute().max().item() == 0)
  }

  @Test func tenTimesAsLoudIsAsMuchMoreAtEveryLevel() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 4096, channels: 1)
    let codes = try [0.09, 0.9].map { try codec.encode(tone(700, length: 4096, level: $0)).max().item() }
    #expect(abs(codes[1] - codes[0] - log(10) / 4) < 1e-3)
  }

  @Test func tonesComeBackAtTheirPitchAndLevel() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 8192, channels: 1)
    for hertz in [150.0, 445, 1234, 3100] {
      let given = try tone(hertz)
      let found = try codec.decode(codec.encode(given), iterations: 60)
      let spectra = try [given, found].map { try $0.reshaped([8192]).fourierMagnitudes() }
      let peaks = try spectra.map { Int(try $0.argmax(along: 0).item()) }
      // A band is some bins wide; 8 of these bins are 8 Hz.
      #expect(abs(peaks[0] - peaks[1]) <= 64, "\(hertz) Hz: \(peaks)")
      let energies = try [given, found].map { try $0.squared().mean().item() }
      #expect(abs(10 * log10(energies[1] / energies[0])) < 2.5, "\(hertz) Hz: \(energies)")
    }
  }

  /// What networks see of a clip, they see of the sound that its code makes.
  @Test func soundsOfCodesHaveTheseCodes() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 4096, channels: 1)
    var stream = RandomStream(seed: 1, name: "clip")
    let envelope = try Tensor((0..<4096).map { Float(exp(-Double($0) / 900)) })
    let clip = try
      (stream.normal([4096]) * 0.2 * envelope + tone(300, length: 4096).reshaped([4096]) * envelope)
      .reshaped([1, 4096, 1])
    let code = try codec.encode(clip)
    func distance(iterations: Int) throws -> Double {
      try (codec.encode(codec.decode(code, iterations: iterations)) - code).absolute().mean().item()
    }
    let (none, many) = (try distance(iterations: 0), try distance(iterations: 60))
    #expect(many < 0.6 * none)
    // 0.05 are less than two decibels.
    #expect(many < 0.05)
  }

  @Test func channelsAreByThemselvesAndPhasesFixed() throws {
    let (mono, stereo) = (
      try ClipCodec(sampleRate: 8000, length: 2048, channels: 1),
      try ClipCodec(sampleRate: 8000, length: 2048, channels: 2)
    )
    let (left, right) = (try tone(300, length: 2048), try tone(900, length: 2048))
    let both = try stereo.decode(stereo.encode(Tensor.concatenated([left, right], along: 2)), iterations: 5)
    for (channel, clip) in [left, right].enumerated() {
      let alone = try mono.decode(mono.encode(clip), iterations: 5)
      #expect(try both.selected(channel, along: 2).distance(to: alone.selected(0, along: 2)) < 1e-4)
    }
  }

  /// On a CPU an operator of ours finds the phases, elsewhere the engine's do.
  @Test(arguments: [(8000, 0), (8000, 1), (16_000, 2), (44_100, 4)])
  func theOperatorDoesAsTheEngine(rate: Int, iterations: Int) throws {
    let codec = try ClipCodec(sampleRate: rate, length: 3000, channels: 1)
    var stream = RandomStream(seed: 1, name: "codes")
    let codes = try stream.uniform([3, codec.frames, codec.numbers]) * 1.5 - 1
    let (own, engines) = (
      try codec.decode(codes, iterations: iterations),
      try codec.decode(codes, iterations: iterations, byEngine: true)
    )
    #expect(try own.distance(to: engines) < 1e-4 * engines.absolute().max().item())
    #expect(try own.absolute().max().item() > 0.01)
  }

  @Test func aClipDoesNotDependOnThoseBesideIt() throws {
    let codec = try ClipCodec(sampleRate: 8000, length: 3000, channels: 2)
    var stream = RandomStream(seed: 1, name: "codes")
    let codes = try stream.uniform([5, codec.frames, codec.numbers]) * 1.5 - 1
    let all = try codec.decode(codes, iterations: 3)
    for count in 1...4 {
      let some = try codec.decode(codes, first: count, iterations: 3)
      #expect(try some.isEqual(to: all.narrowed(along: 0, start: 0, count: count)))
    }
  }

  @Test func peaksAreStretchedAndNothingElse() throws {
    let clips = try Tensor.concatenated([
      tone(440, level: 0.5), tone(440, level: 0.8), Tensor.zeros([1, 8192, 1]),
    ])
    let found = try clips.stretched(toPeaks: Tensor([Float(0.7)]))
    let peaks = try found.clipPeaks().reshaped([-1]).array(of: Float.self)
    #expect(abs(peaks[0] - 0.7) < 1e-4 && abs(peaks[1] - 0.7) < 1e-4 && peaks[2] == 0)
    // Half as loud as the loudest is a sixteenth of the way.
    let point = try Tensor([Float(0.25), 0.5], shape: [1, 2, 1]).stretched(toPeaks: Tensor([Float(0.6)]))
    #expect(try abs(point.min().item() - 0.25 * (1 + 0.2 / 16)) < 1e-6)
    let itself = try clips.stretched(toPeaks: clips.clipPeaks())
    #expect(try itself.distance(to: clips) < 1e-6)
  }

  @Test func aPeakInCommonIsThatOfNearlyAll() {
    let same = [Float](repeating: 0.95, count: 19)
    #expect(abs(CodedClips.commonPeak(same + [0.2]) - 0.95) < 1e-6)
    #expect(CodedClips.commonPeak(same + [0.2, 0.3, 0.4]) == 0)
    #expect(CodedClips.commonPeak([0.1, 0.5, 0.9]) == 0)
    #expect(CodedClips.commonPeak([0, 0, 0]) == 0)
  }
}
