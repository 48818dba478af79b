import RandomNumbers

/// A surface of triangles.
struct Mesh: Sendable {
  /// Corners.
  private(set) var vertices: [SIMD3<Float>] = []
  /// The three corners of each triangle.
  private(set) var triangles: [SIMD3<Int32>] = []

  /// Adds a corner and returns its index.
  @discardableResult
  mutating func add(_ vertex: SIMD3<Float>) -> Int32 {
    vertices.append(vertex)
    return Int32(vertices.count - 1)
  }

  /// Adds a flat convex face as triangles around its first corner. Corners may be added after their faces; whoever
  /// reads a file looks at `unknownCorner` in the end.
  mutating func addFace(_ corners: some RandomAccessCollection<Int32>) {
    guard let first = corners.first else { return }
    for (second, third) in zip(corners.dropFirst(), corners.dropFirst(2)) {
      triangles.append(SIMD3(first, second, third))
    }
  }

  /// A corner that a triangle has and the mesh has not.
  var unknownCorner: Int32? {
    for triangle in triangles {
      for corner in 0..<3 where !vertices.indices.contains(Int(triangle[corner])) { return triangle[corner] }
    }
    return nil
  }

  /// Points spread evenly over the surface: triangles by their area, places in a triangle uniformly (Osada et al.,
  /// "Shape distributions", 2002).
  ///
  /// - Returns: nil where the surface has no area.
  func sampled(_ count: Int, seed: UInt64) -> PointCloud? {
    var sums: [Double] = []
    sums.reserveCapacity(triangles.count)
    var total = 0.0
    for index in triangles.indices {
      total += area(index)
      sums.append(total)
    }
    guard total > 0, total.isFinite else { return nil }
    var random = SplitMix64(seed: seed)
    var coordinates: [Float] = []
    coordinates.reserveCapacity(3 * count)
    for _ in 0..<count {
      let target = random.unit() * total
      let triangle = triangles[sums.partition(above: target)]
      let root = random.unit().squareRoot()
      let share = random.unit()
      let point =
        place(triangle.x) * (1 - root) + place(triangle.y) * (root * (1 - share))
        + place(triangle.z) * (root * share)
      coordinates.append(Float(point.x))
      coordinates.append(Float(point.y))
      coordinates.append(Float(point.z))
    }
    return PointCloud(coordinates)
  }

  /// A number that equal meshes share, for drawing from them.
  var contentSeed: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x0000_0100_0000_01b3 }
    for vertex in vertices { for axis in 0..<3 { mix(vertex[axis].bitPattern) } }
    for triangle in triangles { for corner in 0..<3 { mix(UInt32(bitPattern: triangle[corner])) } }
    return hash
  }

  private func place(_ vertex: Int32) -> SIMD3<Double> { SIMD3<Double>(vertices[Int(vertex)]) }

  private func area(_ index: Int) -> Double {
    let triangle = triangles[index]
    let first = place(triangle.x)
    let (a, b) = (place(triangle.y) - first, place(triangle.z) - first)
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    return (cross * cross).sum().squareRoot() / 2
  }
}

extension [Double] {
  /// In ascending sums, the place of the first above a target; the last place where there is none.
  fileprivate func partition(above target: Double) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// A block of cubes, some of which are full.
struct VoxelGrid {
  /// A side of a full cube that has no full cube beside it: the cube, its axis and whether the side is the upper one.
  private struct Face {
    var cube: SIMD3<Int>
    var axis: Int
    var isUpper: Bool
  }

  private let shape: [Int]
  private let isFull: [Bool]
  /// How many exposed faces there are. They are counted and found again instead of kept: a file of one byte a cube
  /// would otherwise ask for two hundred times as much memory.
  private var faceCount = 0
  /// A number that equal grids share, for drawing from them.
  private(set) var contentSeed: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Finds the exposed faces.
  ///
  /// - Parameters:
  ///   - shape: how many cubes there are along x, y and z, at least one.
  ///   - isFull: whether each is full, row-major.
  init(shape: [Int], isFull: [Bool]) {
    (self.shape, self.isFull) = (shape, isFull)
    for place in isFull.indices where isFull[place] {
      contentSeed = (contentSeed ^ UInt64(place)) &* 0x0000_0100_0000_01b3
    }
    var count = 0
    forEachFace { _ in count += 1 }
    faceCount = count
  }

  /// Hands over the exposed faces, always in the same order.
  private func forEachFace(_ body: (Face) -> Void) {
    let strides = [shape[1] * shape[2], shape[2], 1]
    for x in 0..<shape[0] {
      for y in 0..<shape[1] {
        for z in 0..<shape[2] {
          let cube = SIMD3(x, y, z)
          let place = x * strides[0] + y * strides[1] + z
          guard isFull[place] else { continue }
          for axis in 0..<3 {
            if cube[axis] == 0 || !isFull[place - strides[axis]] {
              body(Face(cube: cube, axis: axis, isUpper: false))
            }
            if cube[axis] == shape[axis] - 1 || !isFull[place + strides[axis]] {
              body(Face(cube: cube, axis: axis, isUpper: true))
            }
          }
        }
      }
    }
  }

  /// Points spread evenly over the exposed faces, each moved inwards by up to half a cube, so that the grid's planes
  /// do not show. The unit is a cube.
  ///
  /// - Returns: nil where no cube is full.
  func sampled(_ count: Int, seed: UInt64) -> PointCloud? {
    guard faceCount > 0 else { return nil }
    var random = SplitMix64(seed: seed)
    let draws = (0..<count).map { _ in
      let face = Int(random.next().multipliedFullWidth(by: UInt64(faceCount)).high)
      return (face: face, inside: SIMD3(random.unit(), random.unit(), random.unit()))
    }
    // In the order of the faces, which pass by once.
    let order = draws.indices.sorted { draws[$0].face < draws[$1].face }
    var coordinates = [Float](repeating: 0, count: 3 * count)
    var (number, next) = (0, 0)
    forEachFace { face in
      while next < count, draws[order[next]].face == number {
        let point = order[next]
        for axis in 0..<3 {
          let inside = draws[point].inside[axis]
          let share = axis != face.axis ? inside : face.isUpper ? 1 - inside / 2 : inside / 2
          coordinates[3 * point + axis] = Float(Double(face.cube[axis]) + share)
        }
        next += 1
      }
      number += 1
    }
    return PointCloud(coordinates)
  }
}
