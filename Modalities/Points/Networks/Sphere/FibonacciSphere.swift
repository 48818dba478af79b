import Foundation
import Torch

/// Points spread evenly over the unit sphere, each with its neighbours: what a sphere generator deforms.
///
/// Point n lies on a spiral from pole to pole, each a golden angle further round than the one before (González, 2010,
/// "Measurement of areas on a sphere using Fibonacci and latitude-longitude lattices").
struct FibonacciSphere: Sendable {
  /// Places `[N, 3]`.
  let places: Tensor
  /// The neighbours of each point, `[N K]`, those of the first one first.
  let neighbours: Tensor
  /// Neighbours of a point.
  let neighbourCount: Int

  /// Points of the sphere.
  var count: Int { places.shape[0] }

  /// Rows of the matrix of distances at a time.
  private static let rows = 512

  /// Spreads points and looks for their neighbours.
  ///
  /// - Parameters:
  ///   - count: points of the sphere.
  ///   - neighbourCount: neighbours of each; all others where there are no more.
  ///   - reference: points of the sphere that the neighbourhoods are as wide as: on a denser one only every so many of the
  ///     nearest points are neighbours, so that a generator meets what it was trained on.
  init(count: Int, neighbourCount: Int, reference: Int) throws {
    places = try Tensor(Self.places(count), shape: [count, 3])
    let stride = max(1, Int((Double(count) / Double(max(reference, 1))).rounded()))
    let kept = min(neighbourCount, count - 1)
    self.neighbourCount = kept
    guard kept > 0 else {
      // A point alone is its own neighbour, or a convolution would have nothing to look at.
      neighbours = try Tensor.arange(0, Double(count))
      return
    }
    let near = min(1 + kept * stride, count)
    var found: [Tensor] = []
    for start in Swift.stride(from: 0, to: count, by: Self.rows) {
      let part = try places.narrowed(along: 0, start: start, count: min(Self.rows, count - start))
      // The nearest on a sphere are those with the largest cosine; the first is the point itself.
      let order = try part.matmul(places.transposed()).top(near).indices
      found.append(try order.strided(by: max(1, (near - 1) / kept), from: 1, along: 1))
    }
    neighbours = try Tensor.concatenated(found).narrowed(along: 1, start: 0, count: kept)
      .contiguous().reshaped([count * kept])
  }

  /// Coordinates of the points, x y z, one after the other.
  static func places(_ count: Int) -> [Float] {
    let turn = Double.pi * (3 - 5.0.squareRoot())
    return (0..<count).flatMap { n -> [Float] in
      let z = 1 - (2 * Double(n) + 1) / Double(count)
      let radius = max(0, 1 - z * z).squareRoot()
      let angle = turn * Double(n)
      return [Float(radius * cos(angle)), Float(radius * sin(angle)), Float(z)]
    }
  }
}
