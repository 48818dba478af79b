import Foundation
import RandomNumbers

/// Two independent gamma coordinates of one shape and scale.
public struct GammaDensity: PlaneDensity {
  /// The shape k of both coordinates, positive.
  public let shape: Double
  /// The scale θ of both, positive: the mean is kθ, the variance kθ².
  public let scale: Double

  /// Describes the distribution.
  public init(shape: Double = 2, scale: Double = 0.5) { (self.shape, self.scale) = (shape, scale) }

  /// From the origin to where less than a part in a thousand lies beyond.
  public var window: PlaneWindow {
    let most = scale * (shape + 5 * shape.squareRoot() + 2)
    return PlaneWindow(low: PlanePoint(repeating: -most / 8), high: PlanePoint(repeating: most))
  }
  /// A closed form.
  public var formula: String { "closed form" }

  /// Draws both coordinates.
  public func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?) {
    let x = generator.gamma(shape: shape)
    return (scale * PlanePoint(x, generator.gamma(shape: shape)), nil)
  }

  /// The sum of `(k - 1) log x - x/θ - log Γ(k) - k log θ` over both coordinates.
  public func logDensity(at point: PlanePoint) -> Double {
    guard point.min() > 0 else { return -.infinity }
    let logs = log(point.x) + log(point.y)
    return (shape - 1) * logs - point.sum() / scale - 2 * (logGamma(shape) + shape * log(scale))
  }
}

/// Two independent Poisson counts of one rate, dequantised: a uniform number from [0, 1) is added to each, so that the
/// density of a point is the probability of the pair of whole numbers below it.
public struct PoissonDensity: PlaneDensity {
  /// The rate λ of both counts, positive.
  public let rate: Double

  /// Describes the distribution.
  public init(rate: Double = 3) { self.rate = rate }

  /// From the origin to where less than a part in a thousand lies beyond.
  public var window: PlaneWindow {
    let most = (rate + 4 * rate.squareRoot() + 2).rounded(.up)
    return PlaneWindow(low: PlanePoint(repeating: -most / 12), high: PlanePoint(repeating: most))
  }
  /// A closed form.
  public var formula: String { "closed form, constant on each unit square" }

  /// Draws both counts and what is added to them.
  public func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?) {
    let x = generator.poisson(rate: rate) + generator.unit()
    return (PlanePoint(x, generator.poisson(rate: rate) + generator.unit()), nil)
  }

  /// The sum of `n log λ - λ - log n!` over both coordinates, n being the whole number below.
  public func logDensity(at point: PlanePoint) -> Double {
    guard point.min() >= 0 else { return -.infinity }
    let counts = point.rounded(.down)
    let factorials = logGamma(counts.x + 1) + logGamma(counts.y + 1)
    return counts.sum() * log(rate) - 2 * rate - factorials
  }
}

/// The normal-Wishart distribution of one dimension, which is the conjugate prior of a Gaussian's mean and precision: the
/// precision λ is Wishart, W(V, ν) = Gamma(ν/2, scale 2V), and the mean μ given λ is N(m, 1/(κλ)).
///
/// A point is (μ, log λ), so that both coordinates have the whole line as their range.
public struct NormalWishartDensity: PlaneDensity {
  /// The mean m of μ.
  public let mean: Double
  /// How many observations m counts for, κ, positive.
  public let strength: Double
  /// The scale V of the precision, positive.
  public let scale: Double
  /// The degrees of freedom ν, positive.
  public let degrees: Double

  /// Describes the distribution.
  public init(mean: Double = 0, strength: Double = 1, scale: Double = 0.25, degrees: Double = 4) {
    (self.mean, self.strength, self.scale, self.degrees) = (mean, strength, scale, degrees)
  }

  /// Where all but about a hundredth of the mass lies.
  public var window: PlaneWindow {
    let centre = log(degrees * scale)
    let half = 4 / min(strength * degrees * scale, 1).squareRoot()
    return PlaneWindow(low: [mean - half, centre - half * 1.2], high: [mean + half, centre + half * 0.8])
  }
  /// A closed form.
  public var formula: String { "closed form" }

  /// Draws the precision, then the mean.
  public func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?) {
    let precision = 2 * scale * generator.gamma(shape: degrees / 2)
    let deviation = 1 / (strength * precision).squareRoot()
    return (PlanePoint(mean + deviation * generator.normalPair().x, log(precision)), nil)
  }

  /// The Gaussian's logarithm plus the gamma distribution's plus log λ, which is the change of variable from λ to log λ.
  public func logDensity(at point: PlanePoint) -> Double {
    let (offset, logPrecision) = (point.x - mean, point.y)
    let precision = exp(logPrecision)
    let gaussian =
      (log(strength / (2 * Double.pi)) + logPrecision) / 2 - strength * precision * offset * offset / 2
    let half = degrees / 2
    let gamma = half * logPrecision - precision / (2 * scale) - logGamma(half) - half * log(2 * scale)
    return gaussian + gamma
  }
}
