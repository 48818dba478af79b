import Torch

extension Tensor {
  /// The largest distance between two elements, in double precision; infinite where the shapes differ.
  public func distance(to other: Tensor) throws -> Double {
    guard shape == other.shape else { return .infinity }
    return try (converted(to: .float64) - other.converted(to: .float64)).absolute().max().item()
  }
}
