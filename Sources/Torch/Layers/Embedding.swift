private let embeddingOperator = Operator("aten::embedding")

/// A vector for each of a number of symbols. Name and layout are those of `torch.nn.Embedding`: `weight [V, D]`.
public final class Embedding: Module {
  private let storage: Weight
  /// Number of symbols.
  public let symbols: Int
  /// Extent of a vector.
  public let dimensions: Int

  /// The vectors.
  public var members: Members { storage.members(bias: nil) }

  /// Draws the vectors; standard normal by default, as in PyTorch.
  ///
  /// - Parameters:
  ///   - symbols: how many there are.
  ///   - dimensions: extent of a vector.
  ///   - spectralNorm: whether the matrix of vectors is divided by its largest singular value.
  ///   - initialisation: how the vectors start.
  ///   - stream: where they are drawn from.
  public init(
    symbols: Int, dimensions: Int, spectralNorm: Bool = false,
    initialisation: Initialisation = .normal(standardDeviation: 1), using stream: inout RandomStream
  ) throws {
    self.symbols = symbols
    self.dimensions = dimensions
    let drawn = try initialisation.weight([symbols, dimensions], using: &stream)
    storage = try Weight(drawn, spectralNorm: spectralNorm, using: &stream)
  }

  /// The vectors that the layer computes with, `[V, D]`.
  public func weight() throws -> Tensor { try storage.value() }

  /// The vectors of symbols: `[...]` of 64-bit integers in `0..<V` to `[..., D]`.
  ///
  /// - Throws: `TorchError` when a symbol is out of range or the elements are no integers.
  public func callAsFunction(_ ids: Tensor) throws -> Tensor {
    try embeddingOperator(.tensor(weight()), .tensor(ids))
  }

  /// Mixtures of vectors: weights over the symbols `[..., V]`, such as relaxed one-hot vectors, to `[..., D]`.
  ///
  /// - Throws: `TorchError` when the last extent is not the number of symbols.
  public func callAsFunction(soft weights: Tensor) throws -> Tensor {
    guard weights.shape.last == symbols else {
      throw TorchError("Embedding: weights of shape \(weights.shape), expected [..., \(symbols)]")
    }
    return try weights.matmul(weight())
  }
}
