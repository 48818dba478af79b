import Foundation
import TestSupport
import Testing
import Torch

@testable import AudioModality

@Suite struct BandScaleTests {
  @Test(arguments: [(8000, 256), (16_000, 512), (44_100, 1024), (200, 16)])
  func bandsLieOnBinsAndThenTwentyMelApart(rate: Int, window: Int) throws {
    let scale = BandScale(sampleRate: rate, window: window)
    let bin = Double(rate) / Double(window)
    let middles = (0..<scale.count).map { scale.hertz(at: Double($0)) }
    #expect(middles[0] == 0)
    #expect(middles.last.map { $0 <= Double(rate) / 2 } == true)
    for (low, high) in zip(middles, middles.dropFirst()) {
      let mels = MelScale.mels(of: high) - MelScale.mels(of: low)
      // The wider of the two, but for the band where one goes over into the other.
      #expect(abs(high - low - bin) < 1e-6 * bin || mels > 19.9, "\(low) to \(high) Hz")
      #expect(mels < 20.5 || high - low < 1.001 * bin)
    }
    // The next band would lie beyond half the rate.
    #expect(scale.hertz(at: Double(scale.count)) > Double(rate) / 2)
  }

  @Test func placesAreThoseOfTheirFrequencies() throws {
    let scale = BandScale(sampleRate: 8000, window: 256)
    let places = (0..<scale.count * 4).map { Double($0) / 4 }
    let found = try scale.places(of: Tensor(places.map { Float(scale.hertz(at: $0)) }))
    for (place, value) in zip(places, try found.array(of: Float.self)) {
      #expect(abs(Double(value) - place) < 1e-3)
    }
  }

  /// What is smooth from bin to bin, as the flank of a harmonic is, comes back from its bands.
  @Test func binsComeBackFromBands() throws {
    let filters = try BandScale(sampleRate: 8000, window: 256).filters(window: 256)
    let inverse = try ClipCodec.inverse(of: filters)
    for spacing in [4.0, 8, 20] {
      let bins = try Tensor(
        (0...128).map { Float(1 + cos(2 * Double.pi * Double($0) / spacing)) }, shape: [1, 129])
      let back = try bins.matmul(filters).matmul(inverse)
      let low = try (back - bins).narrowed(along: 1, start: 0, count: 34).squared().mean().squareRoot().item()
      let all = try (back - bins).squared().mean().squareRoot().item()
      #expect(low < 0.02, "\(spacing) bins: \(low)")
      #expect(all < 0.45, "\(spacing) bins: \(all)")
    }
  }
}
