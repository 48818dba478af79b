import Foundation
import Torch

/// Where the bands of a code lie: on the bins of the window's spectrum as far as these are wider than 20 mel, and then 20 mel
/// apart, where the ear no longer tells neighbouring bins.
///
/// A scale of mels alone puts low bands between bins, which no inverse recovers: copies of digits by 72 bands 30 mel apart
/// were told by plain features in 81 %, by these 90 bands in 67, by all 129 bins in 66.
struct BandScale: Sendable {
  /// Mels between bands where these are wider than bins.
  private static let width = 20.0
  /// Mels for each natural logarithm of a frequency above 700 Hz.
  private static let mels = 2595 / Foundation.log(10.0)

  /// Bands, the first one at 0 Hz.
  let count: Int
  /// Hertz between bins.
  private let bin: Double
  /// Bands that lie on bins, and the mels of their end.
  private let onBins: (count: Double, mels: Double)

  /// Lays out bands up to half a sample rate in hertz for windows of so many samples.
  init(sampleRate: Int, window: Int) {
    let rate = Double(sampleRate)
    bin = rate / Double(window)
    // Here a bin is as wide as a band.
    let end = min(max(0, Self.mels * bin / Self.width - 700), rate / 2)
    onBins = (end / bin, MelScale.mels(of: end))
    count = Int(onBins.count + (MelScale.mels(of: rate / 2) - onBins.mels) / Self.width) + 1
  }

  /// The frequency in hertz at a place among the bands, which need not be whole.
  func hertz(at place: Double) -> Double {
    place < onBins.count
      ? place * bin : MelScale.hertz(of: onBins.mels + (place - onBins.count) * Self.width)
  }

  /// Places among the bands of frequencies in hertz.
  func places(of hertz: Tensor) throws -> Tensor {
    let end = onBins.count * bin
    let low = try hertz.clamped(to: end) * (1 / bin)
    let high =
      try ((hertz.clamped(from: end) * (1 / 700.0) + 1).log() * Self.mels - onBins.mels) * (1 / Self.width)
    return try low + high
  }

  /// Weights of bins in bands, `[window / 2 + 1, bands]`: triangles between the middles of the bands beside them, but never
  /// narrower than a bin to either side.
  func filters(window: Int) throws -> Tensor {
    let weights = (0...(window / 2)).flatMap { number in
      (0..<count).map { band in
        let (middle, frequency) = (hertz(at: Double(band)), Double(number) * bin)
        let edge = hertz(at: Double(band) + (frequency < middle ? -1 : 1))
        return Float(max(0, 1 - abs(frequency - middle) / max(abs(edge - middle), bin)))
      }
    }
    return try Tensor(weights, shape: [window / 2 + 1, count])
  }
}
