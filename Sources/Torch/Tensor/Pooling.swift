private let highestOperator = Operator("duel::highest_points")
private let uniqueOperator = Operator("aten::_unique2")

/// Pooling over the points of a cloud.
extension Tensor {
  /// For each channel of `[B, N, C]` the point with the largest element, as 64-bit integers `[B, C]`; the first among
  /// equals. Not differentiable.
  public func highestPoints() throws -> Tensor { try highestOperator(.tensor(self)) }

  /// The largest elements over the points of `[B, N, C]`, `[B, C]`, whose gradient goes to one point each.
  ///
  /// The backward pass writes zeros and one number a channel, where `max(along:)` compares every element twice.
  public func maximumOverPoints() throws -> Tensor {
    let points = try withoutGradients { try detached().highestPoints().expandingDimension(at: 1) }
    return try gatheredElements(at: points, along: 1).squeezingDimension(at: 1)
  }

  /// The different elements in order, `[M]`, and for each element its place among them.
  public func unique() throws -> (values: Tensor, places: Tensor) {
    let results = try uniqueOperator.call([.tensor(self), .bool(true), .bool(true)], capacity: 3)
    return (results[0], results[1])
  }
}
