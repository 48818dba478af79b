import Foundation
import Pictures
import PointDatasets

/// Clouds side by side in a grid, each in a three-quarter view of its own size: points are shaded balls, dark in front
/// and pale behind.
public struct ContactSheet: Sendable {
  /// What is shown, row after row.
  public let clouds: [PointCloud]
  /// Clouds in a row, at least 1.
  public let columns: Int
  /// Pixels of a cloud's square, at least 16.
  public let cell: Int
  /// The axis that points upwards.
  public let up: UpAxis

  /// The usual square, in pixels.
  public static let usualCell = 192
  /// Balls are drawn at this many times the size and made smaller, so that their edges are smooth.
  private static let scale = 2

  /// Lays clouds out.
  ///
  /// - Parameters:
  ///   - clouds: what to show, as many as fit; coordinates that are not finite are left out.
  ///   - columns: clouds in a row; nil makes the sheet about square.
  ///   - cell: pixels of a cloud's square.
  ///   - up: the axis that points upwards.
  /// - Precondition: there is at least one cloud and one column, and a square has 16 to 4,096 pixels.
  public init(clouds: [PointCloud], columns: Int? = nil, cell: Int = usualCell, up: UpAxis = .z) {
    precondition(!clouds.isEmpty && (columns ?? 1) > 0 && (16...4096).contains(cell), "a sheet shows clouds")
    let most = Picture.longestSide / cell
    let square = Int(Double(clouds.count).squareRoot().rounded(.up))
    self.columns = min(columns ?? square, clouds.count, most)
    self.clouds = Array(clouds.prefix(self.columns * most))
    self.cell = cell
    self.up = up
  }

  /// Lays out clouds that are plain coordinates, `[N, 3]` each.
  ///
  /// - Precondition: as the other's, and every cloud has whole points.
  public init(clouds: [[Float]], columns: Int? = nil, cell: Int = usualCell, up: UpAxis = .z) {
    self.init(clouds: clouds.map { PointCloud($0) }, columns: columns, cell: cell, up: up)
  }

  /// Draws the sheet. Equal clouds give equal pictures.
  public func picture() -> Picture {
    let rows = (clouds.count + columns - 1) / columns
    var picture = Picture(width: columns * cell, height: rows * cell)
    let view = CloudView(up: up)
    for (index, cloud) in clouds.enumerated() {
      var buffer = DepthBuffer(side: cell * Self.scale)
      // Balls of the points of a surface nearly touch, few points or many.
      let share = min(0.03, max(0.006, 0.36 / Float(max(1, cloud.count)).squareRoot()))
      buffer.draw(view.spots(cloud), radius: max(1, share * Float(cell * Self.scale)))
      buffer.copy(
        to: &picture, x: index % columns * cell, y: index / columns * cell, scale: Self.scale,
        background: .white)
    }
    return picture
  }
}

/// The axis of a shape that points upwards in pictures.
public enum UpAxis: String, CaseIterable, Codable, Sendable {
  /// The second coordinate, as in most models made for films and games, whose front is +z.
  case y
  /// The third coordinate, as in ModelNet's shapes and the built-in ones, whose front is -y.
  case z
}

/// The projection of clouds into a three-quarter view: from the front, the right and above.
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

/// A depth buffer: for each pixel of a square the depth of its nearest ball, and its shading.
struct DepthBuffer {
  private let side: Int
  /// Depth towards the viewer, in half sides; -infinity where there is nothing.
  private var depth: [Float]
  /// Brightness of each pixel, 0 to 1.
  private var light: [Float]

  /// Depths from the back to the front, in half sides.
  private static let extent: Float = 1.3
  /// Where the light comes from: the left, above, the viewer.
  private static let lamp = SIMD3<Float>(-0.45, 0.6, 0.66)
  /// Blue, dark in front and pale behind: lightness alone shows the order, also without colour vision.
  private static let colours = ColourMap([
    Colour(red: 205, green: 219, blue: 236), Colour(red: 134, green: 170, blue: 213),
    Colour(red: 66, green: 114, blue: 178), Colour(red: 18, green: 52, blue: 110),
  ])

  init(side: Int) {
    self.side = side
    depth = Array(repeating: -.infinity, count: side * side)
    light = Array(repeating: 0, count: side * side)
  }

  /// Draws each spot as a ball. What is nearer hides what is behind it.
  ///
  /// - Parameter radius: in pixels.
  mutating func draw(_ spots: [CloudView.Spot], radius: Float) {
    let half = Float(side) / 2
    for spot in spots {
      let (x, y) = (half + spot.x * half, half - spot.y * half)
      for row in max(0, Int(y - radius))...max(0, min(side - 1, Int(y + radius))) where row < side {
        for column in max(0, Int(x - radius))...max(0, min(side - 1, Int(x + radius))) where column < side {
          let (dx, dy) = ((Float(column) + 0.5 - x) / radius, (Float(row) + 0.5 - y) / radius)
          let rest = 1 - dx * dx - dy * dy
          guard rest > 0 else { continue }
          let bulge = rest.squareRoot()
          let near = spot.depth * Self.extent + bulge * radius / half
          let place = row * side + column
          guard near > depth[place] else { continue }
          depth[place] = near
          light[place] = max(0, (SIMD3(dx, -dy, bulge) * Self.lamp).sum())
        }
      }
    }
  }

  /// Copies the pixels to a picture, each of the picture's made of `scale` by `scale` of these.
  func copy(to picture: inout Picture, x: Int, y: Int, scale: Int, background: Colour) {
    for row in 0..<side / scale {
      for column in 0..<side / scale {
        var sum = SIMD3<Float>()
        for inner in 0..<scale * scale {
          sum += colour(column * scale + inner % scale, row * scale + inner / scale, background)
        }
        sum /= Float(scale * scale)
        picture[x + column, y + row] = Colour(
          red: UInt8(sum.x.rounded()), green: UInt8(sum.y.rounded()), blue: UInt8(sum.z.rounded()))
      }
    }
  }

  private func colour(_ column: Int, _ row: Int, _ background: Colour) -> SIMD3<Float> {
    let place = row * side + column
    guard depth[place] > -.infinity else { return Self.numbers(background) }
    let share = (depth[place] / Self.extent + 1) / 2
    let plain = Self.numbers(Self.colours[share])
    let lit = plain * (0.62 + 0.38 * light[place]) * shade(column, row)
    // A specular highlight.
    let shine = 40 * max(0, light[place] - 0.8) / 0.2
    return (lit + shine).clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255))
  }

  /// Darker where things around are nearer, which draws an edge around whatever stands in front (Boucheny's eye-dome
  /// lighting, 2009).
  private func shade(_ column: Int, _ row: Int) -> Float {
    let reach = max(1, side / 96)
    let own = depth[row * side + column]
    var sum: Float = 0
    for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
      let (x, y) = (column + dx * reach, row + dy * reach)
      guard x >= 0, y >= 0, x < side, y < side else { continue }
      sum += min(0.5, max(0, depth[y * side + x] - own - 0.04))
    }
    return exp(-0.45 * sum)
  }

  private static func numbers(_ colour: Colour) -> SIMD3<Float> {
    SIMD3(Float(colour.red), Float(colour.green), Float(colour.blue))
  }
}
