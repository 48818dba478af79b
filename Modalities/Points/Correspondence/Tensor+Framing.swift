import PointDatasets
import Torch

private let exponentOperator = Operator("aten::log2")
private let powerOperator = Operator("aten::exp2")

extension Tensor {
  /// Of clouds `[B, N, 3]` each one's largest coordinate without its sign, `[B, 1, 1]`, rounded to about a power of two, and 1
  /// where all are 0. Measured in these units the coordinates' squares are within single precision; it has no gradient, and
  /// what is divided by it, squared, rooted and multiplied again has the gradient that it would have without.
  var units: Tensor {
    get throws {
      let largest = try detached().absolute().max(along: 1, 2, keepingDimensions: true)
      let exponents = try exponentOperator(
        .tensor(largest.filled(where: largest.equals(0), with: 1)))
      return try powerOperator(.tensor(exponents.floor()))
    }
  }

  /// Clouds `[B, N, 3]`, each brought by itself into the box or sphere that its rule prescribes; as they are under the rules
  /// that treat all clouds alike. Differentiable, and without a look at any number, unlike `PointFrame`.
  func framed(_ rule: PointNormalisation) throws -> Tensor {
    let centre: Tensor
    let size: Tensor
    switch rule {
    case .box:
      let (low, high) = (
        try min(along: 1, keepingDimensions: true), try max(along: 1, keepingDimensions: true)
      )
      centre = try (low + high) / 2
      size = try (high - low).max(along: 2, keepingDimensions: true) / 2
    case .sphere:
      centre = try mean(along: 1, keepingDimensions: true)
      let offsets = try self - centre
      let unit = try offsets.units
      size =
        try (offsets / unit).squared().sum(along: 2, keepingDimensions: true)
        .max(along: 1, keepingDimensions: true).squareRoot() * unit
    case .global, .none: return self
    }
    // A cloud whose points are all at one place is moved and not scaled.
    return try (self - centre) / size.filled(where: size.equals(0), with: 1)
  }
}
