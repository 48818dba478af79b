private let addTensor = Operator("aten::add", "Tensor")
private let addScalar = Operator("aten::add", "Scalar")
private let subTensor = Operator("aten::sub", "Tensor")
private let subScalar = Operator("aten::sub", "Scalar")
private let rsubScalar = Operator("aten::rsub", "Scalar")
private let mulTensor = Operator("aten::mul", "Tensor")
private let mulScalar = Operator("aten::mul", "Scalar")
private let divTensor = Operator("aten::div", "Tensor")
private let divScalar = Operator("aten::div", "Scalar")
private let reciprocalOperator = Operator("aten::reciprocal")
private let negOperator = Operator("aten::neg")
private let powScalar = Operator("aten::pow", "Tensor_Scalar")
private let maximumOperator = Operator("aten::maximum")
private let minimumOperator = Operator("aten::minimum")
private let clampOperator = Operator("aten::clamp")
private let whereOperator = Operator("aten::where", "self")
private let lerpOperator = Operator("aten::lerp", "Tensor")

/// Arithmetic element by element. Shapes broadcast as in NumPy: dimensions are aligned from the last, and an
/// extent of 1 stretches.
extension Tensor {
  /// The sum.
  public static func + (left: Tensor, right: Tensor) throws -> Tensor {
    try addTensor(.tensor(left), .tensor(right))
  }
  /// The sum with a number.
  public static func + (left: Tensor, right: Double) throws -> Tensor {
    try addScalar(.tensor(left), .double(right))
  }
  /// The sum with a number.
  public static func + (left: Double, right: Tensor) throws -> Tensor { try right + left }

  /// The difference.
  public static func - (left: Tensor, right: Tensor) throws -> Tensor {
    try subTensor(.tensor(left), .tensor(right))
  }
  /// The difference to a number.
  public static func - (left: Tensor, right: Double) throws -> Tensor {
    try subScalar(.tensor(left), .double(right))
  }
  /// The difference of a number and a tensor.
  public static func - (left: Double, right: Tensor) throws -> Tensor {
    try rsubScalar(.tensor(right), .double(left))
  }

  /// The product, element by element.
  public static func * (left: Tensor, right: Tensor) throws -> Tensor {
    try mulTensor(.tensor(left), .tensor(right))
  }
  /// The product with a number.
  public static func * (left: Tensor, right: Double) throws -> Tensor {
    try mulScalar(.tensor(left), .double(right))
  }
  /// The product with a number.
  public static func * (left: Double, right: Tensor) throws -> Tensor { try right * left }

  /// The quotient, element by element.
  public static func / (left: Tensor, right: Tensor) throws -> Tensor {
    try divTensor(.tensor(left), .tensor(right))
  }
  /// The quotient by a number.
  public static func / (left: Tensor, right: Double) throws -> Tensor {
    try divScalar(.tensor(left), .double(right))
  }
  /// The quotient of a number by a tensor.
  public static func / (left: Double, right: Tensor) throws -> Tensor {
    try reciprocalOperator(.tensor(right)) * left
  }

  /// The negative.
  public static prefix func - (tensor: Tensor) throws -> Tensor { try negOperator(.tensor(tensor)) }

  /// Each element raised to a power.
  public func power(_ exponent: Double) throws -> Tensor { try powScalar(.tensor(self), .double(exponent)) }

  /// Each element times itself.
  public func squared() throws -> Tensor { try self * self }

  /// The larger of each pair of elements.
  public func maximum(_ other: Tensor) throws -> Tensor { try maximumOperator(.tensor(self), .tensor(other)) }

  /// The smaller of each pair of elements.
  public func minimum(_ other: Tensor) throws -> Tensor { try minimumOperator(.tensor(self), .tensor(other)) }

  /// Each element brought into a range; a bound left out does not bind.
  public func clamped(from low: Double? = nil, to high: Double? = nil) throws -> Tensor {
    try clampOperator(
      .tensor(self), low.map(Operator.Argument.double) ?? .none, high.map(Operator.Argument.double) ?? .none)
  }

  /// Elements of `yes` where this tensor of truth values holds, of `no` elsewhere.
  public func select(_ yes: Tensor, else no: Tensor) throws -> Tensor {
    try whereOperator(.tensor(self), .tensor(yes), .tensor(no))
  }

  /// `self + weight (other - self)`.
  public func interpolated(to other: Tensor, weight: Tensor) throws -> Tensor {
    try lerpOperator(.tensor(self), .tensor(other), .tensor(weight))
  }
}
