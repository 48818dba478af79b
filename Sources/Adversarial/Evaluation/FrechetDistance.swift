import Torch

/// A Gaussian fitted to features: their mean and covariance, in double precision.
public struct GaussianFit: Sendable {
  /// The mean `[D]`.
  public let mean: Tensor
  /// A root of the covariance, `[D, D]`: the covariance is its transpose times itself.
  private let root: Tensor

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
  /// - Parameter features: of at least two samples.
  public func measure(_ features: Tensor) throws -> Score {
    let features = try features.converted(to: .float64)
    func distance(_ features: Tensor) throws -> Double {
      try GaussianFit(features).squaredFrechetDistance(to: reference)
    }
    let error = try Jackknife.standardError(count: features.shape[0]) {
      try distance(features.gathered(at: Tensor($0)))
    }
    return Score(try distance(features), standardError: error)
  }
}
