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
}
