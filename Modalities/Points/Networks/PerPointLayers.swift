import Torch

/// Affine maps one after the other with rectifiers between them, of the last dimension: of each point alone.
///
/// Points lie one after the other in memory, so a layer is one product of a matrix of points with the weights, where
/// convolutions with a kernel of 1 would copy every channel into a plane of its own.
final class PerPointLayers: Module {
  private let layers: [Linear]
  private let slope: Double
  /// Whether the last map is rectified too.
  private let rectifiesLast: Bool

  /// The maps, numbered.
  var members: Members { ["layers": ModuleGroup(layers)] }

  /// Channels of the result.
  let outputs: Int

  /// Draws the maps.
  ///
  /// - Parameters:
  ///   - inputs: channels of the input.
  ///   - widths: channels behind each map.
  ///   - slope: of the rectifiers below zero; 1 leaves them out.
  ///   - rectifiesLast: whether one stands behind the last map too.
  ///   - initialisation: how the weights start.
  ///   - stream: where they are drawn from.
  init(
    inputs: Int, widths: [Int], slope: Double, rectifiesLast: Bool = true,
    initialisation: Initialisation = .pytorchDefault, using stream: inout RandomStream
  ) throws {
    var layers: [Linear] = []
    var inputs = inputs
    for outputs in widths {
      layers.append(
        try Linear(inputs: inputs, outputs: outputs, initialisation: initialisation, using: &stream))
      inputs = outputs
    }
    self.layers = layers
    self.slope = slope
    self.rectifiesLast = rectifiesLast
    outputs = inputs
  }

  /// Maps `[..., I]` to `[..., O]`.
  func callAsFunction(_ x: Tensor) throws -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try layer(x)
      if slope != 1, rectifiesLast || index < layers.count - 1 { x = try x.leakyReLU(slope: slope) }
    }
    return x
  }
}
