import Torch

/// The network of the classifier: three convolutions over the frames of a log-mel spectrogram, mean and maximum over time,
/// 64 features, and logits of the labels and, last, of "none of these".
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
