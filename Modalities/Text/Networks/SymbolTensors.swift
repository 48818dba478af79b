import Torch

/// Sequences of symbol ids as tensors. Ids are 64-bit integers, 0 being the end symbol that also pads.
extension Tensor {
  /// Ids `[B, T]` as exact one-hot vectors `[B, T, V]` in single precision.
  func symbolVectors(count: Int) throws -> Tensor {
    try Tensor.zeros(shape + [count], device: device)
      .scattering(1, at: expandingDimension(at: -1), along: -1)
  }

  /// One-hot vectors `[B, T, V]`, also relaxed ones, as ids `[B, T]`.
  func symbolIDs() throws -> Tensor { try argmax(along: -1) }

  /// Ids `[B, T]` moved one place later, with a given id in the first place: what each place follows.
  func previousIDs(first: Int) throws -> Tensor {
    try narrowed(along: 1, start: 0, count: shape[1] - 1).padded(1, 0, value: Double(first))
  }

  /// Of ids `[B, T]`, whether each place lies behind the first end symbol.
  func isAfterEnd() throws -> Tensor {
    let isEnd = try equals(0).converted(to: .int64)
    return try (isEnd.cumulativeSum(along: 1) - isEnd).greater(than: 0)
  }

  /// Ids `[B, T]` without the places at which every sequence has ended before.
  func trimmedToLongest() throws -> Tensor {
    let isLive = try isAfterEnd().negated().converted(to: .int64).max(along: 0)
    return try narrowed(along: 1, start: 0, count: Int(isLive.sum().item()))
  }
}
