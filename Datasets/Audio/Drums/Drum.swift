import Foundation
import RandomNumbers

/// A kind of drum, and so the label of a sound of the drum machine.
public enum Drum: String, CaseIterable, Codable, Sendable {
  /// A bass drum: a low tone that falls, with a click.
  case kick
  /// A snare drum: two tones of its skin under the rattle of its wires.
  case snare
  /// A closed or open hi-hat: bright metal.
  case hat
  /// A hand clap: some quick bursts of noise.
  case clap
  /// A tom: a tone of several modes that falls a little.
  case tom

  /// The names of all, ordered by byte value: the labels by index.
  public static let labelNames = allCases.map(\.rawValue).sorted {
    $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
}

/// A drum machine: an unending row of drum sounds, each with physical parameters of its own.
///
/// Sound `index` is a pure function of the seed and the index. Its parameters depend on neither rate nor length,
/// so the same drum sounds at any rate, as far as the rate carries its highest tones. The kinds take
/// turns.
public struct DrumMachine: Sendable {
  /// What determines all sounds.
  public let seed: UInt64

  /// A machine with a seed.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// The kind of a sound.
  public func drum(at index: Int) -> Drum {
    let kinds = Drum.allCases
    return kinds[index % kinds.count]
  }

  /// A sound in mono. Its largest sample is 0.25 to 0.9 in size, a part of how hard the drum was hit.
  ///
  /// - Parameters:
  ///   - index: which sound, from 0.
  ///   - sampleRate: frames per second, at least 1,000.
  ///   - length: frames; a sound that is not over by then fades out in the last 5 ms.
  public func clip(_ index: Int, sampleRate: Int, length: Int) -> AudioClip {
    precondition(
      index >= 0 && sampleRate >= 1000 && length > 0, "a drum sound has an index, a rate and a length")
    var random = SplitMix64(seed: seed, index: index)
    let level = random.number(in: 0.25...0.9)
    var canvas = DrumCanvas(sampleRate: sampleRate, length: length)
    switch drum(at: index) {
    case .kick: Kick(&random).render(on: &canvas, &random)
    case .snare: Snare(&random).render(on: &canvas, &random)
    case .hat: Hat(&random).render(on: &canvas, &random)
    case .clap: Clap(&random).render(on: &canvas, &random)
    case .tom: Tom(&random).render(on: &canvas, &random)
    }
    return AudioClip(samples: canvas.finished(level: level), sampleRate: sampleRate)
  }
}

extension SplitMix64 {
  /// A number uniform in a range.
  mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  /// A number whose logarithm is uniform, as frequencies and times are heard.
  mutating func logarithmic(in range: ClosedRange<Double>) -> Double {
    range.lowerBound * pow(range.upperBound / range.lowerBound, unit())
  }

  /// White noise, uniform in [-1, 1).
  mutating func noise() -> Double { 2 * unit() - 1 }
}
