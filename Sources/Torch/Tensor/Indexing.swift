private let indexSelectOperator = Operator("aten::index_select")
private let gatherOperator = Operator("aten::gather")
private let scatterOperator = Operator("aten::scatter", "value")
private let oneHotOperator = Operator("aten::one_hot")
private let topkOperator = Operator("aten::topk")
private let sortOperator = Operator("aten::sort")
private let maskedFillOperator = Operator("aten::masked_fill", "Scalar")

/// Elements picked by position. Positions are 64-bit integers.
extension Tensor {
  /// Entries at positions `[N]` along a dimension, in that order.
  public func gathered(at indices: Tensor, along dimension: Int = 0) throws -> Tensor {
    try indexSelectOperator(.tensor(self), .int(dimension), .tensor(indices))
  }
  /// For each position in `indices`, the element at that place along the dimension; the shape is that of `indices`.
  public func gatheredElements(at indices: Tensor, along dimension: Int) throws -> Tensor {
    try gatherOperator(.tensor(self), .int(dimension), .tensor(indices))
  }
  /// A copy with one number put at the positions along a dimension.
  public func scattering(_ value: Double, at indices: Tensor, along dimension: Int) throws -> Tensor {
    try scatterOperator(.tensor(self), .int(dimension), .tensor(indices), .double(value))
  }
  /// Classes `[...]` as vectors `[..., count]` of type `int64` with a single 1.
  public func oneHot(count: Int) throws -> Tensor { try oneHotOperator(.tensor(self), .int(count)) }
  /// The `count` largest elements along the last dimension, largest first, and their positions.
  public func top(_ count: Int) throws -> (values: Tensor, indices: Tensor) {
    let results = try topkOperator.call([.tensor(self), .int(count)], capacity: 2)
    return (results[0], results[1])
  }
  /// The `count` smallest elements along the last dimension, smallest first, and their positions.
  public func bottom(_ count: Int) throws -> (values: Tensor, indices: Tensor) {
    let results = try topkOperator.call(
      [.tensor(self), .int(count), .int(-1), .bool(false), .bool(true)], capacity: 2)
    return (results[0], results[1])
  }
  /// The elements along a dimension in order, and their positions before.
  public func sorted(along dimension: Int = -1, descending: Bool = false) throws -> (
    values: Tensor, indices: Tensor
  ) {
    let results = try sortOperator.call([.tensor(self), .int(dimension), .bool(descending)], capacity: 2)
    return (results[0], results[1])
  }
  /// A copy with one number where `mask` holds.
  public func filled(where mask: Tensor, with value: Double) throws -> Tensor {
    try maskedFillOperator(.tensor(self), .tensor(mask), .double(value))
  }
}
