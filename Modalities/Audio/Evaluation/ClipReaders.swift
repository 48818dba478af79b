import Foundation
import Torch

private let convolutionOperator = Operator("aten::conv2d")

/// A network that reads clips: what it sees of them, and features and logits of that.
protocol ClipReader: Module {
  /// What the network takes of clips `[N, T]`.
  func inputs(of clips: Tensor) throws -> Tensor
  /// Features `[N, 64]` and logits `[N, classes]` of inputs; with a stream, dropout is on.
  func read(_ inputs: Tensor, dropout stream: inout RandomStream?) throws -> (
    features: Tensor, logits: Tensor
  )
}

/// Log-mel frames, standardised by typical clips, for a `SoundNetwork`.
final class MelReader: ClipReader {
  private let spectrogram: LogMelSpectrogram
  private let network: SoundNetwork
  private let mean: Tensor
  private let deviation: Tensor

  var members: Members { ["network": network] }

  /// Initialises the network, and learns means and deviations from typical clips `[N, T]`.
  init(sampleRate: Int, classes: Int, typical: Tensor, using stream: inout RandomStream) throws {
    spectrogram = try LogMelSpectrogram(sampleRate: sampleRate)
    network = try SoundNetwork(bands: spectrogram.bands, classes: classes, using: &stream)
    let bands = try spectrogram(typical)
    mean = try bands.mean(along: 0, 1)
    deviation = try bands.variance(along: 0, 1).squareRoot().clamped(from: 0.1)
  }

  func inputs(of clips: Tensor) throws -> Tensor { try (spectrogram(clips) - mean) / deviation }

  func read(_ inputs: Tensor, dropout stream: inout RandomStream?) throws -> (
    features: Tensor, logits: Tensor
  ) {
    try network(inputs, dropout: &stream)
  }
}

/// Three convolutions over the frames of a log-mel spectrogram, mean and maximum over time, 64 features, and logits of the
/// labels and, last, of "none of these".
final class SoundNetwork: Module {
  private let convolutions: [Conv1d]
  private let hidden: Linear
  private let output: Linear

  var members: Members {
    ["convolutions": ModuleGroup(convolutions), "hidden": hidden, "output": output]
  }

  init(bands: Int, classes: Int, using stream: inout RandomStream) throws {
    let sizes = [(bands, 64, 5), (64, 96, 5), (96, 128, 3)]
    convolutions = try sizes.map { inputs, outputs, kernel in
      try Conv1d(
        inputs: inputs, outputs: outputs, kernel: kernel, stride: 2, padding: .both(kernel / 2),
        initialisation: .heNormal, using: &stream)
    }
    hidden = try Linear(inputs: 256, outputs: 64, initialisation: .heNormal, using: &stream)
    output = try Linear(inputs: 64, outputs: classes, using: &stream)
  }

  /// Features `[N, 64]` and logits `[N, classes]` of spectrograms `[N, frames, bands]`; with a stream, dropout is on.
  func callAsFunction(_ spectrograms: Tensor, dropout stream: inout RandomStream?) throws -> (
    features: Tensor, logits: Tensor
  ) {
    var x = try spectrograms.transposed(1, 2)
    for convolution in convolutions { x = try convolution(x).relu() }
    let pooled = try Tensor.concatenated([x.mean(along: 2), x.max(along: 2)], along: 1)
    let features = try hidden(pooled.dropout(0.2, using: &stream)).relu()
    return (features, try output(features))
  }
}

/// A spectrogram in linear frequency, seen as a picture: three convolutions over both axes, then a recurrent network over time.
///
/// Frames of about 64 ms every 32 ms resolve the harmonics of voices, which mel bands do not, so hiss between them is seen; the
/// recurrent network knows the order of sounds and when they end. Clips are brought to one root mean square: their level
/// says nothing.
final class LinearReader: ClipReader {
  /// Bands at most: bins of higher rates are taken together.
  private static let bandLimit = 256
  /// What is added to magnitudes of clips with a root mean square of 1 before the logarithm, in units of white noise's.
  private static let floor = 0.02

  private let window: Int
  private let hop: Int
  private let shape: Tensor
  private let bands: Int
  private let mean: Tensor
  private let deviation: Tensor
  private let pictures: [PictureConvolution]
  private let recurrent: GRU
  private let hidden: Linear
  private let output: Linear

  var members: Members {
    [
      "pictures": ModuleGroup(pictures), "recurrent": recurrent, "hidden": hidden, "output": output,
    ]
  }

  /// Initialises the network, and learns means and deviations from typical clips `[N, T]`.
  init(sampleRate: Int, classes: Int, typical: Tensor, using stream: inout RandomStream) throws {
    window = 1 << max(6, Int(log2(0.064 * Double(sampleRate)).rounded()))
    hop = window / 2
    bands = min(Self.bandLimit, window / 2)
    let size = Double(window)
    shape = try Tensor(
      (0..<window).map {
        Float((0.5 - 0.5 * cos(2 * Double.pi * Double($0) / size)) / (0.375 * size).squareRoot())
      })
    var (height, pictures) = (bands, [PictureConvolution]())
    for (inputs, outputs, kernel, stride) in [
      (1, 16, (7, 3), (4, 2)), (16, 32, (3, 3), (2, 2)), (32, 32, (3, 3), (2, 1)), (32, 48, (3, 3), (2, 1)),
    ] {
      pictures.append(
        try PictureConvolution(
          inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, using: &stream))
      height = (height + stride.0 - 1) / stride.0
    }
    self.pictures = pictures
    recurrent = try GRU(inputs: 48 * height, hidden: 64, using: &stream)
    hidden = try Linear(inputs: 128, outputs: 64, initialisation: .heNormal, using: &stream)
    output = try Linear(inputs: 64, outputs: classes, using: &stream)
    let levels = try Self.levels(of: typical, window: window, hop: hop, shape: shape, bands: bands)
    mean = try levels.mean(along: 0, 1)
    deviation = try levels.variance(along: 0, 1).squareRoot().clamped(from: 0.1)
  }

  func inputs(of clips: Tensor) throws -> Tensor {
    try (Self.levels(of: clips, window: window, hop: hop, shape: shape, bands: bands) - mean) / deviation
  }

  func read(_ inputs: Tensor, dropout stream: inout RandomStream?) throws -> (
    features: Tensor, logits: Tensor
  ) {
    var x = try inputs.transposed(1, 2).expandingDimension(at: 1)
    for picture in pictures { x = try picture(x).relu() }
    let (count, frames) = (x.shape[0], x.shape[3])
    x = try x.permuted(0, 3, 1, 2).reshaped([count, frames, -1])
    let states = try recurrent(x.dropout(0.2, using: &stream)).outputs
    let pooled = try Tensor.concatenated(
      [states.max(along: 1), states.selected(frames - 1, along: 1)], along: 1)
    let features = try hidden(pooled.dropout(0.2, using: &stream)).relu()
    return (features, try output(features))
  }

  /// Logarithms `[N, frames, bands]` of magnitudes of clips `[N, T]`.
  private static func levels(of clips: Tensor, window: Int, hop: Int, shape: Tensor, bands: Int) throws
    -> Tensor
  {
    let missing = max(0, window + 3 * hop - clips.shape[1])
    let level = try clips / clips.rms().clamped(from: 1e-9)
    let frames = try (missing > 0 ? level.padded(0, missing) : level).framed(size: window, step: hop)
    let magnitudes = try (frames * shape).fourierMagnitudes().narrowed(along: 2, start: 1, count: window / 2)
    let grouped = try magnitudes.reshaped(magnitudes.shape.dropLast() + [bands, window / 2 / bands])
    return try (grouped.mean(along: 3) + Self.floor).log()
  }
}

/// A convolution of pictures `[N, C, H, W]` with zeros around them, so that each stride divides an extent, rounded up.
private final class PictureConvolution: Module {
  private let weight: Parameter
  private let bias: Parameter
  private let stride: (Int, Int)
  private let padding: (Int, Int)

  var members: Members { ["weight": weight, "bias": bias] }

  init(
    inputs: Int, outputs: Int, kernel: (Int, Int), stride: (Int, Int), using stream: inout RandomStream
  ) throws {
    (self.stride, padding) = (stride, (kernel.0 / 2, kernel.1 / 2))
    let fan = Double(inputs * kernel.0 * kernel.1)
    weight = try Parameter(stream.normal([outputs, inputs, kernel.0, kernel.1]) * (2 / fan).squareRoot())
    bias = try Parameter(Tensor.zeros([outputs]))
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try convolutionOperator(
      .tensor(x), .tensor(weight.value), .tensor(bias.value), .ints([stride.0, stride.1]),
      .ints([padding.0, padding.1]), .ints([1, 1]), .int(1))
  }
}
