import Foundation
import RandomNumbers

/// Where the voices of one sound are added up, and the oscillators and noises they are made of.
///
/// Times are seconds, frequencies Hz. What a rate cannot carry is left out: tones at 0.48 of it or above are silent,
/// and filters stay below.
struct DrumCanvas {
  let sampleRate: Double
  private(set) var samples: [Double]

  init(sampleRate: Int, length: Int) {
    self.sampleRate = Double(sampleRate)
    samples = Array(repeating: 0, count: length)
  }

  /// Adds a sine whose frequency falls exponentially from `start` to `end`, and whose level decays.
  ///
  /// - Parameters:
  ///   - fall: the time in which the frequency's distance from `end` falls to 1/e.
  ///   - decay: the time in which the level falls to 1/e.
  mutating func addTone(level: Double, from start: Double, to end: Double, fall: Double, decay: Double) {
    guard max(start, end) < 0.48 * sampleRate else { return }
    let step = 2 * Double.pi / sampleRate
    let fallFactor = exp(-1 / (fall * sampleRate))
    let decayFactor = exp(-1 / (decay * sampleRate))
    var excess = start - end
    var envelope = level
    var phase = 0.0
    samples.withUnsafeMutableBufferPointer { samples in
      for index in samples.indices {
        guard envelope > 1e-6 * level else { break }
        samples[index] += envelope * sin(phase)
        phase += step * (end + excess)
        excess *= fallFactor
        envelope *= decayFactor
      }
    }
  }

  /// Adds filtered noise that begins at a time and decays.
  mutating func addNoise(
    level: Double, at time: Double = 0, decay: Double, through filters: [NoiseFilter],
    _ random: inout SplitMix64
  ) {
    var filters = filters
    let start = Int(time * sampleRate)
    guard start < samples.count else { return }
    let factor = exp(-1 / (decay * sampleRate))
    var envelope = level
    for index in start..<samples.count {
      guard envelope > 1e-6 * level else { break }
      var value = envelope * random.noise()
      for filter in filters.indices { value = filters[filter].next(value) }
      samples[index] += value
      envelope *= factor
    }
  }

  /// Adds square waves of some frequencies through filters, fading in within 1 ms and decaying together.
  mutating func addSquares(
    level: Double, frequencies: [Double], phases: [Double], decay: Double, through filters: [NoiseFilter]
  ) {
    var filters = filters
    var phases = phases
    let steps = frequencies.map { $0 / sampleRate }
    // Waves that began at once, anywhere in their periods, would begin with a click.
    let attack = 0.001 * sampleRate
    let factor = exp(-1 / (decay * sampleRate))
    var envelope = level
    for index in samples.indices {
      guard envelope > 1e-6 * level else { break }
      var value = 0.0
      for wave in steps.indices where steps[wave] < 0.48 {
        value += square(phases[wave], step: steps[wave])
        phases[wave] += steps[wave]
        if phases[wave] >= 1 { phases[wave] -= 1 }
      }
      value *= envelope * min(1, Double(index) / attack)
      for filter in filters.indices { value = filters[filter].next(value) }
      samples[index] += value
      envelope *= factor
    }
  }

  /// Bends all samples so far softly, as an overdriven amplifier.
  mutating func drive(_ amount: Double) {
    for index in samples.indices { samples[index] = tanh(amount * samples[index]) }
  }

  /// The sound with its largest sample at a level, its end faded out.
  func finished(level: Double) -> [Float] {
    var samples = samples
    let fade = min(samples.count, max(1, Int(0.005 * sampleRate)))
    for index in 0..<fade {
      samples[samples.count - 1 - index] *= Double(index) / Double(fade)
    }
    let peak = samples.reduce(0) { max($0, abs($1)) }
    let gain = peak > 0 ? level / peak : 0
    return samples.map { Float($0 * gain) }
  }

  /// A square wave with its edges rounded (a polynomial of two samples' width), so that little of it folds back.
  private func square(_ phase: Double, step: Double) -> Double {
    func edge(_ phase: Double) -> Double {
      if phase < step {
        let t = phase / step
        return t + t - t * t - 1
      }
      if phase > 1 - step {
        let t = (phase - 1) / step
        return t * t + t + t + 1
      }
      return 0
    }
    let half = phase < 0.5 ? phase + 0.5 : phase - 0.5
    return (phase < 0.5 ? 1 : -1) + edge(phase) - edge(half)
  }
}

/// A filter of second order (R. Bristow-Johnson's cookbook), in transposed direct form 2.
struct NoiseFilter {
  private let b: (Double, Double, Double)
  private let a: (Double, Double)
  private var first = 0.0
  private var second = 0.0

  /// Lets high frequencies pass; the corner is kept below 0.36 of the rate.
  static func highPass(_ corner: Double, quality: Double = 0.707, sampleRate: Double) -> NoiseFilter {
    let (cosine, alpha) = terms(corner, quality, sampleRate)
    let side = (1 + cosine) / 2
    return NoiseFilter(b: (side, -2 * side, side), cosine: cosine, alpha: alpha)
  }

  /// Lets frequencies around the centre pass, with gain 1 there; the centre is kept below 0.36 of the rate.
  static func bandPass(_ centre: Double, quality: Double, sampleRate: Double) -> NoiseFilter {
    let (cosine, alpha) = terms(centre, quality, sampleRate)
    return NoiseFilter(b: (alpha, 0, -alpha), cosine: cosine, alpha: alpha)
  }

  private init(b: (Double, Double, Double), cosine: Double, alpha: Double) {
    let scale = 1 / (1 + alpha)
    self.b = (b.0 * scale, b.1 * scale, b.2 * scale)
    a = (-2 * cosine * scale, (1 - alpha) * scale)
  }

  /// Filters the next sample.
  mutating func next(_ input: Double) -> Double {
    let output = b.0 * input + first
    first = b.1 * input - a.0 * output + second
    second = b.2 * input - a.1 * output
    return output
  }

  private static func terms(
    _ frequency: Double, _ quality: Double, _ sampleRate: Double
  ) -> (cosine: Double, alpha: Double) {
    let angle = 2 * Double.pi * min(frequency, 0.36 * sampleRate) / sampleRate
    return (cos(angle), sin(angle) / (2 * quality))
  }
}
