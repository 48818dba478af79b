import Foundation
import RandomNumbers

/// A mixture of Gaussians in the plane: its density is a closed form, its modes are its components.
public struct MixtureDensity: PlaneDensity {
  /// A Gaussian of the mixture.
  public struct Component: Hashable, Sendable {
    /// Its share, the sum of all being 1.
    public var weight: Double
    /// Its mean.
    public var mean: PlanePoint
    /// Its standard deviation along both axes.
    public var deviations: PlanePoint
    /// The correlation of both coordinates, within (-1, 1).
    public var correlation: Double

    /// Describes a Gaussian, of equal spread in all directions unless said otherwise.
    public init(weight: Double, mean: PlanePoint, deviations: PlanePoint, correlation: Double = 0) {
      (self.weight, self.mean, self.deviations, self.correlation) = (weight, mean, deviations, correlation)
    }

    /// The squared Mahalanobis distance of a point.
    func squaredDistance(to point: PlanePoint) -> Double {
      let z = (point - mean) / deviations
      let rest = 1 - correlation * correlation
      return (z.x * z.x - 2 * correlation * z.x * z.y + z.y * z.y) / rest
    }

    /// The logarithm of weight times density.
    func logJoint(_ point: PlanePoint) -> Double {
      let area = deviations.x * deviations.y * (1 - correlation * correlation).squareRoot()
      return log(weight) - log(2 * Double.pi * area) - squaredDistance(to: point) / 2
    }
  }

  /// The Gaussians.
  public let components: [Component]

  /// A mixture.
  ///
  /// - Precondition: there is a component, weights are positive and sum to 1 within rounding, deviations are positive and
  ///   correlations within (-1, 1).
  public init(_ components: [Component]) {
    let sum = components.reduce(0) { $0 + $1.weight }
    precondition(!components.isEmpty && abs(sum - 1) < 1e-6, "the weights of a mixture sum to 1")
    for part in components {
      precondition(part.weight > 0 && part.deviations.min() > 0 && abs(part.correlation) < 1, "\(part)")
    }
    self.components = components
  }

  /// Gaussians of equal spread evenly on a circle about the origin, the first one on the positive x axis.
  ///
  /// - Parameters:
  ///   - weights: their shares, which sum to 1.
  ///   - radius: of the circle.
  ///   - deviation: of each Gaussian in all directions.
  public static func ring(weights: [Double], radius: Double = 2, deviation: Double) -> MixtureDensity {
    MixtureDensity(
      weights.enumerated().map { index, weight in
        let angle = 2 * Double.pi * Double(index) / Double(weights.count)
        return Component(
          weight: weight, mean: radius * PlanePoint(cos(angle), sin(angle)),
          deviations: PlanePoint(repeating: deviation))
      })
  }

  /// Gaussians of equal spread and weight on a square grid about the origin.
  public static func grid(side: Int, spacing: Double, deviation: Double) -> MixtureDensity {
    let offset = Double(side - 1) / 2
    return MixtureDensity(
      (0..<(side * side)).map { index in
        let place = PlanePoint(Double(index % side) - offset, Double(index / side) - offset)
        return Component(
          weight: 1 / Double(side * side), mean: spacing * place,
          deviations: PlanePoint(repeating: deviation))
      })
  }

  /// The numbers of the components; none for a single one.
  public var labels: [String] { components.count > 1 ? components.indices.map(String.init) : [] }
  /// The number of components.
  public var modeCount: Int { components.count }
  /// All components to 4 standard deviations.
  public var window: PlaneWindow {
    PlaneWindow(
      around: components.flatMap { [$0.mean - 4 * $0.deviations, $0.mean + 4 * $0.deviations] })
  }
  /// A closed form.
  public var formula: String { "closed form" }

  /// Draws a component by its weight, then a point of it.
  public func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?) {
    let index = components.count > 1 ? generator.index(weights: components.map(\.weight)) : 0
    let part = components[index]
    let z = generator.normalPair()
    let y = part.correlation * z.x + (1 - part.correlation * part.correlation).squareRoot() * z.y
    return (part.mean + part.deviations * PlanePoint(z.x, y), components.count > 1 ? index : nil)
  }

  /// The logarithm of the sum of all components' densities.
  public func logDensity(at point: PlanePoint) -> Double {
    logSumExp(components.map { $0.logJoint(point) })
  }

  /// The component of the smallest Mahalanobis distance, and that distance.
  public func nearestMode(to point: PlanePoint) -> (index: Int, deviations: Double)? {
    let distances = components.map { $0.squaredDistance(to: point) }
    guard let index = distances.indices.min(by: { distances[$0] < distances[$1] }) else { return nil }
    return (index, distances[index].squareRoot())
  }
}
