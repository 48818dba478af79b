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
private let erfOperator = Operator("aten::erf")
private let erfinvOperator = Operator("aten::erfinv")
private let eqTensor = Operator("aten::eq", "Tensor")
private let eqScalar = Operator("aten::eq", "Scalar")
private let gtTensor = Operator("aten::gt", "Tensor")
private let gtScalar = Operator("aten::gt", "Scalar")
private let ltTensor = Operator("aten::lt", "Tensor")
private let ltScalar = Operator("aten::lt", "Scalar")
private let notOperator = Operator("aten::logical_not")
private let andOperator = Operator("aten::logical_and")

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
  /// The error function of every element: `2 / sqrt(pi)` times the integral of `exp(-t²)` from 0 to it.
  public func errorFunction() throws -> Tensor { try erfOperator(.tensor(self)) }
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

private let matmulOperator = Operator("aten::matmul")
private let linearOperator = Operator("aten::linear")
private let svdValuesOperator = Operator("aten::linalg_svdvals")
private let eighOperator = Operator("aten::linalg_eigh")
private let eigvalshOperator = Operator("aten::linalg_eigvalsh")
private let choleskyOperator = Operator("aten::linalg_cholesky")
private let solveOperator = Operator("aten::linalg_solve")
private let solveTriangularOperator = Operator("aten::linalg_solve_triangular")
private let unfoldOperator = Operator("aten::unfold")
private let rfftOperator = Operator("aten::fft_rfft")
private let irfftOperator = Operator("aten::fft_irfft")
private let realPairsOperator = Operator("aten::view_as_real")
private let complexOperator = Operator("aten::view_as_complex")

/// Products and decompositions of matrices, in batches where there are more than two dimensions.
extension Tensor {
  /// The matrix product `[..., M, K] x [..., K, N] -> [..., M, N]`.
  public func matmul(_ other: Tensor) throws -> Tensor { try matmulOperator(.tensor(self), .tensor(other)) }
  /// `self weightᵀ + bias` for `self [..., I]`, `weight [O, I]`, `bias [O]`.
  public func linear(weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
    try linearOperator(.tensor(self), .tensor(weight), .optional(bias))
  }
  /// Singular values `[..., min(M, N)]`, largest first.
  public func singularValues() throws -> Tensor { try svdValuesOperator(.tensor(self)) }
  /// Eigenvalues `[..., N]`, smallest first, and eigenvectors `[..., N, N]` in columns, of a symmetric matrix, of which only
  /// the lower triangle is read.
  ///
  /// - Throws: `TorchError` also where an element is not finite.
  public func symmetricEigen() throws -> (values: Tensor, vectors: Tensor) {
    let results = try eighOperator.call([.tensor(self), .string("L")], capacity: 2)
    return (results[0], results[1])
  }
  /// Eigenvalues `[..., N]`, smallest first, of a symmetric matrix, of which only the lower triangle is read.
  ///
  /// - Throws: `TorchError` also where an element is not finite.
  public func symmetricEigenvalues() throws -> Tensor { try eigvalshOperator(.tensor(self), .string("L")) }
  /// The lower triangular matrix L with `L Lᵀ = self`.
  ///
  /// - Throws: `TorchError` where the matrix is not positive definite.
  public func cholesky() throws -> Tensor { try choleskyOperator(.tensor(self)) }
  /// The X with `self X = right`: `[..., N, N]`, `right [..., N, M]`.
  ///
  /// - Throws: `TorchError` where the matrix is singular.
  public func solving(_ right: Tensor) throws -> Tensor {
    try solveOperator(.tensor(self), .tensor(right), .bool(true))
  }
  /// The X with `self X = right`, where this matrix is lower triangular: `[..., N, N]`, `right [..., N, M]`.
  public func solvingLowerTriangular(_ right: Tensor) throws -> Tensor {
    try solveTriangularOperator(.tensor(self), .tensor(right), .bool(false))
  }
}

/// Frames and their Fourier transforms.
extension Tensor {
  /// Windows of `size` elements, `step` apart, along the last dimension `[..., T] -> [..., F, size]` with
  /// `F = (T - size) / step + 1`; what does not fill a window is left out. Without copying.
  public func framed(size: Int, step: Int) throws -> Tensor {
    try unfoldOperator(.tensor(self), .int(-1), .int(size), .int(step))
  }

  /// Magnitudes of the discrete Fourier transform along the last dimension, `[..., N] -> [..., N / 2 + 1]`, from
  /// frequency 0 up to half the sample rate; not divided by N.
  public func fourierMagnitudes() throws -> Tensor { try rfftOperator(.tensor(self)).absolute() }

  /// The discrete Fourier transform along the last dimension, `[..., N] -> [..., N / 2 + 1, 2]`: real and imaginary parts
  /// from frequency 0 up to half the sample rate; not divided by N.
  public func fourierTransform() throws -> Tensor {
    try realPairsOperator(.tensor(rfftOperator(.tensor(self))))
  }

  /// The inverse of `fourierTransform`, `[..., N / 2 + 1, 2] -> [..., N]`, divided by N.
  ///
  /// - Parameter size: N, which is even.
  public func inverseFourierTransform(size: Int) throws -> Tensor {
    try irfftOperator(.tensor(complexOperator(.tensor(contiguous()))), .int(size))
  }
}
