import Torch

/// What points learn from their neighbours: of `rectified(A xᵢ + B xⱼ)` over the neighbours j of a point i the largest, in
/// each channel (Wang et al., 2019, "Dynamic graph CNN for learning on point clouds").
///
/// Neighbourhoods are fixed. So B is applied once a point and its result looked up, where the published form multiplies
/// once an edge.
final class EdgeConvolution: Module {
  private let own: Linear
  private let other: Linear

  var members: Members { ["own": own, "other": other] }

  /// Draws the two maps.
  init(inputs: Int, outputs: Int, using stream: inout RandomStream) throws {
    own = try Linear(inputs: inputs, outputs: outputs, using: &stream)
    other = try Linear(inputs: inputs, outputs: outputs, bias: false, using: &stream)
  }

  /// Maps points `[B, N, I]` to `[B, N, O]`.
  ///
  /// - Parameters:
  ///   - x: the points.
  ///   - neighbours: `[N K]`, those of the first point first.
  func callAsFunction(_ x: Tensor, neighbours: Tensor) throws -> Tensor {
    let (batch, count) = (x.shape[0], x.shape[1])
    let around = try other(x).gathered(at: neighbours, along: 1)
    let channels = around.shape[2]
    // Rectifiers never decrease, so the largest sum is the largest rectified one.
    let largest = try around.reshaped([batch * count, -1, channels]).maximumOverPoints()
    return try (own(x) + largest.reshaped([batch, count, channels])).leakyReLU()
  }
}

/// Brings each channel of each cloud to mean 0 and variance 1 over its points, then scales and shifts each point by its
/// style (Huang and Belongie, 2017, "Arbitrary style transfer in real-time with adaptive instance normalization").
final class AdaptiveInstanceNorm: Module {
  private let affine: Linear
  private let channels: Int

  var members: Members { ["affine": affine] }

  /// Draws the map from the style.
  init(style: Int, channels: Int, using stream: inout RandomStream) throws {
    self.channels = channels
    affine = try Linear(
      inputs: style, outputs: 2 * channels,
      initialisation: .normal(standardDeviation: 1 / Double(style).squareRoot()), using: &stream)
  }

  /// Modulates points `[B, N, C]`, or one cloud for all `[1, N, C]`, by styles `[B, N, W]`.
  func callAsFunction(_ x: Tensor, style: Tensor) throws -> Tensor {
    let both = try affine(style)
    let scale = try both.narrowed(along: 2, start: 0, count: channels)
    let shift = try both.narrowed(along: 2, start: channels, count: channels)
    let values = try x.widened()
    let centred = try values - values.mean(along: 1, keepingDimensions: true)
    let size = try (centred.squared().mean(along: 1, keepingDimensions: true) + 1e-5).reciprocalSquareRoot()
    return try centred * size * (scale + 1) + shift
  }
}
