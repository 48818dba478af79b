import Foundation
import Torch

private let complexOperator = Operator("aten::complex")
private let inverseFourierOperator = Operator("aten::fft_irfft")

/// Clips as pictures, and pictures as clips: log-magnitudes in bands that are equally wide to the ear, whose phases are
/// solved for instead of learned.
///
/// Hann windows of about 23 ms (the nearest power of two: 256 samples at 8 kHz, 1,024 at 44.1), a quarter of a window apart; magnitudes
/// in triangular bands, on the bins of low frequencies and 20 mel apart above: 90 at 8 kHz, 124 at 16 kHz, 167 at 44.1 kHz. A code is
/// `log(magnitude / floor + 1) / 4 - 1`: exactly -1 in silence, about 1 for a tone at full scale, 35 dB a unit between.
///
/// Back from codes a ridge pseudo-inverse gives magnitudes of all bins, and the fast Griffin-Lim algorithm (Griffin and
/// Lim, 1984; Perraudin, Balazs and Søndergaard, 2013) finds a wave whose spectra have them. Its first phases are fixed,
/// so that a code always makes the same sound.
public struct ClipCodec: Sendable {
  /// What magnitudes are measured in: 70 dB below a tone at full scale.
  private static let floor = 0.02
  /// Nats a unit of a code.
  private static let unit = 4.0
  /// The magnitude of a tone at full scale in a window of 256 samples, to which all windows are scaled.
  private static let reference = 256.0
  /// Clips whose phases are solved for at a time on a processor.
  private static let chunk = 32
  /// How far each iteration goes beyond its result.
  private static let momentum = 0.99

  /// Samples of a clip in each channel.
  public let length: Int
  /// Channels of a clip.
  public let channels: Int
  /// Samples in a window.
  public let window: Int
  /// Samples between windows.
  public let hop: Int
  /// Frames of a code: a multiple of 8, the last ones beyond the clip's end.
  public let frames: Int
  /// Bands of each channel.
  public var bands: Int { scale.count }
  /// Where they lie.
  let scale: BandScale

  /// The window's shape, `[window]`.
  private let shape: Tensor
  /// Weights of bins in bands, `[window / 2 + 1, bands]`.
  private let filters: Tensor
  /// Magnitudes of bins from those of bands, `[bands, window / 2 + 1]`.
  private let inverse: Tensor
  /// What overlapping windows add up to, `[hop * (frames + 3)]`.
  private let overlap: Tensor
  /// First phases as points on the circle, `[1, frames, window / 2 + 1]` each.
  private let start: Spectra

  /// Numbers of a frame: the bands of all channels.
  public var numbers: Int { bands * channels }

  /// Prepares windows, bands and their inverse.
  ///
  /// - Parameters:
  ///   - sampleRate: in Hz; above 100.
  ///   - length: samples of a clip in each channel.
  ///   - channels: 1 for mono, 2 for stereo.
  public init(sampleRate: Int, length: Int, channels: Int) throws {
    precondition(sampleRate > 100 && length > 0 && channels > 0, "no codes of such clips")
    self.length = length
    self.channels = channels
    window = 1 << max(4, Int(log2(0.023 * Double(sampleRate)).rounded()))
    hop = window / 4
    frames = Self.frames(length: length, hop: hop)
    scale = BandScale(sampleRate: sampleRate, window: window)
    let size = window
    let hann = (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size)) }
    shape = try Tensor(hann.map { Float($0) })
    filters = try scale.filters(window: window)
    inverse = try Self.inverse(of: filters)
    var sums = [Double](repeating: 0, count: hop * (frames + 3))
    for frame in 0..<frames {
      for sample in 0..<size { sums[frame * hop + sample] += hann[sample] * hann[sample] }
    }
    overlap = try Tensor(sums.map { Float(max($0, 0.1)) })
    var stream = RandomStream(seed: 0, name: "first phases")
    let phases = try stream.uniform([1, frames, window / 2 + 1]) * (2 * Double.pi)
    start = Spectra(real: try phases.cosine(), imaginary: try phases.sine())
  }

  private static func frames(length: Int, hop: Int) -> Int {
    let needed = (length + hop - 1) / hop
    return (needed + 7) / 8 * 8
  }

  /// Codes `[B, frames, numbers]` of clips `[B, T, C]`.
  public func encode(_ clips: Tensor) throws -> Tensor {
    let (batch, device) = (clips.shape[0], clips.device)
    let waves = try clips.converted(to: .float32).transposed(1, 2).reshaped([batch * channels, length])
    let magnitudes = try spectra(of: padded(waves)).magnitudes() * (Self.reference / Double(window))
    let levels = try magnitudes.matmul(filters.moved(to: device)) * (1 / Self.floor) + 1
    return try (levels.log() * (1 / Self.unit) - 1).reshaped([batch, channels, frames, bands])
      .transposed(1, 2).reshaped([batch, frames, numbers])
  }

  /// Clips `[B, T, C]` of codes `[B, frames, numbers]`, by so many iterations.
  public func decode(_ codes: Tensor, iterations: Int) throws -> Tensor {
    let (batch, device) = (codes.shape[0], codes.device)
    let planes = try codes.converted(to: .float32).reshaped([batch, frames, channels, bands])
      .transposed(1, 2).reshaped([batch * channels, frames, bands])
    let levels = try ((planes + 1) * Self.unit).clamped(from: 0, to: 12).exp() - 1
    let magnitudes =
      try (levels * Self.floor).matmul(inverse.moved(to: device)).clamped(from: 0)
      * (Double(window) / Self.reference)
    // What an iteration goes through a dozen times stays in a processor's caches.
    let size = device == .cpu ? Self.chunk : max(1, magnitudes.shape[0])
    let clips = try magnitudes.mappedInBatches(of: size) { try solved($0, iterations: iterations) }
    return try clips.reshaped([batch, channels, length]).transposed(1, 2)
  }

  /// Waves `[N, length]` whose spectra have magnitudes `[N, frames, K]`.
  private func solved(_ magnitudes: Tensor, iterations: Int) throws -> Tensor {
    let device = magnitudes.device
    var directions = try start.map { try $0.moved(to: device) }
    var last: Spectra?
    for _ in 0..<iterations {
      let wave = try waves(of: directions.map { try magnitudes * $0 })
      let pairs = try spectra(of: wave)
      let rebuilt = Spectra(
        real: try pairs.selected(0, along: 3).contiguous(),
        imaginary: try pairs.selected(1, along: 3).contiguous())
      let share = Self.momentum / (1 + Self.momentum)
      let ahead =
        try last.map {
          Spectra(
            real: try rebuilt.real - $0.real * share,
            imaginary: try rebuilt.imaginary - $0.imaginary * share)
        } ?? rebuilt
      let size = try (ahead.real.squared() + ahead.imaginary.squared()).squareRoot() + 1e-12
      directions = try ahead.map { try $0 / size }
      last = rebuilt
    }
    return try waves(of: directions.map { try magnitudes * $0 })
      .narrowed(along: 1, start: lead, count: length)
  }

  /// Complex numbers as two tensors: where both parts of a number lie side by side, whatever is common to them is slow.
  private struct Spectra: Sendable {
    var real: Tensor
    var imaginary: Tensor

    func map(_ body: (Tensor) throws -> Tensor) rethrows -> Spectra {
      Spectra(real: try body(real), imaginary: try body(imaginary))
    }
  }

  /// Samples of silence before a clip, so that its frames are centred on the middles of hops.
  private var lead: Int { (window - hop) / 2 }

  private func padded(_ waves: Tensor) throws -> Tensor {
    try waves.padded(lead, (frames + 3) * hop - lead - length)
  }

  /// Spectra `[N, frames, K, 2]` of padded waves.
  private func spectra(of waves: Tensor) throws -> Tensor {
    try (waves.framed(size: window, step: hop) * shape.moved(to: waves.device)).fourierTransform()
  }

  /// The padded waves that frames of such spectra overlap to.
  private func waves(of spectra: Spectra) throws -> Tensor {
    let device = spectra.real.device
    let complex = try complexOperator(.tensor(spectra.real), .tensor(spectra.imaginary))
    let frames = try inverseFourierOperator(.tensor(complex), .int(window)) * shape.moved(to: device)
    let parts = try frames.reshaped([frames.shape[0], self.frames, 4, hop]).unbound(along: 2)
      .enumerated().map { try $1.padded(0, 0, $0, 3 - $0) }
    let sum = try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }
    return try sum.reshaped([frames.shape[0], -1]) / overlap.moved(to: device)
  }

  /// The pseudo-inverse `(FᵀF + ridge)⁻¹ Fᵀ` of filters F, `[bands, K]`.
  static func inverse(of filters: Tensor) throws -> Tensor {
    let wide = try filters.converted(to: .float64)
    let products = try wide.transposed().matmul(wide)
    let ridge = try Tensor.identity(products.shape[0], dtype: .float64) * 1e-3
    return try (products + ridge).solving(wide.transposed()).converted(to: .float32)
  }
}

extension Tensor {
  /// Magnitudes `[...]` of complex numbers `[..., 2]`.
  fileprivate func magnitudes() throws -> Tensor { try squared().sum(along: -1).squareRoot() }

  /// The largest sample in size of each of the clips `[B, T, C]`, `[B, 1, 1]`.
  func clipPeaks() throws -> Tensor { try absolute().max(along: 1, 2, keepingDimensions: true) }

  /// Clips `[B, T, C]` whose loudest samples are stretched, or pressed, until their peaks are those wanted, `[B, 1, 1]` or `[1]`.
  ///
  /// Phases that are solved for lose a tenth of a pulse's peak. A factor would make all of a clip louder for that; this one
  /// falls with the fourth power of a sample's size, so that its loudness hardly changes.
  func stretched(toPeaks wanted: Tensor) throws -> Tensor {
    let peaks = try clipPeaks().clamped(from: 1e-4)
    let gain = try (wanted / peaks - 1).clamped(from: -0.5, to: 1)
    return try self * ((self / peaks).squared().squared() * gain + 1)
  }
}
