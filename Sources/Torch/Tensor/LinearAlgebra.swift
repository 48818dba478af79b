private let matmulOperator = Operator("aten::matmul")
private let linearOperator = Operator("aten::linear")
private let svdValuesOperator = Operator("aten::linalg_svdvals")
private let choleskyOperator = Operator("aten::linalg_cholesky")
private let eighOperator = Operator("aten::linalg_eigh")
private let cdistOperator = Operator("aten::cdist")
private let traceOperator = Operator("aten::trace")
private let solveOperator = Operator("aten::linalg_solve")

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
  /// The lower Cholesky factor of positive definite matrices.
  public func cholesky() throws -> Tensor { try choleskyOperator(.tensor(self)) }
  /// Eigenvalues `[..., N]`, smallest first, and eigenvectors in columns, of symmetric matrices.
  public func symmetricEigen() throws -> (values: Tensor, vectors: Tensor) {
    let results = try eighOperator.call([.tensor(self)], capacity: 2)
    return (results[0], results[1])
  }
  /// X in `self X = right`.
  public func solved(_ right: Tensor) throws -> Tensor { try solveOperator(.tensor(self), .tensor(right)) }
  /// Euclidean distances between the rows of `[..., M, D]` and of `[..., N, D]`: `[..., M, N]`.
  public func distances(to other: Tensor) throws -> Tensor {
    try cdistOperator(.tensor(self), .tensor(other))
  }
  /// The sum of a matrix's diagonal.
  public func trace() throws -> Tensor { try traceOperator(.tensor(self)) }
}
