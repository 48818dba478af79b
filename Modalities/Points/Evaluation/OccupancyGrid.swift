import Metrics
import Torch

/// Where the points of a cloud lie, on the grid of Achlioptas et al. ("Learning representations and generative models for 3D
/// point clouds", 2018): 28 cells a side whose centres reach from -0.5 to 0.5, those whose centres lie outside the ball of
/// radius 0.5 left out. A point counts for the cell whose centre is nearest, so points beyond the ball pile up on its shell.
struct OccupancyGrid {
  /// Cells along a side of the cube.
  static let side = 28
  /// How far from the middle the nearest cell of the shell depends on little but the direction: points beyond are brought
  /// here, as differences of squares that are much larger tell nothing any more.
  private static let far = 1e5

  /// How many cells lie in the ball.
  let cellCount: Int
  /// The cell of each place of the cube, -1 outside the ball.
  private let cells: [Int]
  /// The cells with a neighbour outside the ball, and their centres `[K, 3]`: one of them is nearest to a point outside.
  private let shell: [Int]
  private let shellCentres: Tensor

  /// Lays the grid out.
  init() throws {
    let side = Self.side
    func centre(_ index: Int) -> Double { Double(index) / Double(side - 1) - 0.5 }
    var cells = [Int](repeating: -1, count: side * side * side)
    var count = 0
    for place in cells.indices {
      let position = [place / (side * side), place / side % side, place % side].map(centre)
      // The outermost centres on the axes would lie on the ball if there were any; nothing hangs on rounding.
      guard position.reduce(0, { $0 + $1 * $1 }) <= 0.25 else { continue }
      cells[place] = count
      count += 1
    }
    var shell: [Int] = []
    var centres: [Double] = []
    for place in cells.indices where cells[place] >= 0 {
      let index = [place / (side * side), place / side % side, place % side]
      let isInside = zip(index, [side * side, side, 1]).allSatisfy { axis, step in
        axis > 0 && axis < side - 1 && cells[place - step] >= 0 && cells[place + step] >= 0
      }
      guard !isInside else { continue }
      shell.append(cells[place])
      centres += index.map(centre)
    }
    (self.cells, self.shell, cellCount) = (cells, shell, count)
    shellCentres = try Tensor(centres, shape: [shell.count, 3])
  }

  /// How many points of each cloud lie in each cell.
  ///
  /// - Parameters:
  ///   - clouds: `[S, N, 3]`.
  ///   - scale: what coordinates are multiplied by before they are looked up.
  /// - Returns: `[S, cells]` in single precision.
  func counts(of clouds: Tensor, scale: Double) throws -> Tensor {
    let (samples, points) = (clouds.shape[0], clouds.shape[1])
    let scaled = try clouds.converted(to: .float64).reshaped([samples * points, 3]) * scale
    let last = Double(Self.side - 1)
    let indices = try ((scaled + 0.5) * last).rounded().clamped(from: 0, to: last)
    let steps = try Tensor([Double(Self.side * Self.side), Double(Self.side), 1])
    let places = try (indices * steps).sum(along: 1).converted(to: .int64).array(of: Int.self)
    var found = places.map { cells[$0] }
    let outside = found.indices.filter { found[$0] < 0 }
    if !outside.isEmpty {
      let points = try scaled.gathered(at: Tensor(outside))
      let size = try points.absolute().max(along: 1, keepingDimensions: true)
      let nearest = try NearestNeighbours.nearest(
        to: points / (size / Self.far).clamped(from: 1), in: shellCentres)
      for (point, place) in zip(outside, nearest) { found[point] = shell[place] }
    }
    var counts = [Float](repeating: 0, count: samples * cellCount)
    for (point, cell) in found.enumerated() { counts[point / points * cellCount + cell] += 1 }
    return try Tensor(counts, shape: [samples, cellCount])
  }
}
