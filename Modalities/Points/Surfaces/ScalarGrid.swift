/// Numbers at the nodes of a regular grid: above 0 inside a shape. The nodes at the border are outside.
struct ScalarGrid {
  /// Nodes along each axis.
  let counts: SIMD3<Int>
  /// The numbers, x fastest.
  var values: [Float]
  /// Where the first node lies, and how far the next one is.
  let origin: SIMD3<Double>
  /// The length of a cell's side.
  let cell: Double

  /// How far the next node of each axis is in `values`.
  var strides: SIMD3<Int> { SIMD3(1, counts.x, counts.x * counts.y) }

  /// The coordinates of a place that is counted in cells.
  func place(_ cells: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3<Float>(origin + SIMD3<Double>(cells) * cell)
  }

  /// Makes everything inside that cannot be reached from the border: shapes are solid, and what is closed has no second surface within.
  mutating func fillCavities() {
    var isOutside = [Bool](repeating: false, count: values.count)
    var open = [0]
    isOutside[0] = true
    let strides = strides
    while let node = open.popLast() {
      let place = SIMD3(node % counts.x, node / counts.x % counts.y, node / strides.z)
      for axis in 0..<3 {
        for (step, isPossible) in [(-1, place[axis] > 0), (1, place[axis] < counts[axis] - 1)]
        where isPossible {
          let next = node + step * strides[axis]
          if !isOutside[next], values[next] <= 0 {
            isOutside[next] = true
            open.append(next)
          }
        }
      }
    }
    for node in values.indices where !isOutside[node] && values[node] <= 0 { values[node] = Self.filled }
  }

  /// What a filled node holds: as much inside as a splat's own middle.
  private static let filled: Float = 0.75
}

/// Finds where the numbers of a grid cross 0: each cube is cut into six tetrahedra, the same way in all, and each of these by a triangle or
/// two (Doi and Koide, "An efficient method of triangulating equi-valued surfaces by using tetrahedral cells", 1991).
///
/// Neighbouring tetrahedra share whole faces, so the surface is closed and no edge has more than two triangles, whatever the numbers are.
enum MarchingTetrahedra {
  /// How near to a node a crossing may lie, in parts of an edge: nearer, triangles would shrink to nothing.
  private static let margin: Float = 0.05

  /// The tetrahedra of a cube: ways from its first to its last corner, one axis after the other.
  private static let tetrahedra: [[SIMD3<Int>]] = [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ].map { order in
    var corner = SIMD3(0, 0, 0)
    return [corner]
      + order.map { axis in
        corner[axis] = 1
        return corner
      }
  }

  /// The triangles of a tetrahedron by which of its corners are inside, as pairs of corners that a crossing lies between.
  private static let cases: [[[[(Int, Int)]]]] = tetrahedra.map { corners in
    (0..<16).map { inside in
      let within = (0..<4).filter { inside & (1 << $0) != 0 }
      let without = (0..<4).filter { inside & (1 << $0) == 0 }
      let faces: [[(Int, Int)]] =
        switch (within.count, without.count) {
        case (1, 3): [without.map { (within[0], $0) }]
        case (3, 1): [within.map { ($0, without[0]) }]
        case (2, 2):
          [
            [(within[0], without[0]), (within[0], without[1]), (within[1], without[1])],
            [(within[0], without[0]), (within[1], without[1]), (within[1], without[0])],
          ]
        default: []
        }
      return faces.map { face in isOutward(face, corners) ? face : [face[0], face[2], face[1]] }
    }
  }

  /// Whether the middles of a triangle's edges run counter-clockwise as seen from outside.
  private static func isOutward(_ face: [(Int, Int)], _ corners: [SIMD3<Int>]) -> Bool {
    let middles = face.map { corners[$0.0] &+ corners[$0.1] }
    let (a, b) = (middles[1] &- middles[0], middles[2] &- middles[0])
    let normal = SIMD3(
      a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    // From all corners inside to those outside: edges of a triangle may lie across each other.
    let outward = face.reduce(SIMD3(0, 0, 0)) { $0 &+ corners[$1.1] &- corners[$1.0] }
    return (normal &* outward).wrappedSum() > 0
  }

  /// The surface, its places counted in cells.
  static func surface(of grid: ScalarGrid) -> SurfaceMesh {
    var mesh = SurfaceMesh(vertices: [], triangles: [])
    let strides = grid.strides
    // An edge of the subdivision leads from a node along one to three axes: 7 edges for each node.
    var crossings = [Int32](repeating: -1, count: 7 * grid.values.count)
    func crossing(_ first: Int, _ last: Int, at node: SIMD3<Int>, _ corners: [SIMD3<Int>]) -> Int32 {
      let (low, high) = (corners[min(first, last)], corners[max(first, last)])
      let (start, end) = (node &+ low, node &+ high)
      let step = high &- low
      let from = (start &* strides).wrappedSum()
      let slot = 7 * from + step.x + 2 * step.y + 4 * step.z - 1
      if crossings[slot] >= 0 { return crossings[slot] }
      let (a, b) = (grid.values[from], grid.values[(end &* strides).wrappedSum()])
      let share = min(max(a / (a - b), margin), 1 - margin)
      crossings[slot] = Int32(mesh.vertices.count)
      mesh.vertices.append(SIMD3<Float>(start) + SIMD3<Float>(step) * share)
      return crossings[slot]
    }
    for z in 0..<grid.counts.z - 1 {
      for y in 0..<grid.counts.y - 1 {
        for x in 0..<grid.counts.x - 1 {
          let node = SIMD3(x, y, z)
          let first = (node &* strides).wrappedSum()
          var insideCount = 0
          for corner in 0..<8 {
            let place = first + (corner & 1) + (corner >> 1 & 1) * strides.y + (corner >> 2) * strides.z
            if grid.values[place] > 0 { insideCount += 1 }
          }
          guard insideCount % 8 != 0 else { continue }
          for (corners, faces) in zip(tetrahedra, cases) {
            var inside = 0
            for (number, corner) in corners.enumerated()
            where grid.values[first + (corner &* strides).wrappedSum()] > 0 { inside |= 1 << number }
            for face in faces[inside] {
              let corners = face.map { crossing($0.0, $0.1, at: node, corners) }
              mesh.triangles.append(SIMD3(corners[0], corners[1], corners[2]))
            }
          }
        }
      }
    }
    return mesh
  }
}
