import Foundation
import Torch

/// What points learn from their neighbours: of `rectified(A xᵢ + B xⱼ)` over the neighbours j of a point i the largest, in
/// each channel (Wang et al., 2019, "Dynamic graph CNN for learning on point clouds").
///
/// Neighbourhoods are fixed. So B is applied once a point and its result looked up, where the published form multiplies
/// once an edge.
final class EdgeConvolution: Module {
  private let own: Linear
  private let other: Linear

  var members: Members { ["own": own, "other": other] }

  /// Initialises the two maps.
  init(inputs: Int, outputs: Int, using stream: inout RandomStream) throws {
    own = try Linear(inputs: inputs, outputs: outputs, using: &stream)
    other = try Linear(inputs: inputs, outputs: outputs, bias: false, using: &stream)
  }

  /// Maps points `[B, N, I]` to `[B, N, O]`.
  ///
  /// - Parameters:
  ///   - x: the points.
  ///   - neighbours: `[N K]`, those of the first point first.
  func callAsFunction(_ x: Tensor, neighbours: Tensor) throws -> Tensor {
    let (batch, count) = (x.shape[0], x.shape[1])
    let around = try other(x).gathered(at: neighbours, along: 1)
    let channels = around.shape[2]
    // Rectifiers never decrease, so the largest sum is the largest rectified one.
    let largest = try around.reshaped([batch * count, -1, channels]).maximumOverPoints()
    return try (own(x) + largest.reshaped([batch, count, channels])).leakyReLU()
  }
}

/// Brings each channel of each cloud to mean 0 and variance 1 over its points, then scales and shifts each point by its
/// style (Huang and Belongie, 2017, "Arbitrary style transfer in real-time with adaptive instance normalization").
final class AdaptiveInstanceNorm: Module {
  private let affine: Linear
  private let channels: Int

  var members: Members { ["affine": affine] }

  /// Initialises the map from the style.
  init(style: Int, channels: Int, using stream: inout RandomStream) throws {
    self.channels = channels
    affine = try Linear(
      inputs: style, outputs: 2 * channels,
      initialisation: .normal(standardDeviation: 1 / Double(style).squareRoot()), using: &stream)
  }

  /// Modulates points `[B, N, C]`, or one cloud for all `[1, N, C]`, by styles `[B, N, W]`.
  func callAsFunction(_ x: Tensor, style: Tensor) throws -> Tensor {
    let both = try affine(style)
    let scale = try both.narrowed(along: 2, start: 0, count: channels)
    let shift = try both.narrowed(along: 2, start: channels, count: channels)
    let values = try x.widened()
    let centred = try values - values.mean(along: 1, keepingDimensions: true)
    let size = try (centred.squared().mean(along: 1, keepingDimensions: true) + 1e-5).reciprocalSquareRoot()
    return try centred * size * (scale + 1) + shift
  }
}

/// Points spread evenly over the unit sphere, each with its neighbours: what a sphere generator deforms.
///
/// Point n lies on a spiral from pole to pole, each a golden angle further round than the one before (González, 2010,
/// "Measurement of areas on a sphere using Fibonacci and latitude-longitude lattices").
struct FibonacciSphere: Sendable {
  /// Places `[N, 3]`.
  let positions: Tensor
  /// The neighbours of each point, `[N K]`, those of the first one first.
  let neighbours: Tensor
  /// Neighbours of a point.
  let neighbourCount: Int

  /// Points of the sphere.
  var count: Int { positions.shape[0] }

  /// Rows of the matrix of distances at a time.
  private static let rows = 512

  /// Spreads points and finds their neighbours.
  ///
  /// - Parameters:
  ///   - count: points of the sphere.
  ///   - neighbourCount: neighbours of each; all others where there are no more.
  ///   - reference: points of the sphere that the neighbourhoods are as wide as: on a denser one only every so many of the
  ///     nearest points are neighbours, so that a generator meets what it was trained on.
  init(count: Int, neighbourCount: Int, reference: Int) throws {
    positions = try Tensor(Self.positions(count), shape: [count, 3])
    let stride = max(1, Int((Double(count) / Double(max(reference, 1))).rounded()))
    let kept = min(neighbourCount, count - 1)
    self.neighbourCount = kept
    guard kept > 0 else {
      // A single point is its own neighbour, so that convolutions have an input.
      neighbours = try Tensor.arange(0, Double(count))
      return
    }
    let near = min(1 + kept * stride, count)
    var found: [Tensor] = []
    for start in Swift.stride(from: 0, to: count, by: Self.rows) {
      let part = try positions.narrowed(along: 0, start: start, count: min(Self.rows, count - start))
      // The nearest on a sphere are those with the largest cosine; the first is the point itself.
      let order = try part.matmul(positions.transposed()).top(near).indices
      found.append(try order.strided(by: max(1, (near - 1) / kept), from: 1, along: 1))
    }
    neighbours = try Tensor.concatenated(found).narrowed(along: 1, start: 0, count: kept)
      .contiguous().reshaped([count * kept])
  }

  /// Coordinates of the points, x y z, one after the other.
  static func positions(_ count: Int) -> [Float] {
    let turn = Double.pi * (3 - 5.0.squareRoot())
    return (0..<count).flatMap { n -> [Float] in
      let z = 1 - (2 * Double(n) + 1) / Double(count)
      let radius = max(0, 1 - z * z).squareRoot()
      let angle = turn * Double(n)
      return [Float(radius * cos(angle)), Float(radius * sin(angle)), Float(z)]
    }
  }
}
