private let normsOperator = Operator("aten::_foreach_norm", "Scalar")
private let scaleInPlace = Operator("aten::_foreach_mul_", "Scalar")
private let raiseInPlace = Operator("aten::_foreach_clamp_min_", "Scalar")
private let lowerInPlace = Operator("aten::_foreach_clamp_max_", "Scalar")

/// Limits on gathered gradients. Parameters without a gradient do not count.
public enum GradientClipping {
  /// The Euclidean norm of all gradients taken together, 0 where there are none. Infinite or NaN when a gradient is:
  /// the caller decides what follows.
  public static func norm(of parameters: [Parameter]) throws -> Double {
    let gradients = parameters.compactMap(\.grad)
    guard let device = gradients.first?.device else { return 0 }
    // Each tensor's norm stays on its device; one number is brought over at the end.
    let norms = try normsOperator.call([.tensors(gradients)], capacity: gradients.count)
    let gathered = try norms.map { try $0.converted(to: .float64).moved(to: device) }
    return try Tensor.stacked(gathered).norm().item()
  }

  /// Shrinks all gradients by one factor so that their common norm is at most `limit`, and answers the norm before.
  ///
  /// A norm that is infinite or NaN is answered as it is and the gradients are left alone, so that what went wrong can
  /// be reported.
  public static func clip(_ parameters: [Parameter], toNorm limit: Double) throws -> Double {
    let norm = try norm(of: parameters)
    guard norm.isFinite, norm > limit else { return norm }
    _ = try scaleInPlace.call([.tensors(parameters.compactMap(\.grad)), .double(limit / norm)], capacity: 0)
    return norm
  }

  /// Brings each element of each gradient into `-limit ... limit`. NaN stays NaN.
  public static func clip(_ parameters: [Parameter], toValue limit: Double) throws {
    let gradients = parameters.compactMap(\.grad)
    guard !gradients.isEmpty else { return }
    _ = try raiseInPlace.call([.tensors(gradients), .double(-limit)], capacity: 0)
    _ = try lowerInPlace.call([.tensors(gradients), .double(limit)], capacity: 0)
  }
}
