extension Tensor {
  /// Zeroes each element with a probability and divides the others by the probability of staying, so that the
  /// expectation stays (Srivastava et al., 2014).
  ///
  /// - Parameters:
  ///   - probability: of an element to be zeroed, in `[0, 1)`.
  ///   - stream: where the choice is drawn from; it is all the randomness.
  /// - Throws: `TorchError` when the probability is out of range.
  public func dropout(_ probability: Double, using stream: inout RandomStream) throws -> Tensor {
    try dropped(probability) { try stream.uniform(shape, device: device) }
  }

  /// The same during training; with no stream, in evaluation, the tensor as it is.
  public func dropout(_ probability: Double, using stream: inout RandomStream?) throws -> Tensor {
    guard var drawn = stream else { return self }
    defer { stream = drawn }
    return try dropout(probability, using: &drawn)
  }

  /// Dropout of sequences `[B, T, C]`, none where the stream is nil. What is drawn for a frame does not depend on how many
  /// follow it, so that a part of a batch may be trimmed to its own longest sequence.
  public func sequenceDropout(_ probability: Double, using stream: inout RandomStream?) throws -> Tensor {
    guard rank == 3 else { throw TorchError("dropout: sequences of shape \(shape), expected [B, T, C]") }
    guard var drawn = stream else { return self }
    defer { stream = drawn }
    return try dropped(probability) {
      try drawn.uniform([shape[1], shape[0], shape[2]], samplesAlong: 1, device: device).transposed(0, 1)
    }
  }

  private func dropped(_ probability: Double, uniform: () throws -> Tensor) throws -> Tensor {
    guard (0..<1).contains(probability) else {
      throw TorchError("dropout: probability \(probability), expected 0 <= p < 1")
    }
    if probability == 0 { return self }
    let kept = try uniform().less(than: 1 - probability).converted(to: dtype)
    return try self * (kept * (1 / (1 - probability)))
  }
}
