import Foundation
import Torch

/// Short sounds of three exact labels at 8 kHz: low tones, high tones and bursts of noise, all dying away.
struct SyntheticSounds {
  static let names = ["low", "high", "burst"]
  static let sampleRate = 8000
  var clips: Tensor
  var labels: [Int]

  init(count: Int, length: Int = 2048, seed: UInt64) throws {
    var stream = RandomStream(seed: seed, name: "synthetic sounds")
    labels = (0..<count).map { $0 % 3 }
    var samples: [Float] = []
    for label in labels {
      func uniform() -> Double { Double(stream.next() >> 11) * 0x1p-53 }
      let pitch = (label == 0 ? 200 : 1_500) * (1 + 0.3 * uniform())
      let decay = 300 + 300 * uniform()
      for sample in 0..<length {
        let envelope = exp(-Double(sample) / decay)
        let wave =
          label == 2
          ? 2 * uniform() - 1 : sin(2 * Double.pi * pitch * Double(sample) / Double(Self.sampleRate))
        samples.append(Float(0.99 * envelope * wave))
      }
    }
    clips = try Tensor(samples, shape: [count, length])
  }
}
