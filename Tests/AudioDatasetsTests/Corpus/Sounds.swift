import Foundation
import RandomNumbers
import TestSupport

@testable import AudioDatasets

/// Noise that differs from seed to seed, its largest sample close to `level`.
func noise(_ frames: Int, seed: Int, level: Float = 0.5, channels: Int = 1) -> [Float] {
  var random = SplitMix64(seed: 77, index: seed)
  return (0..<frames * channels).map { _ in level * Float(2 * random.unit() - 1) }
}

extension TemporaryFolder {
  /// Writes a WAV with 32-bit samples, with the folders on its way, and answers its path.
  @discardableResult
  func sound(
    _ name: String, _ samples: [Float], rate: Int = 8000, channels: Int = 1, format: AudioFormat = .wavFloat
  ) throws -> String {
    let file = self[name]
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try SoundFile.write(
      AudioClip(samples: samples, channels: channels, sampleRate: rate), to: file, format: format)
    return file.path
  }
}

extension AudioSet {
  /// All samples at one crop word, in order.
  func all(draw: UInt64 = 0) throws -> [[Float]] { try (0..<count).map { try sample(at: $0, draw: draw) } }

  var labels: [Int?] { (0..<count).map { label(at: $0) } }
}
