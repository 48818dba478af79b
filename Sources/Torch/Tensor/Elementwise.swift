private let expOperator = Operator("aten::exp")
private let logOperator = Operator("aten::log")
private let sqrtOperator = Operator("aten::sqrt")
private let rsqrtOperator = Operator("aten::rsqrt")
private let sineOperator = Operator("aten::sin")
private let cosineOperator = Operator("aten::cos")
private let arcCosineOperator = Operator("aten::acos")
private let absOperator = Operator("aten::abs")
private let signOperator = Operator("aten::sign")
private let floorOperator = Operator("aten::floor")
private let roundOperator = Operator("aten::round")
private let isFiniteOperator = Operator("aten::isfinite")
private let erfinvOperator = Operator("aten::erfinv")
private let eqTensor = Operator("aten::eq", "Tensor")
private let eqScalar = Operator("aten::eq", "Scalar")
private let gtTensor = Operator("aten::gt", "Tensor")
private let gtScalar = Operator("aten::gt", "Scalar")
private let ltTensor = Operator("aten::lt", "Tensor")
private let ltScalar = Operator("aten::lt", "Scalar")
private let notOperator = Operator("aten::logical_not")
private let andOperator = Operator("aten::logical_and")

/// Functions of each element. Activations of networks stand in `Activations.swift`.
extension Tensor {
  /// The exponential.
  public func exp() throws -> Tensor { try expOperator(.tensor(self)) }
  /// The natural logarithm.
  public func log() throws -> Tensor { try logOperator(.tensor(self)) }
  /// The square root. Its gradient at 0 is infinite: add a small number inside where 0 can occur.
  public func squareRoot() throws -> Tensor { try sqrtOperator(.tensor(self)) }
  /// One over the square root.
  public func reciprocalSquareRoot() throws -> Tensor { try rsqrtOperator(.tensor(self)) }
  /// The sine of angles in radians.
  public func sine() throws -> Tensor { try sineOperator(.tensor(self)) }
  /// The cosine of angles in radians.
  public func cosine() throws -> Tensor { try cosineOperator(.tensor(self)) }
  /// The angle in `[0, pi]` with this cosine.
  public func arcCosine() throws -> Tensor { try arcCosineOperator(.tensor(self)) }
  /// The absolute value.
  public func absolute() throws -> Tensor { try absOperator(.tensor(self)) }
  /// -1, 0 or 1.
  public func sign() throws -> Tensor { try signOperator(.tensor(self)) }
  /// The largest whole number not above.
  public func floor() throws -> Tensor { try floorOperator(.tensor(self)) }
  /// The nearest whole number, ties to even.
  public func rounded() throws -> Tensor { try roundOperator(.tensor(self)) }
  /// The inverse of the error function, for elements in (-1, 1).
  public func inverseErrorFunction() throws -> Tensor { try erfinvOperator(.tensor(self)) }

  /// Whether each element is neither infinite nor NaN.
  public func isFinite() throws -> Tensor { try isFiniteOperator(.tensor(self)) }
  /// Whether each pair of elements is equal.
  public func equals(_ other: Tensor) throws -> Tensor { try eqTensor(.tensor(self), .tensor(other)) }
  /// Whether each element equals a number.
  public func equals(_ other: Double) throws -> Tensor { try eqScalar(.tensor(self), .double(other)) }
  /// Whether each element is greater than its partner.
  public func greater(than other: Tensor) throws -> Tensor { try gtTensor(.tensor(self), .tensor(other)) }
  /// Whether each element is greater than a number.
  public func greater(than other: Double) throws -> Tensor { try gtScalar(.tensor(self), .double(other)) }
  /// Whether each element is less than its partner.
  public func less(than other: Tensor) throws -> Tensor { try ltTensor(.tensor(self), .tensor(other)) }
  /// Whether each element is less than a number.
  public func less(than other: Double) throws -> Tensor { try ltScalar(.tensor(self), .double(other)) }
  /// The opposite truth values.
  public func negated() throws -> Tensor { try notOperator(.tensor(self)) }
  /// Whether both of each pair hold.
  public func and(_ other: Tensor) throws -> Tensor { try andOperator(.tensor(self), .tensor(other)) }
}
