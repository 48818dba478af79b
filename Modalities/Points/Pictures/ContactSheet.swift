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
