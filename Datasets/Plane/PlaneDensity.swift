import Foundation
import RandomNumbers

/// A point in the plane.
public typealias PlanePoint = SIMD2<Double>

/// A rectangle of the plane.
public struct PlaneWindow: Hashable, Sendable {
  /// The corner with the smallest coordinates.
  public var low: PlanePoint
  /// The corner with the largest coordinates.
  public var high: PlanePoint

  /// A rectangle from corner to corner.
  public init(low: PlanePoint, high: PlanePoint) { (self.low, self.high) = (low, high) }

  /// The smallest square about the middle of some points that holds them all, wider by a twelfth on each side.
  ///
  /// - Parameter points: finite ones; the unit square about the origin without any.
  public init(around points: some Sequence<PlanePoint>) {
    var (low, high) = (PlanePoint(repeating: .infinity), PlanePoint(repeating: -.infinity))
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    guard low.x.isFinite else {
      self.init(low: [-0.5, -0.5], high: [0.5, 0.5])
      return
    }
    let half = max((high - low).max() / 2 * 7 / 6, 1e-6)
    self.init(low: (low + high) / 2 - half, high: (low + high) / 2 + half)
  }

  /// The middle of a cell of a grid over the rectangle, row 0 at the top.
  public func centre(column: Int, row: Int, of cells: Int) -> PlanePoint {
    let share = PlanePoint((Double(column) + 0.5), Double(cells - row) - 0.5) / Double(cells)
    return low + (high - low) * share
  }
}

/// A probability density in the plane that can be drawn from and evaluated.
public protocol PlaneDensity: Sendable {
  /// Names of the labels that draws have, by index; empty without labels.
  var labels: [String] { get }
  /// How many modes there are; 0 where a mode has no meaning.
  var modeCount: Int { get }
  /// Where nearly all of the mass lies.
  var window: PlaneWindow { get }
  /// How the logarithm of the density is computed, in words.
  var formula: String { get }

  /// A draw, a pure function of the generator's words, and the index of its label, nil without labels.
  func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?)
  /// The logarithm of the density in nats; minus infinity outside of the support.
  func logDensity(at point: PlanePoint) -> Double
  /// The mode that is nearest to a point and how many of its standard deviations away; nil without modes.
  func nearestMode(to point: PlanePoint) -> (index: Int, deviations: Double)?
}

extension PlaneDensity {
  /// None.
  public var labels: [String] { [] }
  /// None.
  public var modeCount: Int { 0 }
  /// None.
  public func nearestMode(to point: PlanePoint) -> (index: Int, deviations: Double)? { nil }
}

extension SplitMix64 {
  /// Two independent standard normal numbers (Box and Muller, 1958).
  mutating func normalPair() -> PlanePoint {
    let radius = (-2 * log(1 - unit())).squareRoot()
    let angle = 2 * Double.pi * unit()
    return PlanePoint(radius * cos(angle), radius * sin(angle))
  }

  /// A gamma number of a shape and scale 1 (Marsaglia and Tsang, 2000); a shape below 1 is raised by 1 and the draw
  /// multiplied by a power of a uniform number.
  mutating func gamma(shape: Double) -> Double {
    if shape < 1 { return gamma(shape: shape + 1) * pow(1 - unit(), 1 / shape) }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normalPair().x
      let v = pow(1 + c * x, 3)
      if v > 0, log(1 - unit()) < x * x / 2 + d - d * v + d * log(v) { return d * v }
    }
  }

  /// A Poisson count of a rate: how many exponential waiting times fit into it. Takes time in proportion to the rate.
  mutating func poisson(rate: Double) -> Double {
    var (count, rest) = (0.0, rate)
    while true {
      rest += log(1 - unit())
      if rest < 0 { return count }
      count += 1
    }
  }

  /// An index drawn in proportion to weights that sum to 1.
  mutating func index(weights: [Double]) -> Int {
    var rest = unit()
    return weights.firstIndex { weight in
      rest -= weight
      return rest < 0
    } ?? weights.count - 1
  }
}

/// The logarithm of a sum of exponentials, without overflow; minus infinity for none.
func logSumExp(_ values: [Double]) -> Double {
  guard let most = values.max(), most > -.infinity else { return -.infinity }
  return most + log(values.reduce(0) { $0 + exp($1 - most) })
}

/// The logarithm of the gamma function at positive numbers.
func logGamma(_ x: Double) -> Double { lgamma(x) }
