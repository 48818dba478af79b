import Foundation
import RandomNumbers

/// Points on curves with Gaussian noise of equal spread in all directions.
///
/// The density is the convolution of a uniform distribution over each curve's parameter with the noise, as the sum over
/// evenly spaced nodes (the midpoint rule). Nodes lie less than half of the noise's standard deviation apart, where the
/// rule's error is below rounding inside of a curve and below a part in a hundred at its ends.
public struct CurveDensity: PlaneDensity {
  /// The curves, each a function of a parameter from 0 to 1.
  private let curves: [@Sendable (Double) -> PlanePoint]
  /// Evenly spaced points of each curve.
  private let nodes: [[PlanePoint]]
  /// The noise's standard deviation in all directions.
  public let deviation: Double
  /// One for each curve where there are several.
  public let labels: [String]

  private init(
    _ curves: [@Sendable (Double) -> PlanePoint], labels: [String], deviation: Double, nodesPerCurve: Int
  ) {
    self.curves = curves
    self.labels = labels
    self.deviation = deviation
    nodes = curves.map { curve in
      (0..<nodesPerCurve).map { curve((Double($0) + 0.5) / Double(nodesPerCurve)) }
    }
  }

  /// Two interleaved half circles of radius 1: the upper one about (0, 0), the lower one about (1, 0.5), moved so that the
  /// middle of both is the origin.
  public static func moons(deviation: Double = 0.1) -> CurveDensity {
    CurveDensity(
      [
        { PlanePoint(cos(.pi * $0) - 0.5, sin(.pi * $0) - 0.25) },
        { PlanePoint(0.5 - cos(.pi * $0), 0.25 - sin(.pi * $0)) },
      ], labels: ["upper", "lower"], deviation: deviation, nodesPerCurve: 128)
  }

  /// An Archimedean spiral of one and a half turns: the radius grows in proportion to the angle from 0 to 2, and the angle
  /// as the square root of the parameter, so that points are nearly even along the curve.
  public static func spiral(deviation: Double = 0.1) -> CurveDensity {
    CurveDensity(
      [
        { share in
          let turn = share.squareRoot()
          let angle = 3 * Double.pi * turn
          return 2 * turn * PlanePoint(cos(angle), sin(angle))
        }
      ], labels: [], deviation: deviation, nodesPerCurve: 512)
  }

  /// The number of curves.
  public var modeCount: Int { curves.count }
  /// All nodes to 4 standard deviations.
  public var window: PlaneWindow {
    PlaneWindow(around: nodes.joined().flatMap { [$0 - 4 * deviation, $0 + 4 * deviation] })
  }
  /// The midpoint rule.
  public var formula: String { "midpoint rule over \(nodes[0].count) nodes of each curve" }

  /// Draws a curve, a place on it, and noise.
  public func sample(using generator: inout SplitMix64) -> (point: PlanePoint, label: Int?) {
    let index = curves.count > 1 ? Int(generator.unit() * Double(curves.count)) : 0
    let point = curves[index](generator.unit())
    return (point + deviation * generator.normalPair(), labels.isEmpty ? nil : index)
  }

  /// The logarithm of the mean density of the noise about all nodes.
  public func logDensity(at point: PlanePoint) -> Double {
    let scale = 1 / (2 * deviation * deviation)
    var exponents: [Double] = []
    exponents.reserveCapacity(nodes.count * nodes[0].count)
    for curve in nodes {
      for node in curve {
        let offset = point - node
        exponents.append(-scale * (offset.x * offset.x + offset.y * offset.y))
      }
    }
    return logSumExp(exponents) + log(scale / (Double.pi * Double(exponents.count)))
  }

  /// The nearest curve, and the distance to its nearest node in standard deviations of the noise.
  public func nearestMode(to point: PlanePoint) -> (index: Int, deviations: Double)? {
    let distances = nodes.map { curve in
      curve.reduce(Double.infinity) { least, node in
        let offset = point - node
        return min(least, (offset * offset).sum())
      }
    }
    guard let index = distances.indices.min(by: { distances[$0] < distances[$1] }) else { return nil }
    return (index, distances[index].squareRoot() / deviation)
  }
}
