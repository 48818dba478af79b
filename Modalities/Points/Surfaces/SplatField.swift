import Foundation
import PointDatasets
import Torch

/// A soft disc, rod or ball around each point of a cloud, as flat, long or round as its neighbourhood is, and their sum: positive near the
/// surface that the points lie on.
///
/// After Yu and Turk, "Reconstructing surfaces of particle-based fluids using anisotropic kernels" (2013).
struct SplatField {
  /// Points of a neighbourhood, the point itself among them: at least so many, and of dense clouds this share of all, as dense points
  /// may lie in clumps.
  private static let neighbours = 16, share = 1.0 / 48
  /// The half axes of a splat in deviations of the neighbourhood, which of a disc are half of its radius.
  private static let reach = 1.8
  /// The least half axis, in cells: thinner walls would have holes.
  private static let thinnest = 1.1
  /// The greatest one, in median distances to the farthest neighbour: a point by itself is no rod to the next one.
  private static let longest = 1.0
  /// What the sum is inside from.
  private static let level: Float = 0.25
  /// Points that neighbours are found of at a time.
  private static let chunk = 512
  /// Cells around the splats, so that the border is outside.
  private static let margin = 2

  private let points: [SIMD3<Double>]
  /// The axes of each splat, each over the square of its length: a place is in the splat where its products with these are less than 1
  /// when squared and summed.
  private let axes: [[SIMD3<Double>]]
  /// The longest half axis of each.
  private let radii: [Double]
  private let low: SIMD3<Double>
  private let cell: Double
  private let counts: SIMD3<Int>

  /// Prepares splats of finite points, at least one.
  init(_ cloud: PointCloud, cells: Int) throws {
    precondition(cloud.count > 0, "a surface needs points")
    points = (0..<cloud.count).map { index in
      SIMD3((0..<3).map { Double(cloud.coordinates[3 * index + $0]) })
    }
    let (first, last) = points.reduce((points[0], points[0])) {
      (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1))
    }
    let size = (last - first).max()
    // Points that all coincide get a ball of any size.
    let cell = (size > 0 ? size : 1) / Double(cells)
    self.cell = cell
    let coordinates = try Tensor(points.flatMap { point in (0..<3).map { (point[$0] - first[$0]) / cell } })
      .reshaped([points.count, 3])
    let members = min(max(Self.neighbours, Int(Self.share * Double(points.count))), points.count)
    var axes: [[SIMD3<Double>]] = []
    var spreads: [[Double]] = []
    var farthest: [Double] = []
    for rows in try coordinates.split(size: Self.chunk) {
      let near = try PlainCloudFeatures.squaredDistances(
        rows.expandingDimension(at: 0), coordinates.expandingDimension(at: 0)
      ).selected(0).bottom(members)
      farthest += try near.values.selected(members - 1, along: 1).clamped(from: 0).squareRoot().array(
        of: Double.self)
      let local = try coordinates.gathered(at: near.indices.reshaped([-1])).reshaped([-1, members, 3])
      let centred = try local - rows.expandingDimension(at: 1)
      let (values, vectors) = try (centred.transposed().matmul(centred) / Double(members)).symmetricEigen()
      let directions: [Double] = try vectors.transposed().contiguous().array()
      axes += stride(from: 0, to: directions.count, by: 9).map { start in
        (0..<3).map {
          SIMD3(directions[start + 3 * $0], directions[start + 3 * $0 + 1], directions[start + 3 * $0 + 2])
        }
      }
      let deviations: [Double] = try values.clamped(from: 0).squareRoot().array()
      spreads += stride(from: 0, to: deviations.count, by: 3).map { Array(deviations[$0..<$0 + 3]) }
    }
    let greatest = max(Self.longest * farthest.sorted()[farthest.count / 2], Self.thinnest)
    let halves = spreads.map { $0.map { min(max(Self.reach * $0, Self.thinnest), greatest) } }
    self.axes = zip(axes, halves).map { axes, halves in zip(axes, halves).map { $0 / $1 } }
    radii = halves.map { $0.max() ?? 0 }
    let border = Double(Self.margin) + greatest.rounded(.up)
    low = first - border * cell
    let nodes = ((last - first) / cell).rounded(.up) + 2 * border + 1
    counts = SIMD3(Int(nodes.x), Int(nodes.y), Int(nodes.z))
  }

  /// For each point the direction of length 1 along which its neighbourhood extends least.
  var directionsAcross: [SIMD3<Double>] {
    axes.map { axes in axes[0] / (axes[0] * axes[0]).sum().squareRoot() }
  }

  /// The sum of all splats less the level, at the nodes of a grid.
  func grid() -> ScalarGrid {
    var grid = ScalarGrid(
      counts: counts, values: Array(repeating: -Self.level, count: counts.x * counts.y * counts.z),
      origin: low,
      cell: cell)
    let strides = grid.strides
    for ((point, axes), radius) in zip(zip(points, axes), radii) {
      let place = (point - low) / cell
      let (from, to) = ((place - radius).rounded(.up), (place + radius).rounded(.down))
      for z in Int(from.z)...max(Int(from.z), Int(to.z)) {
        for y in Int(from.y)...max(Int(from.y), Int(to.y)) {
          for x in Int(from.x)...max(Int(from.x), Int(to.x)) {
            let offset = SIMD3(Double(x), Double(y), Double(z)) - place
            let (a, b, c) = ((offset * axes[0]).sum(), (offset * axes[1]).sum(), (offset * axes[2]).sum())
            let rest = 1 - a * a - b * b - c * c
            guard rest > 0 else { continue }
            grid.values[(SIMD3(x, y, z) &* strides).wrappedSum()] += Float(rest * rest * rest)
          }
        }
      }
    }
    return grid
  }
}
