import Foundation
import PointDatasets

/// The axis of a shape that points upwards in pictures.
public enum UpAxis: String, CaseIterable, Codable, Sendable {
  /// The second coordinate, as in most models made for films and games, whose front is +z.
  case y
  /// The third coordinate, as in ModelNet's shapes and the built-in ones, whose front is -y.
  case z
}

/// Where the points of a cloud appear to somebody in front of it, to the right and above: a three-quarter view.
struct CloudView {
  /// A point as it is seen. The unit is the picture's half side.
  struct Spot {
    /// To the right, and upwards.
    var x: Float, y: Float
    /// Towards the viewer: about -1 for the farthest point, 1 for the nearest.
    var depth: Float
  }

  private let right: SIMD3<Float>
  private let above: SIMD3<Float>
  private let toViewer: SIMD3<Float>
  private let up: UpAxis

  /// How far the viewer stands to the side of the front, and above, in radians.
  private static let (turn, height) = (Float.pi * 0.2, Float.pi * 0.13)
  /// The part of the picture's half side that a shape reaches.
  private static let reach: Float = 0.94
  /// The distance of the viewer, in radii of the shape.
  private static let distance: Float = 5

  init(up: UpAxis) {
    let (turn, height) = (Self.turn - .pi / 2, Self.height)
    self.up = up
    toViewer = SIMD3(cos(height) * cos(turn), cos(height) * sin(turn), sin(height))
    right = SIMD3(-sin(turn), cos(turn), 0)
    above = SIMD3(-sin(height) * cos(turn), -sin(height) * sin(turn), cos(height))
  }

  /// The points of a cloud that are finite, moved and scaled so that they fill the picture.
  func spots(_ cloud: PointCloud) -> [Spot] {
    var points: [SIMD3<Float>] = []
    points.reserveCapacity(cloud.count)
    for index in stride(from: 0, to: cloud.coordinates.count, by: 3) {
      let (x, y, z) = (cloud.coordinates[index], cloud.coordinates[index + 1], cloud.coordinates[index + 2])
      guard x.isFinite && y.isFinite && z.isFinite else { continue }
      points.append(up == .z ? SIMD3(x, y, z) : SIMD3(x, -z, y))
    }
    guard let first = points.first else { return [] }
    let low = points.reduce(first) { pointwiseMin($0, $1) }
    let high = points.reduce(first) { pointwiseMax($0, $1) }
    let middle = low / 2 + high / 2
    let size = (high - middle).max()
    let turned = points.map { point -> SIMD3<Float> in
      // Divided, since the reciprocal of a tiny size would not be finite.
      let offset = size > 0 ? (point - middle) / size : SIMD3()
      return SIMD3((offset * right).sum(), (offset * above).sum(), (offset * toViewer).sum())
    }
    // Nearer things look larger.
    let seen = turned.map { point -> SIMD3<Float> in
      let nearness = Self.distance / (Self.distance - point.z)
      return SIMD3(point.x * nearness, point.y * nearness, point.z)
    }
    let left = seen.reduce(seen[0]) { pointwiseMin($0, $1) }
    let rightmost = seen.reduce(seen[0]) { pointwiseMax($0, $1) }
    let (centre, half) = ((left + rightmost) / 2, (rightmost - left) / 2)
    let fit = Self.reach / max(half.x, half.y, 1e-6)
    return seen.map { point in
      Spot(
        x: (point.x - centre.x) * fit, y: (point.y - centre.y) * fit,
        depth: half.z > 0 ? (point.z - centre.z) / half.z : 0)
    }
  }
}
