import PointDatasets
import Torch

extension Tensor {
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
      size = try (self - centre).squared().sum(along: 2, keepingDimensions: true)
        .max(along: 1, keepingDimensions: true).squareRoot()
    case .global, .none: return self
    }
    // A cloud whose points are all at one place is moved and not scaled.
    return try (self - centre) / size.filled(where: size.equals(0), with: 1)
  }
}
