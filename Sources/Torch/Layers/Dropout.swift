extension Tensor {
  /// Zeroes each element with a probability and divides the others by the probability of staying, so that the
  /// expectation stays (Srivastava et al., 2014).
  ///
  /// - Parameters:
  ///   - probability: of an element to be zeroed, in `[0, 1)`.
  ///   - stream: where the choice is drawn from; it is all the randomness.
  /// - Throws: `TorchError` when the probability is out of range.
  public func dropout(_ probability: Double, using stream: inout RandomStream) throws -> Tensor {
    guard (0..<1).contains(probability) else {
      throw TorchError("dropout: probability \(probability), expected 0 <= p < 1")
    }
    if probability == 0 { return self }
    let kept = try stream.uniform(shape, device: device).less(than: 1 - probability).converted(to: dtype)
    return try self * (kept * (1 / (1 - probability)))
  }

  /// The same during training; with no stream, in evaluation, the tensor as it is.
  public func dropout(_ probability: Double, using stream: inout RandomStream?) throws -> Tensor {
    guard var drawn = stream else { return self }
    defer { stream = drawn }
    return try dropout(probability, using: &drawn)
  }
}
