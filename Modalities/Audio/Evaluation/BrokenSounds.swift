import Foundation
import Torch

private let transformOperator = Operator("aten::stft", "center")
private let inverseOperator = Operator("aten::istft")

/// What generators make instead of sounds, made from real clips: a classifier that has never met these gives each the label
/// that it resembles most, and so hears words in breath.
///
/// All take and give `[N, T]` in single precision, with the clips' own peaks, and are a pure function of the stream.
struct BrokenSounds: Sendable {
  /// A way to break a sound.
  enum Kind: String, CaseIterable, Sendable {
    /// The clip's loudness over time on noise of one spectrum.
    case breath
    /// A half of what sounds, its middle, or its ends; silence elsewhere.
    case part
    /// Two clips at once.
    case sum
    /// A clip's beginning and another's end.
    case splice
    /// Noise in one to eight bands that have the clip's levels over time. (Shannon et al., "Speech recognition with primarily
    /// temporal cues", 1995: words come through from four bands on for practised ears, well from sixteen.)
    case vocoded
    /// Magnitudes smeared over time or frequency, with random phases or the clip's own.
    case blurred
    /// A steady tone as loud as the clip.
    case hum
    /// Nothing above the lowest few hundred hertz.
    case muffled
    /// The clip backwards.
    case reversed
  }

  private let sampleRate: Int
  private let window: Int
  private let hop: Int
  private let shape: Tensor

  /// Prepares frames.
  ///
  /// - Parameters:
  ///   - sampleRate: in Hz.
  ///   - seconds: how long a frame is, to the nearest power of two of samples.
  init(sampleRate: Int, seconds: Double = 0.032) throws {
    self.sampleRate = sampleRate
    window = 1 << max(4, Int(log2(seconds * Double(sampleRate)).rounded()))
    hop = window / 2
    let size = Double(window)
    shape = try Tensor(
      (0..<window).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / size)) })
  }

  /// Breaks clips.
  ///
  /// - Parameters:
  ///   - kind: how.
  ///   - clips: what is broken.
  ///   - partners: as many others, of other labels, for the kinds that take two.
  ///   - stream: source of everything.
  func callAsFunction(
    _ kind: Kind, _ clips: Tensor, partners: Tensor, using stream: inout RandomStream
  ) throws -> Tensor {
    let broken =
      switch kind {
      case .breath: try breath(clips, using: &stream)
      case .part: try parts(clips, using: &stream)
      case .sum:
        try sums(clips, partners, levels: stream.uniform([clips.shape[0], 1]) * 6 - 3)
      case .splice: try spliced(clips, partners)
      case .vocoded: try vocoded(clips, bands: 1 + stream.index(below: 8), using: &stream)
      case .blurred: try blurred(clips, using: &stream)
      case .hum: try hummed(clips, using: &stream)
      case .muffled: try muffled(clips, using: &stream)
      case .reversed: try clips.flipped(along: 1)
      }
    return try broken.peakNormalised() * clips.peaks()
  }

  /// Two clips at once, both at the level of their own root mean square, the second so many decibels `[N, 1]` above it.
  func sums(_ clips: Tensor, _ partners: Tensor, levels: Tensor) throws -> Tensor {
    try clips / clips.rms().clamped(from: 1e-9)
      + partners / partners.rms().clamped(from: 1e-9) * levels.decibelsToFactors()
  }

  /// Noise in so many bands, equally wide in mel, which have the clip's levels frame by frame.
  func vocoded(_ clips: Tensor, bands: Int, using stream: inout RandomStream) throws -> Tensor {
    let bins = window / 2 + 1
    let top = MelScale.mels(of: Double(sampleRate) / 2)
    let members = (0..<bins).map { bin in
      let mel = MelScale.mels(of: Double(bin) * Double(sampleRate) / Double(window))
      return min(bands - 1, Int(mel / top * Double(bands)))
    }
    let matrix = try Tensor(
      members.flatMap { member in (0..<bands).map { Float($0 == member ? 1 : 0) } }, shape: [bins, bands])
    let power = try spectra(clips).absolute().squared().transposed(1, 2)
    let levels = try power.matmul(matrix) / matrix.sum(along: 0).clamped(from: 1)
    let magnitudes = try levels.matmul(matrix.transposed()).transposed(1, 2).squareRoot()
    return try waves(noise(like: clips, using: &stream) * magnitudes, length: clips.shape[1])
  }

  /// What is left of what sounds from one share of its duration to another, which are numbers `[N, 1]`.
  func part(of clips: Tensor, from start: Tensor, to end: Tensor) throws -> Tensor {
    let (first, last) = try span(of: clips)
    let duration = try last - first
    return try clips * ramp(clips, from: first + duration * start)
      * (1 - ramp(clips, from: first + duration * end))
  }

  private func breath(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let power = try spectra(clips).absolute().squared()
    let loudness = try power.mean(along: 1, keepingDimensions: true).squareRoot()
    let spectrum = try (power.mean(along: 2, keepingDimensions: true) + 1e-9).squareRoot()
    // From white noise to the mean spectrum of the clip.
    let shares = try stream.uniform([clips.shape[0], 1, 1])
    let colours = try (spectrum.log() * shares).exp()
    return try waves(noise(like: clips, using: &stream) * (loudness * colours), length: clips.shape[1])
  }

  private func parts(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let count = clips.shape[0]
    let kinds = (0..<count).map { _ in stream.index(below: 4) }
    func column(_ numbers: [Float]) throws -> Tensor {
      try Tensor(kinds.map { numbers[$0] }, shape: [count, 1])
    }
    let kept = try part(
      of: clips, from: column([-1, 0.5, 0.25, 0.3]), to: column([0.5, 2, 0.75, 0.7]))
    // Of the last kind the ends are kept.
    let isGap = try column([0, 0, 0, 1])
    return try kept * (1 - isGap) + (clips - kept) * isGap
  }

  private func spliced(_ clips: Tensor, _ partners: Tensor) throws -> Tensor {
    let (first, last) = try span(of: clips)
    let later = try ramp(clips, from: (first + last) * 0.5)
    return try clips * (1 - later) + partners * (clips.rms() / partners.rms().clamped(from: 1e-9)) * later
  }

  private func blurred(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let spectrum = try spectra(clips)
    let magnitudes = try spectrum.absolute()
    // An eighth to a quarter of a second, and 300 to 800 Hz: syllables and formants.
    let frames = (0.125 + 0.125 * stream.share()) * Double(sampleRate) / Double(hop)
    let bins = (300 + 500 * stream.share()) * Double(window) / Double(sampleRate)
    let way = stream.index(below: 3)
    var smeared = magnitudes
    if way != 0 { smeared = try smeared.smeared(radius: Int(frames / 2)) }
    if way != 1 { smeared = try smeared.transposed(1, 2).smeared(radius: Int(bins / 2)).transposed(1, 2) }
    let phases =
      stream.index(below: 2) == 0
      ? try noise(like: clips, using: &stream) : try spectrum / magnitudes.clamped(from: 1e-9)
    return try waves(phases * smeared, length: clips.shape[1])
  }

  private func hummed(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let (count, length) = (clips.shape[0], clips.shape[1])
    let tones = try ProbeSounds.tones(count, length: length, using: &stream)
    return try sums(clips, tones, levels: stream.uniform([count, 1]) * 9 - 6)
  }

  private func muffled(_ clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    let edges = try (stream.uniform([clips.shape[0], 1, 1]) * 400 + 300)
    let bins = window / 2 + 1
    let frequencies =
      try Tensor.arange(0, Double(bins), dtype: .float32).reshaped([1, bins, 1])
      * (Double(sampleRate) / Double(window))
    let kept = try frequencies.less(than: edges).converted(to: .float32)
    return try waves(spectra(clips) * kept, length: clips.shape[1])
  }

  /// Where all but a two-hundredth of the energy begins and ends, in samples, `[N, 1]` each.
  private func span(of clips: Tensor) throws -> (first: Tensor, last: Tensor) {
    let energy = try clips.squared().cumulativeSum(along: 1)
    let total = try energy.narrowed(along: 1, start: clips.shape[1] - 1, count: 1)
    func count(below share: Double) throws -> Tensor {
      try energy.less(than: total * share).converted(to: .float32).sum(along: 1, keepingDimensions: true)
    }
    return (try count(below: 0.005), try count(below: 0.995))
  }

  /// From 0 to 1 within 10 ms around some sample of each clip, `[N, 1]`: a click would tell where it was cut.
  private func ramp(_ clips: Tensor, from middle: Tensor) throws -> Tensor {
    let time = try Tensor.arange(0, Double(clips.shape[1]), dtype: .float32)
    return try ((time - middle) * (100 / Double(sampleRate)) + 0.5).clamped(from: 0, to: 1)
  }

  /// The spectra of white noise with magnitudes of about 1, `[N, K, F]`.
  private func noise(like clips: Tensor, using stream: inout RandomStream) throws -> Tensor {
    try spectra(stream.normal(clips.shape)) * (1 / (0.375 * Double(window)).squareRoot())
  }

  private func spectra(_ clips: Tensor) throws -> Tensor {
    try transformOperator(
      .tensor(clips), .int(window), .int(hop), .int(window), .tensor(shape), .bool(true), .string("constant"),
      .bool(false), .bool(true), .bool(true))
  }

  private func waves(_ spectra: Tensor, length: Int) throws -> Tensor {
    try inverseOperator(
      .tensor(spectra), .int(window), .int(hop), .int(window), .tensor(shape), .bool(true), .bool(false),
      .bool(true), .int(length))
  }
}

extension RandomStream {
  /// A number in `0..<1`; takes one word.
  fileprivate mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }
}

extension Tensor {
  /// Means of so many neighbours to either side along the last dimension.
  fileprivate func smeared(radius: Int) throws -> Tensor {
    guard radius > 0 else { return self }
    return try padded(radius, radius).framed(size: 2 * radius + 1, step: 1).mean(along: -1)
  }
}
