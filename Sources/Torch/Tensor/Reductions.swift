private let sumAll = Operator("aten::sum")
private let sumDims = Operator("aten::sum", "dim_IntList")
private let meanAll = Operator("aten::mean")
private let meanDims = Operator("aten::mean", "dim")
private let varOperator = Operator("aten::var", "correction")
private let maxAll = Operator("aten::max")
private let minAll = Operator("aten::min")
private let amaxOperator = Operator("aten::amax")
private let aminOperator = Operator("aten::amin")
private let argmaxOperator = Operator("aten::argmax")
private let allOperator = Operator("aten::all")
private let anyOperator = Operator("aten::any")
private let logsumexpOperator = Operator("aten::logsumexp")
private let cumsumOperator = Operator("aten::cumsum")
private let normOperator = Operator("aten::linalg_vector_norm")
private let equalOperator = Operator("aten::equal")
private let highestOperator = Operator("duel::highest_points")
private let uniqueOperator = Operator("aten::_unique2")

/// Sums, means and extremes. Dimensions may be counted from the end, -1 being the last.
extension Tensor {
  /// The sum of all elements.
  public func sum() throws -> Tensor { try sumAll(.tensor(self)) }
  /// Sums along dimensions.
  public func sum(along dimensions: Int..., keepingDimensions keep: Bool = false) throws -> Tensor {
    try sumDims(.tensor(self), .ints(dimensions), .bool(keep))
  }
  /// The mean of all elements.
  public func mean() throws -> Tensor { try meanAll(.tensor(self)) }
  /// Means along dimensions.
  public func mean(along dimensions: Int..., keepingDimensions keep: Bool = false) throws -> Tensor {
    try meanDims(.tensor(self), .ints(dimensions), .bool(keep))
  }
  /// Variances along dimensions, divided by the count less `correction`.
  public func variance(along dimensions: Int..., correction: Int = 1, keepingDimensions keep: Bool = false)
    throws
    -> Tensor
  {
    try varOperator(.tensor(self), .ints(dimensions), .int(correction), .bool(keep))
  }
  /// The largest of all elements.
  public func max() throws -> Tensor { try maxAll(.tensor(self)) }
  /// The smallest of all elements.
  public func min() throws -> Tensor { try minAll(.tensor(self)) }
  /// The largest elements along dimensions; the gradient is shared among ties.
  public func max(along dimensions: Int..., keepingDimensions keep: Bool = false) throws -> Tensor {
    try amaxOperator(.tensor(self), .ints(dimensions), .bool(keep))
  }
  /// The smallest elements along dimensions; the gradient is shared among ties.
  public func min(along dimensions: Int..., keepingDimensions keep: Bool = false) throws -> Tensor {
    try aminOperator(.tensor(self), .ints(dimensions), .bool(keep))
  }
  /// Positions of the largest elements along a dimension, as 64-bit integers.
  public func argmax(along dimension: Int, keepingDimension keep: Bool = false) throws -> Tensor {
    try argmaxOperator(.tensor(self), .int(dimension), .bool(keep))
  }
  /// Whether all elements hold.
  public func all() throws -> Tensor { try allOperator(.tensor(self)) }
  /// Whether any element holds.
  public func any() throws -> Tensor { try anyOperator(.tensor(self)) }
  /// The logarithm of the sum of exponentials along dimensions.
  public func logSumExp(along dimensions: Int..., keepingDimensions keep: Bool = false) throws -> Tensor {
    try logsumexpOperator(.tensor(self), .ints(dimensions), .bool(keep))
  }
  /// Running sums along a dimension.
  public func cumulativeSum(along dimension: Int) throws -> Tensor {
    try cumsumOperator(.tensor(self), .int(dimension))
  }
  /// The Euclidean norm of all elements.
  public func norm() throws -> Tensor { try normOperator(.tensor(self)) }

  /// Whether two tensors have equal shapes and equal elements, bit for bit but for NaN and signed zeros.
  public func isEqual(to other: Tensor) throws -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return try equalOperator(.tensor(self), .tensor(other)).item() != 0
  }
}

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

  /// The different elements in order, `[M]`, and for each element its index among them.
  public func unique() throws -> (values: Tensor, indices: Tensor) {
    let results = try uniqueOperator.call([.tensor(self), .bool(true), .bool(true)], capacity: 3)
    return (results[0], results[1])
  }
}
