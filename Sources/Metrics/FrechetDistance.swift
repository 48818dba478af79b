import Torch

/// A Gaussian fitted to features: their mean and covariance, in double precision.
public struct GaussianFit: Sendable {
  /// The mean `[D]`.
  public let mean: Tensor
  /// A root of the covariance, `[D, D]`: the covariance is its transpose times itself.
  fileprivate let root: Tensor

  /// Fits mean and covariance, the latter divided by N - 1.
  ///
  /// - Parameter features: `[N, D]` of at least two samples; N may be smaller than D.
  /// - Throws: `TorchError` where a feature is not finite.
  public init(_ features: Tensor) throws {
    precondition(features.rank == 2 && features.shape[0] > 1, "a covariance needs two samples")
    let features = try features.converted(to: .float64)
    let mean = try features.mean(along: 0)
    let centred = try features - mean
    let covariance = try centred.transposed().matmul(centred) * (1 / Double(features.shape[0] - 1))
    try self.init(mean: mean, covariance: covariance)
  }

  /// Takes a mean `[D]` and a covariance `[D, D]`, symmetric and without negative eigenvalues but for rounding.
  ///
  /// - Throws: `TorchError` where a number is not finite.
  public init(mean: Tensor, covariance: Tensor) throws {
    self.mean = try mean.converted(to: .float64)
    let (values, vectors) = try covariance.converted(to: .float64).symmetricEigen()
    let scale = try values.clamped(from: 0).squareRoot().expandingDimension(at: -1)
    root = try scale * vectors.transposed()
  }

  /// The squared Fréchet distance (Dowson and Landau, 1982), also the squared 2-Wasserstein distance:
  /// `|m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁ C₂)^½)`. FID is this on an Inception network's features (Heusel et al., 2017).
  ///
  /// The trace of the root is the sum of the singular values of the product of the covariances' roots. No matrix is
  /// squared, so singular covariances (fewer samples than features) need no shrinkage: nothing is added to them.
  public func squaredFrechetDistance(to other: GaussianFit) throws -> Double {
    let shift = try (mean - other.mean).squared().sum().item()
    let traces = try root.squared().sum().item() + other.root.squared().sum().item()
    let common = try root.matmul(other.root.transposed()).singularValues().sum().item()
    // Rounding takes equal Gaussians a little below 0.
    return max(0, shift + traces - 2 * common)
  }
}

/// The Fréchet distance of sets of features to a reference set.
///
/// It grows as sets get smaller, by about the same for all: compare sets of one size only.
public struct FrechetDistance: Sendable {
  /// The Gaussian of the reference set.
  public let reference: GaussianFit

  /// Fits the reference set, `[N, D]`.
  public init(reference: Tensor) throws { self.reference = try GaussianFit(reference) }

  /// The squared distance of features `[N, D]`, the error by jackknife, for the reference set as given.
  ///
  /// A bootstrap would not do: repeated samples shrink the covariance's rank, and with it the statistic is another one
  /// unless N is far above D.
  ///
  /// - Parameters:
  ///   - features: of at least two samples; without an error for fewer than four.
  ///   - strata: how they were drawn; all alike by default.
  ///   - generator: deals the samples to the jackknife's groups.
  public func measure(
    _ features: Tensor, strata: Strata? = nil, using generator: inout some RandomNumberGenerator
  ) throws -> Score {
    let features = try features.converted(to: .float64)
    let value = try GaussianFit(features).squaredFrechetDistance(to: reference)
    guard let jackknife = Jackknife(strata ?? Strata(count: features.shape[0]), using: &generator) else {
      return Score(value)
    }
    let thinned = try ThinnedDistance(features, reference: reference)
    let values = try jackknife.leftOut.map { try thinned.distance(without: $0) }
    return Score(value, standardError: jackknife.standardError(whole: value, without: values))
  }
}

/// Squared Fréchet distances of a set to a reference without some of its samples, from sums of which their part is taken off.
private struct ThinnedDistance {
  private let reference: GaussianFit
  private let features: Tensor
  /// The features in the reference's shape: their covariance there has the squares of the singular values that count.
  private let shaped: Tensor
  private let total: Sums

  private struct Sums {
    var sum: Tensor
    var squares: Double
    var shapedSum: Tensor
    var products: Tensor
  }

  init(_ features: Tensor, reference: GaussianFit) throws {
    self.reference = reference
    // About the mean, so that little is lost where sums are taken off each other.
    self.features = try features - reference.mean
    shaped = try self.features.matmul(reference.root.transposed())
    total = try Self.sums(self.features, shaped)
  }

  private static func sums(_ features: Tensor, _ shaped: Tensor) throws -> Sums {
    Sums(
      sum: try features.sum(along: 0), squares: try features.squared().sum().item(),
      shapedSum: try shaped.sum(along: 0), products: try shaped.transposed().matmul(shaped))
  }

  func distance(without positions: [Int]) throws -> Double {
    let indices = try Tensor(positions)
    let part = try Self.sums(features.gathered(at: indices), shaped.gathered(at: indices))
    let count = Double(features.shape[0] - positions.count)
    let mean = try (total.sum - part.sum) / count
    let squaredMean = try mean.squared().sum().item()
    let trace = (total.squares - part.squares - count * squaredMean) / (count - 1)
    let shapedMean = try ((total.shapedSum - part.shapedSum) / count).expandingDimension(at: 1)
    let scatter = try total.products - part.products - shapedMean.matmul(shapedMean.transposed()) * count
    let common = try (scatter / (count - 1)).symmetricEigenvalues().clamped(from: 0).squareRoot().sum()
      .item()
    return try squaredMean + trace + reference.root.squared().sum().item() - 2 * common
  }
}
