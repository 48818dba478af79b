private let reshapeOperator = Operator("aten::reshape")
private let permuteOperator = Operator("aten::permute")
private let transposeOperator = Operator("aten::transpose", "int")
private let unsqueezeOperator = Operator("aten::unsqueeze")
private let squeezeOperator = Operator("aten::squeeze", "dim")
private let expandOperator = Operator("aten::expand")
private let catOperator = Operator("aten::cat")
private let stackOperator = Operator("aten::stack")
private let splitOperator = Operator("aten::split", "Tensor")
private let unbindOperator = Operator("aten::unbind", "int")
private let padOperator = Operator("aten::pad")
private let narrowOperator = Operator("aten::narrow")
private let selectOperator = Operator("aten::select", "int")
private let sliceOperator = Operator("aten::slice", "Tensor")
private let flipOperator = Operator("aten::flip")
private let indexSelectOperator = Operator("aten::index_select")
private let gatherOperator = Operator("aten::gather")
private let scatterOperator = Operator("aten::scatter", "value")
private let oneHotOperator = Operator("aten::one_hot")
private let topkOperator = Operator("aten::topk")
private let sortOperator = Operator("aten::sort")
private let maskedFillOperator = Operator("aten::masked_fill", "Scalar")

/// Changes of shape. Dimensions may be counted from the end, -1 being the last.
extension Tensor {
  /// The elements under another shape; one extent may be -1, to be worked out.
  public func reshaped(_ shape: [Int]) throws -> Tensor { try reshapeOperator(.tensor(self), .ints(shape)) }
  /// Dimensions in another order.
  public func permuted(_ order: Int...) throws -> Tensor { try permuteOperator(.tensor(self), .ints(order)) }
  /// Two dimensions exchanged.
  public func transposed(_ first: Int = -2, _ second: Int = -1) throws -> Tensor {
    try transposeOperator(.tensor(self), .int(first), .int(second))
  }
  /// A dimension of extent 1 put in.
  public func expandingDimension(at dimension: Int) throws -> Tensor {
    try unsqueezeOperator(.tensor(self), .int(dimension))
  }
  /// A dimension of extent 1 taken out.
  public func squeezingDimension(at dimension: Int) throws -> Tensor {
    try squeezeOperator(.tensor(self), .int(dimension))
  }
  /// Extents of 1 stretched to a shape without copying.
  public func expanded(to shape: [Int]) throws -> Tensor { try expandOperator(.tensor(self), .ints(shape)) }

  /// How the space that padding adds is filled.
  public enum Padding: String, Sendable {
    /// With one number.
    case constant
    /// With the elements mirrored at the edge, the edge itself not repeated.
    case reflect
    /// With the edge's element.
    case replicate
    /// With the elements from the other end.
    case circular
  }

  /// Space added at both ends of the last dimensions: `(before, after)` of the last, then of the one before it.
  public func padded(_ amounts: Int..., mode: Padding = .constant, value: Double = 0) throws -> Tensor {
    try padOperator(
      .tensor(self), .ints(amounts), .string(mode.rawValue), mode == .constant ? .double(value) : .none)
  }

  /// Tensors joined along a dimension that exists.
  public static func concatenated(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    try catOperator(.tensors(tensors), .int(dimension))
  }
  /// Tensors of one shape joined along a new dimension.
  public static func stacked(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    try stackOperator(.tensors(tensors), .int(dimension))
  }
  /// Parts of `size` along a dimension, the last one perhaps smaller.
  public func split(size: Int, along dimension: Int = 0) throws -> [Tensor] {
    let extent = shape[dimension < 0 ? dimension + rank : dimension]
    return try splitOperator.call(
      [.tensor(self), .int(size), .int(dimension)], capacity: Swift.max(extent, 1))
  }
  /// The entries along a dimension, which disappears.
  public func unbound(along dimension: Int = 0) throws -> [Tensor] {
    let extent = shape[dimension < 0 ? dimension + rank : dimension]
    return try unbindOperator.call([.tensor(self), .int(dimension)], capacity: Swift.max(extent, 1))
  }
  /// `count` entries from `start` along a dimension, without copying.
  public func narrowed(along dimension: Int, start: Int, count: Int) throws -> Tensor {
    try narrowOperator(.tensor(self), .int(dimension), .int(start), .int(count))
  }
  /// One entry along a dimension, which disappears; without copying.
  public func selected(_ index: Int, along dimension: Int = 0) throws -> Tensor {
    try selectOperator(.tensor(self), .int(dimension), .int(index))
  }
  /// The entries along a dimension in opposite order.
  public func flipped(along dimension: Int) throws -> Tensor {
    try flipOperator(.tensor(self), .ints([dimension]))
  }
  /// Every `step`-th entry along a dimension from `start`, without copying.
  public func strided(by step: Int, from start: Int = 0, along dimension: Int) throws -> Tensor {
    try sliceOperator(.tensor(self), .int(dimension), .int(start), .none, .int(step))
  }
}

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
