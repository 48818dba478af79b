import Foundation
import PlaneDatasets
import RandomNumbers
import Testing

@Suite struct DensityTests {
  private static func draws(_ density: any PlaneDensity, count: Int) -> [PlanePoint] {
    (0..<count).map { index in
      var words = SplitMix64(seed: 7, index: index)
      return density.sample(using: &words).point
    }
  }

  /// The sum of the density times functions over a grid that reaches beyond the window by a quarter of its side.
  private static func integrals(_ density: any PlaneDensity) -> (mass: Double, mean: PlanePoint) {
    let window = density.window
    let side = (window.high - window.low).x
    // A whole number of cells to a unit, so that the Poisson density's squares are summed exactly.
    let step = 1 / (100 / side).rounded(.up)
    let start = (window.low - side / 4).rounded(.down)
    let cells = Int((1.5 * side + 2) / step)
    var (mass, moment) = (0.0, PlanePoint.zero)
    for row in 0..<cells {
      for column in 0..<cells {
        let point = start + step * (PlanePoint(Double(column), Double(row)) + 0.5)
        let share = exp(density.logDensity(at: point)) * step * step
        mass += share
        moment += share * point
      }
    }
    return (mass, moment)
  }

  @Test(arguments: [PlaneTarget.ring, .moons, .gaussian, .gamma, .poisson, .normalWishart, .mixture])
  func densitiesIntegrateToOneAndHaveTheDrawsMean(target: PlaneTarget) {
    let density = target.density()
    let (mass, mean) = Self.integrals(density)
    #expect(abs(mass - 1) < 0.01)
    let points = Self.draws(density, count: 20_000)
    let average = points.reduce(PlanePoint.zero, +) / Double(points.count)
    let squares = points.reduce(PlanePoint.zero) { $0 + ($1 - average) * ($1 - average) }
    let error = (squares / Double(points.count * points.count)).squareRoot()
    #expect(abs((mean / mass - average) / error).max() < 5)
  }

  /// `E[log p]` over draws is the negative entropy, of which closed forms are known.
  @Test func meanLogDensitiesAreTheNegativeEntropies() {
    let euler = 0.577_215_664_901_532_9
    let (half, scale) = (2.0, 0.25)
    // Of a gamma number of shape 2: k + log θ + log Γ(k) + (1 - k) ψ(k), with ψ(2) = 1 - γ.
    let gamma = 2 * (2 + log(0.5) - (1 - euler))
    // A normal-Wishart's: ½ log(2πe/κ) - ½ E[log λ], and that of log λ, which is the gamma number's less E[log λ].
    let meanLog = (1 - euler) + log(2 * scale)
    let wishart =
      0.5 * log(2 * Double.pi * M_E) - meanLog / 2 + half + log(2 * scale) - (1 - euler) - meanLog
    let gaussian = log(2 * Double.pi * M_E * 0.5 * (1 - 0.36).squareRoot())
    // Modes far apart: the entropy of the choice and that of a Gaussian.
    let ring = log(8) + log(2 * Double.pi * M_E * 0.01)
    let grid = log(25) + log(2 * Double.pi * M_E * 0.0025)
    for (target, entropy) in [
      (PlaneTarget.gamma, gamma), (.normalWishart, wishart), (.gaussian, gaussian), (.ring, ring),
      (.grid, grid),
    ] {
      let density = target.density()
      let values: [Double] = Self.draws(density, count: 20_000).map { -density.logDensity(at: $0) }
      let mean: Double = values.reduce(0, +) / 20_000
      let variance: Double = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
      let tolerance = 5 * (variance / 20_000).squareRoot() + 1e-4
      #expect(abs(mean - entropy) < tolerance, "\(target)")
    }
  }

  @Test func marginsHaveTheFamiliesMoments() {
    func moments(_ density: any PlaneDensity) -> (mean: PlanePoint, variance: PlanePoint) {
      let points = Self.draws(density, count: 40_000)
      let mean = points.reduce(PlanePoint.zero, +) / 40_000
      return (mean, points.reduce(PlanePoint.zero) { $0 + ($1 - mean) * ($1 - mean) } / 40_000)
    }
    for (shape, scale) in [(0.5, 2.0), (2, 0.5), (9, 1)] {
      let found = moments(GammaDensity(shape: shape, scale: scale))
      #expect(abs(found.mean / (shape * scale) - 1).max() < 0.04)
      #expect(abs(found.variance / (shape * scale * scale) - 1).max() < 0.12)
    }
    // A uniform number adds a half to the mean and a twelfth to the variance.
    let counts = moments(PoissonDensity(rate: 3))
    #expect(abs(counts.mean - 3.5).max() < 0.05)
    #expect(abs(counts.variance - (3 + 1 / 12.0)).max() < 0.1)
  }

  @Test func modesAreCoveredByTheirWeights() throws {
    let density = MixtureDensity.ring(weights: [0.1, 0.3, 0.6], deviation: 0.25)
    var (labels, nearest, near) = ([0, 0, 0], [0, 0, 0], 0)
    for index in 0..<20_000 {
      var words = SplitMix64(seed: 3, index: index)
      let draw = density.sample(using: &words)
      labels[try #require(draw.label)] += 1
      let mode = try #require(density.nearestMode(to: draw.point))
      nearest[mode.index] += 1
      if mode.deviations <= 3 { near += 1 }
    }
    for (index, weight) in [0.1, 0.3, 0.6].enumerated() {
      #expect(abs(Double(labels[index]) / 20_000 - weight) < 0.015)
      #expect(abs(Double(nearest[index]) / 20_000 - weight) < 0.015)
    }
    // Within 3 standard deviations in the plane lie 1 - exp(-9/2).
    #expect(abs(Double(near) / 20_000 - (1 - exp(-4.5))) < 0.004)
  }

  @Test func nothingLiesOutsideTheSupport() {
    #expect(GammaDensity().logDensity(at: [-0.1, 1]) == -.infinity)
    #expect(PoissonDensity().logDensity(at: [1, -1e-9]) == -.infinity)
    #expect(PoissonDensity(rate: 3).logDensity(at: [0.2, 0.9]) == -6)
  }

  @Test(arguments: PlaneTarget.allCases) func windowsHoldNearlyAllDraws(target: PlaneTarget) {
    let density = target.density()
    let window = density.window
    let inside = Self.draws(density, count: 5_000).count { point in
      all(point .>= window.low) && all(point .<= window.high)
    }
    #expect(inside >= 4_900)
    #expect(abs(((window.high - window.low) / (window.high - window.low).x - 1).y) < 1e-9)
  }

  @Test func windowsAboutPointsAreSquare() {
    let window = PlaneWindow(around: [[0, 0], [12, 6]])
    #expect(window == PlaneWindow(low: [-1, -4], high: [13, 10]))
    #expect(window.centre(column: 0, row: 0, of: 7) == [0, 9])
    #expect(PlaneWindow(around: []).high == [0.5, 0.5])
  }
}

private func abs(_ point: PlanePoint) -> PlanePoint { point.replacing(with: -point, where: point .< 0) }
