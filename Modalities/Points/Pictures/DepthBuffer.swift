import Foundation
import Pictures

/// A square of pixels that each know how near their nearest thing is, and how it is lit.
struct DepthBuffer {
  private let side: Int
  /// Towards the viewer, in half sides; nothing is there where it is -infinity.
  private var depth: [Float]
  /// How much light each pixel's thing gets, 0 to 1.
  private var light: [Float]

  /// Depths from the back to the front, in half sides.
  private static let extent: Float = 1.3
  /// Where the light comes from: the left, above, the viewer.
  private static let lamp = SIMD3<Float>(-0.45, 0.6, 0.66)
  /// Blue, dark in front and pale behind: lightness alone tells the order, whatever colours an eye can tell apart.
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
    // The point of a ball that faces the lamp shines a little.
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
