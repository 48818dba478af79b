import ArgumentParser
import Torch

/// A half of what shapes are made from, the sphere or the mean shape: a part of every shape.
///
/// Names are those of an object whose front looks along the negative y axis and whose top lies along the z axis.
public enum ShapeRegion: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// The half that is left.
  case left
  /// The half that is right.
  case right
  /// The half that is at the front.
  case front
  /// The half that is at the back.
  case back
  /// The half that is down.
  case down
  /// The half that is up.
  case up

  /// The axis, and the side of it.
  private var side: (axis: Int, sign: Double) {
    switch self {
    case .left: (0, -1)
    case .right: (0, 1)
    case .front: (1, -1)
    case .back: (1, 1)
    case .down: (2, -1)
    case .up: (2, 1)
    }
  }

  /// How much of a point is in the region: `[N, 1]`, from 0 to 1 across an edge of a width along the axis.
  ///
  /// - Parameters:
  ///   - places: `[N, 3]`, from -1 to 1 along each axis.
  ///   - edge: over how much of the axis the region fades in; 0 for a sharp edge.
  func membership(of places: Tensor, edge: Double) throws -> Tensor {
    let (axis, sign) = side
    let height = try places.narrowed(along: 1, start: axis, count: 1) * sign
    return try (height / max(edge, 1e-6) + 0.5).clamped(from: 0, to: 1)
  }
}
