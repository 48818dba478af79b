import Foundation
import Torch

private let solveOperator = Operator("duel::griffin_lim")

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
  /// First phases as points on the circle, `[1, frames, window / 2 + 1, 2]`.
  private let start: Tensor

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
    start = try Tensor.stacked([phases.cosine(), phases.sine()], along: 3)
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

  /// Clips `[count, T, C]` of the first of the codes `[B, frames, numbers]`, by so many iterations.
  ///
  /// - Parameters:
  ///   - codes: of all clips of a batch: a clip is the same whichever of them are wanted.
  ///   - count: how many; nil for all.
  ///   - iterations: from 0.
  public func decode(_ codes: Tensor, first count: Int? = nil, iterations: Int) throws -> Tensor {
    try decode(codes, first: count, iterations: iterations, byEngine: codes.device != .cpu)
  }

  /// The same, where phases are found by an operator of ours, which there is on CPUs, or by the engine's.
  func decode(_ codes: Tensor, first count: Int? = nil, iterations: Int, byEngine: Bool) throws -> Tensor {
    let (batch, device) = (codes.shape[0], codes.device)
    let count = count ?? batch
    let planes = try codes.converted(to: .float32).reshaped([batch, frames, channels, bands])
      .transposed(1, 2).reshaped([batch * channels, frames, bands])
    let levels = try ((planes + 1) * Self.unit).clamped(from: 0, to: 12).exp() - 1
    let magnitudes =
      try (levels * Self.floor).matmul(inverse.moved(to: device)).clamped(from: 0)
      .narrowed(along: 0, start: 0, count: count * channels) * (Double(window) / Self.reference)
    let waves = try withoutGradients {
      byEngine
        ? try solved(magnitudes.expandingDimension(at: 3), iterations: iterations)
        : try solveOperator(
          .tensor(magnitudes), .tensor(start.selected(0)), .tensor(shape), .tensor(overlap), .int(iterations),
          .double(Self.momentum))
    }
    return try waves.narrowed(along: 1, start: lead, count: length).reshaped([count, channels, length])
      .transposed(1, 2)
  }

  /// Padded waves of magnitudes `[N, F, K, 1]`.
  private func solved(_ magnitudes: Tensor, iterations: Int) throws -> Tensor {
    var directions = try start.moved(to: magnitudes.device)
    var last: Tensor?
    for _ in 0..<iterations {
      let rebuilt = try spectra(of: waves(of: magnitudes * directions))
      let ahead = try last.map { try rebuilt - $0 * (Self.momentum / (1 + Self.momentum)) } ?? rebuilt
      let size = try ahead.squared().sum(along: 3, keepingDimensions: true).squareRoot()
      directions = try ahead / (size + 1e-12)
      last = rebuilt
    }
    return try waves(of: magnitudes * directions)
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
  private func waves(of spectra: Tensor) throws -> Tensor {
    let device = spectra.device
    let parts = try (spectra.inverseFourierTransform(size: window) * shape.moved(to: device))
      .reshaped([spectra.shape[0], frames, 4, hop]).unbound(along: 2)
    let sum = try parts.enumerated().map { try $1.padded(0, 0, $0, 3 - $0) }
      .reduce(Tensor.zeros([1], device: device)) { try $0 + $1 }
    return try sum.reshaped([spectra.shape[0], -1]) / overlap.moved(to: device)
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
