import Torch

private let lerpInPlace = Operator("aten::_foreach_lerp_", "Scalar")

/// A second network that follows the first: its parameters are a moving average, its buffers are copies.
///
/// The generator that people use is the averaged one (Yazıcı et al., 2019): a player's own parameters circle around
/// the balance. Buffers are copied since an average of unit vectors, such as spectral norm's, is no unit vector. The
/// averaged network's own state is all there is to save.
public struct ExponentialMovingAverage {
  private let parameters: [(source: Parameter, average: Parameter)]
  private let buffers: [(source: Buffer, average: Buffer)]

  /// Pairs two networks of the same architecture on one device, and leaves both as they are.
  ///
  /// - Throws: `TorchError` when names or shapes differ.
  public init(of source: any Module, in average: any Module) throws {
    let names = (source.namedParameters.map(\.name), average.namedParameters.map(\.name))
    let bufferNames = (source.namedBuffers.map(\.name), average.namedBuffers.map(\.name))
    guard names.0 == names.1, bufferNames.0 == bufferNames.1 else {
      throw TorchError("moving average: the two networks have members of different names")
    }
    parameters = zip(source.parameters, average.parameters).map { ($0, $1) }
    buffers = zip(source.namedBuffers, average.namedBuffers).map { ($0.buffer, $1.buffer) }
    for (index, pair) in parameters.enumerated() where pair.source.value.shape != pair.average.value.shape {
      throw TorchError(
        "moving average: \(names.0[index]) is \(pair.source.value.shape) and \(pair.average.value.shape)")
    }
  }

  /// Makes the second network a copy of the first.
  public func start() throws { try update(decay: 0) }

  /// Moves each averaged parameter to `decay` times itself plus `1 - decay` times its source, and copies the buffers.
  public func update(decay: Double) throws {
    try withoutGradients {
      if !parameters.isEmpty {
        _ = try lerpInPlace.call(
          [
            .tensors(parameters.map(\.average.value)), .tensors(parameters.map(\.source.value)),
            .double(1 - decay),
          ], capacity: 0)
      }
      for (source, average) in buffers { average.value = try source.value.cloned() }
    }
  }
}
