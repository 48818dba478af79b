/// The built-in distributions in the plane, whose densities are known.
public enum PlaneTarget: String, Codable, CaseIterable, Sendable {
  /// Eight Gaussians of standard deviation 0.1 on a circle of radius 2.
  case ring
  /// Twenty-five Gaussians of standard deviation 0.05 on a grid of spacing 1.
  case grid
  /// Two interleaved half circles of radius 1 with noise of standard deviation 0.1.
  case moons
  /// A spiral of one and a half turns to radius 2 with noise of standard deviation 0.1.
  case spiral
  /// One Gaussian with standard deviations 1 and 0.5 and a correlation of 0.6.
  case gaussian
  /// Two independent gamma coordinates of shape 2 and scale 0.5.
  case gamma
  /// Two independent Poisson counts of rate 3, dequantised by uniform numbers from [0, 1).
  case poisson
  /// Mean and logarithm of the precision of a normal-Wishart distribution with m = 0, κ = 1, V = 0.25 and ν = 4.
  case normalWishart = "normal-wishart"
  /// Gaussians of stated weights and standard deviation 0.25 evenly on a circle of radius 2.
  case mixture

  /// The weights of `mixture` unless others are stated.
  public static let defaultWeights = [0.1, 0.3, 0.6]

  /// The distribution.
  ///
  /// - Parameter weights: those of `mixture`, in any unit; nil for the default. Other targets take none.
  /// - Precondition: the weights are positive.
  public func density(weights: [Double]? = nil) -> any PlaneDensity {
    switch self {
    case .ring: MixtureDensity.ring(weights: [Double](repeating: 0.125, count: 8), deviation: 0.1)
    case .grid: MixtureDensity.grid(side: 5, spacing: 1, deviation: 0.05)
    case .moons: CurveDensity.moons()
    case .spiral: CurveDensity.spiral()
    case .gaussian:
      MixtureDensity([.init(weight: 1, mean: [0, 0], deviations: [1, 0.5], correlation: 0.6)])
    case .gamma: GammaDensity()
    case .poisson: PoissonDensity()
    case .normalWishart: NormalWishartDensity()
    case .mixture: Self.mixture(weights ?? Self.defaultWeights)
    }
  }

  private static func mixture(_ weights: [Double]) -> MixtureDensity {
    let sum = weights.reduce(0, +)
    return MixtureDensity.ring(weights: weights.map { $0 / sum }, deviation: 0.25)
  }
}

/// How points in the plane are made or read, and which part they belong to.
public struct PlaneDataOptions: Codable, Equatable, Sendable {
  /// The built-in distribution, where no file is given.
  public var target = PlaneTarget.ring
  /// The weights of the target `mixture`, in any unit; nil for its default.
  public var weights: [Double]?
  /// Points of a built-in set to train on.
  public var count = 20_000
  /// Whether the labels of a built-in set are conditions of the model.
  public var isLabelled = false
  /// The two columns of a table that are the coordinates, by name or by number from 1; nil for the first two.
  public var columns: [String]?
  /// The column whose values are labels, by name or number; nil for none.
  public var labelColumn: String?
  /// What stands between fields; nil finds out from the first line.
  public var separator: FieldSeparator?
  /// Whether the first line names the columns; nil finds out.
  public var hasHeader: Bool?
  /// Whether rows with missing or non-finite numbers are left out and counted, rather than being an error.
  public var skipBad = false

  /// The defaults: the ring.
  public init() {}
}
