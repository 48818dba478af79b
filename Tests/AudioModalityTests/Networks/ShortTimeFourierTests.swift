import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

/// Against the definition of the transform, in double precision.
@Suite struct ShortTimeFourierTests {
  private static func hann(_ window: Int) -> [Double] {
    (0..<window).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(window)) }
  }

  /// `[F, 2 K]` by the definition.
  private static func spectra(_ wave: [Double], window: Int) -> [Double] {
    let (hop, weights) = (window / 2, hann(window))
    let frames = (wave.count + hop - 1) / hop + 1
    return (0..<frames).flatMap { frame -> [Double] in
      var (real, imaginary) = ([Double](), [Double]())
      for bin in 0...hop {
        var (x, y) = (0.0, 0.0)
        for time in 0..<window {
          let place = (frame - 1) * hop + time
          guard wave.indices.contains(place) else { continue }
          let phase = 2 * Double.pi * Double(bin) * Double(time) / Double(window)
          x += weights[time] * wave[place] * cos(phase)
          y -= weights[time] * wave[place] * sin(phase)
        }
        real.append(x)
        imaginary.append(y)
      }
      return real + imaginary
    }
  }

  /// `[T]` by the definition: inverse transforms, weighted and added up.
  private static func wave(_ spectra: [Double], window: Int, length: Int) -> [Double] {
    let (hop, weights) = (window / 2, hann(window))
    let bins = hop + 1
    var wave = [Double](repeating: 0, count: length)
    for frame in 0..<spectra.count / (2 * bins) {
      for time in 0..<window where wave.indices.contains((frame - 1) * hop + time) {
        var sample = 0.0
        for bin in 0...hop {
          let phase = 2 * Double.pi * Double(bin) * Double(time) / Double(window)
          let start = frame * 2 * bins
          let value = spectra[start + bin] * cos(phase) - spectra[start + bins + bin] * sin(phase)
          sample += (bin == 0 || bin == hop ? 1 : 2) * value / Double(window)
        }
        wave[(frame - 1) * hop + time] += weights[time] * sample
      }
    }
    return wave
  }

  @Test(arguments: [16, 64], [16, 37, 128, 200]) func spectraAreTheDefinition(window: Int, length: Int) throws
  {
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    let waves = try SmallAudio.normal([2, length])
    let found = try fourier.spectra(of: waves)
    #expect(found.shape == [2, fourier.frameCount(length: length), 2 * fourier.bins])
    for row in 0..<2 {
      let wave = try waves.selected(row).array(of: Float.self).map(Double.init)
      let expected = try Tensor(Self.spectra(wave, window: window), shape: Array(found.shape[1...]))
      #expect(try found.selected(row).distance(to: expected) < 2e-5)
    }
  }

  @Test(arguments: [16, 64], [16, 37, 128, 200]) func wavesAreTheDefinition(window: Int, length: Int) throws {
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    let spectra = try SmallAudio.normal([2, fourier.frameCount(length: length), 2 * fourier.bins])
    let found = try fourier.waves(of: spectra, length: length)
    #expect(found.shape == [2, length])
    for row in 0..<2 {
      let values = try spectra.selected(row).array(of: Float.self).map(Double.init)
      let expected = try Tensor(Self.wave(values, window: window, length: length), shape: [length])
      #expect(try found.selected(row).distance(to: expected) < 1e-5)
    }
  }

  /// The window is applied on the way there and on the way back.
  @Test(arguments: [96, 101]) func analysisAndSynthesisWeighEachSampleByItsWindows(length: Int) throws {
    let fourier = try ShortTimeFourier(window: 32, device: .cpu)
    let waves = try SmallAudio.normal([1, length])
    let weights = Self.hann(32)
    let expected = try waves.array(of: Float.self).enumerated().map { place, sample in
      let (first, second) = (weights[place % 16], weights[place % 16 + 16])
      return Double(sample) * (first * first + second * second)
    }
    let found = try fourier.waves(of: fourier.spectra(of: waves), length: length)
    #expect(try found.distance(to: Tensor(expected, shape: [1, length])) < 1e-5)
  }

  /// A bin of half the window times the level is a cosine of that level, without a trace of the frames; and a full-scale
  /// tone has a quarter of the window in its bin.
  @Test(arguments: [1, 5, 15]) func aSteadyToneKeepsItsLevel(bin: Int) throws {
    let (window, length) = (32, 160)
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    let frames = fourier.frameCount(length: length)
    var values = [Double](repeating: 0, count: frames * 2 * fourier.bins)
    for frame in 0..<frames {
      // A hop is half a turn of the first bin.
      values[frame * 2 * fourier.bins + bin] = 0.8 * 16 * ((frame - 1) * bin % 2 == 0 ? 1 : -1)
    }
    let spectra = try Tensor(values, shape: [1, frames, 2 * fourier.bins]).converted(to: .float32)
    let tone = (0..<length).map { 0.8 * cos(2 * Double.pi * Double(bin * $0) / Double(window)) }
    let waves = try fourier.waves(of: spectra, length: length)
    #expect(try waves.distance(to: Tensor(tone, shape: [1, length])) < 1e-5)

    // Next to either end of the spectrum, the mirrored tone is in the same bins.
    guard bin == 5 else { return }
    let analysed = try fourier.spectra(of: waves).selected(0).selected(4).array(of: Float.self)
    func magnitude(_ bin: Int) -> Float { hypot(analysed[bin], analysed[fourier.bins + bin]) }
    #expect(abs(magnitude(5) - 0.8 * 8) < 1e-4)
    #expect(abs(magnitude(6) - 0.8 * 4) < 1e-4)
    #expect(magnitude(9) < 1e-4)
  }

  /// Both maps are linear and power is quadratic, so differences over large steps are exact.
  @Test func derivativesAreThoseOfDifferences() throws {
    let (window, length) = (8, 11)
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    let frames = fourier.frameCount(length: length)
    let weights = try SmallAudio.normal([1, frames, 2 * fourier.bins], seed: 9)
    let direction = try SmallAudio.normal([1, length], seed: 10)
    let waveWeights = try SmallAudio.normal([1, length], seed: 11)

    func slope(_ x: Tensor) throws -> Tensor {
      let sum = try (fourier.spectra(of: x).squared() * weights).sum()
      return try #require(try gradients(of: [sum], withRespectTo: [x], createGraph: true)[0])
    }
    try compare(at: SmallAudio.normal([1, length])) {
      try (fourier.spectra(of: $0).squared() * weights).sum()
    }
    try compare(at: SmallAudio.normal([1, length])) { x in
      try (slope(x.requiresGrad ? x : x.asLeaf()) * direction).sum()
    }
    try compare(at: SmallAudio.normal([1, frames, 2 * fourier.bins])) {
      try (fourier.waves(of: $0, length: length).squared() * waveWeights).sum()
    }
  }

  private func compare(at point: Tensor, of function: (Tensor) throws -> Tensor) throws {
    let leaf = try point.asLeaf()
    let derivative = try #require(try gradients(of: [function(leaf)], withRespectTo: [leaf])[0])
    let byAutograd = try derivative.array(of: Float.self)
    let elements = try point.array(of: Float.self)
    for element in elements.indices {
      func value(movedBy distance: Float) throws -> Double {
        var moved = elements
        moved[element] += distance
        return try function(Tensor(moved, shape: point.shape)).item()
      }
      let difference = try (value(movedBy: 0.5) - value(movedBy: -0.5))
      #expect(abs(difference - Double(byAutograd[element])) < 1e-3, "element \(element)")
    }
  }

  @Test func isExactUnderAutocast() throws {
    let fourier = try ShortTimeFourier(window: 32, device: .cpu)
    let waves = try SmallAudio.normal([2, 96])
    let spectra = try fourier.spectra(of: waves)
    let (loweredSpectra, loweredWaves) = try withAutocast(.bfloat16, on: .cpu) {
      (try fourier.spectra(of: waves), try fourier.waves(of: spectra, length: 96))
    }
    #expect(try loweredSpectra.isEqual(to: spectra))
    #expect(try loweredWaves.isEqual(to: fourier.waves(of: spectra, length: 96)))
  }

  @Test func framesAreCounted() throws {
    let fourier = try ShortTimeFourier(window: 16, device: .cpu)
    #expect([1, 8, 9, 16, 17].map { fourier.frameCount(length: $0) } == [2, 2, 3, 3, 4])
    #expect(fourier.hop == 8 && fourier.bins == 9)
  }
}
