private let matmulOperator = Operator("aten::matmul")
private let linearOperator = Operator("aten::linear")
private let svdValuesOperator = Operator("aten::linalg_svdvals")

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
}
