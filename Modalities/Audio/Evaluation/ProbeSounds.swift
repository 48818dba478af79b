import Foundation
import Torch

private let fourierOperator = Operator("aten::fft_rfft")
private let inverseFourierOperator = Operator("aten::fft_irfft")
private let polarOperator = Operator("aten::polar")
private let sineOperator = Operator("aten::sin")

/// Sounds that belong to no label, and changes of clips that should not change their predicted label.
///
/// All are `[N, T]`, a pure function of the stream.
enum ProbeSounds {
  /// Gaussian noise of RMS 1 whose magnitude falls with frequency as `f^-tilt`, one tilt a clip `[N]`: 0 is white, 0.5 pink,
  /// 1 brown.
  static func noise(tilts: Tensor, length: Int, using stream: inout RandomStream) throws -> Tensor {
    let white = try stream.normal([tilts.shape[0], length])
    let bins = try Tensor.arange(1, Double(length / 2 + 2), dtype: .float32).log()
    let slopes = try (bins * -tilts.expandingDimension(at: 1)).exp()
    let coloured = try inverseFourierOperator(
      .tensor(fourierOperator(.tensor(white)) * slopes), .int(length))
    return try coloured / coloured.rms().clamped(from: 1e-9)
  }

  /// White noise with a peak of 1.
  static func whiteNoise(_ count: Int, length: Int, using stream: inout RandomStream) throws -> Tensor {
    try stream.normal([count, length]).peakNormalised()
  }

  /// Clips with their spectrum's magnitudes and random phases, with a peak of 1: the right long-term spectrum, and nothing to
  /// hear of what it was.
  static func randomPhase(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let magnitudes = try clips.fourierMagnitudes()
    let phases = try stream.uniform(magnitudes.shape) * (2 * Double.pi)
    let spectrum = try polarOperator(.tensor(magnitudes), .tensor(phases))
    return try inverseFourierOperator(.tensor(spectrum), .int(clips.shape[1])).peakNormalised()
  }

  /// Steady tones of one to eight harmonics, with a peak of 1; fundamentals from 1/128 to 1/4 of the sample rate.
  static func tones(_ count: Int, length: Int, using stream: inout RandomStream) throws -> Tensor {
    let column = [count, 1, 1]
    let fundamentals = try ((stream.uniform(column) * log(32)).exp() * (2 * Double.pi / 128))
    let harmonics = try Tensor.arange(1, 9, dtype: .float32).reshaped([1, 8, 1])
    let decay = try (harmonics.log() * -(stream.uniform(column) * 3)).exp()
    let angles = try fundamentals * harmonics
    let phases = try stream.uniform([count, 8, 1]) * (2 * Double.pi)
    let time = try Tensor.arange(0, Double(length), dtype: .float32)
    // Harmonics past half the sample rate would come back as others.
    let audible = try angles.less(than: Double.pi).converted(to: .float32)
    let waves = try sineOperator(.tensor(angles * time + phases)) * decay * audible
    return try waves.sum(along: 1).peakNormalised()
  }

  /// A mixture of all kinds at random levels: white and coloured noise, random phases, tones, and silence.
  ///
  /// - Parameters:
  ///   - clips: real clips `[N, T]`, each of which makes one sound.
  ///   - stream: source of everything.
  static func rejects(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let (count, length) = (clips.shape[0], clips.shape[1])
    let shares = [0.2, 0.45, 0.75, 0.9].map { Int((Double(count) * $0).rounded()) }
    var parts: [Tensor] = []
    if shares[0] > 0 { parts.append(try whiteNoise(shares[0], length: length, using: &stream)) }
    if shares[1] > shares[0] {
      let tilts = try stream.uniform([shares[1] - shares[0]])
      parts.append(try noise(tilts: tilts, length: length, using: &stream).peakNormalised())
    }
    if shares[2] > shares[1] {
      let own = try clips.narrowed(along: 0, start: shares[1], count: shares[2] - shares[1])
      parts.append(try randomPhase(own, using: &stream))
    }
    if shares[3] > shares[2] {
      parts.append(try tones(shares[3] - shares[2], length: length, using: &stream))
    }
    // Silence: noise from 60 dB to 100 dB below full scale.
    let quiet = count - shares[3]
    let levels = try (stream.uniform([quiet, 1]) * -40 - 60).decibelsToFactors()
    parts.append(try stream.normal([quiet, length]) * levels)
    let loud = try Tensor.concatenated([
      (stream.uniform([shares[3], 1]) * -24).decibelsToFactors(), Tensor.ones([quiet, 1]),
    ])
    return try Tensor.concatenated(parts) * loud
  }

  /// Clips moved by up to a 40th of their length, made louder or softer by up to 6 dB, under white or coloured noise 10 to
  /// 50 dB below them.
  static func altered(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let (count, length) = (clips.shape[0], clips.shape[1])
    let reach = length / 40
    let offsets = try (stream.uniform([count, 1]) * Double(2 * reach + 1)).floor().converted(to: .int64)
    let indices = try offsets + Tensor.arange(0, Double(length))
    let moved = try clips.padded(reach, reach).gatheredElements(at: indices, along: 1)
    let gains = try (stream.uniform([count, 1]) * 12 - 6).decibelsToFactors()
    // Half of the noises are white.
    let tilts = try (stream.uniform([count]) * 2 - 1).clamped(from: 0)
    let noise = try noise(tilts: tilts, length: length, using: &stream)
    let ratios = try stream.uniform([count, 1]) * 40 + 10
    return try moved.under(noise, ratios: ratios) * gains
  }
}

extension Tensor {
  /// Root mean squares along the last dimension, which stays with an extent of 1.
  func rms() throws -> Tensor { try squared().mean(along: -1, keepingDimensions: true).squareRoot() }

  /// Largest magnitudes along the last dimension, which stays with an extent of 1.
  func peaks() throws -> Tensor { try absolute().max(along: -1, keepingDimensions: true) }

  /// Each clip scaled to a peak of 1; silence stays.
  func peakNormalised() throws -> Tensor { try self / peaks().clamped(from: 1e-9) }

  /// Amplitudes of levels in decibels.
  func decibelsToFactors() throws -> Tensor { try (self * (Foundation.log(10) / 20)).exp() }

  /// Clips `[N, T]` with noise of RMS 1 added at signal-to-noise ratios in decibels `[N, 1]` over the whole clip.
  func under(_ noise: Tensor, ratios: Tensor) throws -> Tensor {
    try self + noise * rms() * (-ratios).decibelsToFactors()
  }
}
