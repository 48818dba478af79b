import RandomNumbers

/// A surface of flat convex faces, each taken as triangles around its first corner.
///
/// Corners are kept, not triangles: a file may say a corner in one byte, and a triangle has three.
struct Mesh: Sendable {
  /// x, y and z of each vertex.
  private(set) var coordinates: [Float] = []
  /// Of each face the number of its corners, then these.
  private var faces: [Int32] = []
  /// How many triangles the faces have.
  private(set) var triangleCount = 0

  /// How many vertices there are.
  var vertexCount: Int { coordinates.count / 3 }

  /// A vertex by its index.
  func vertex(_ index: Int) -> SIMD3<Float> {
    SIMD3(coordinates[3 * index], coordinates[3 * index + 1], coordinates[3 * index + 2])
  }

  /// Makes room at once, where a file tells how much may come: growing would take three times as much for a moment.
  ///
  /// - Parameters:
  ///   - vertices: how many more.
  ///   - corners: how many more corners of faces, and faces, together.
  mutating func reserve(vertices: Int, corners: Int) {
    coordinates.reserveCapacity(coordinates.count + 3 * vertices)
    faces.reserveCapacity(faces.count + corners)
  }

  /// Adds a vertex and returns its index.
  @discardableResult
  mutating func add(_ vertex: SIMD3<Float>) -> Int32 {
    for axis in 0..<3 { coordinates.append(vertex[axis]) }
    return Int32(vertexCount - 1)
  }

  /// Adds a face. Vertices may be added after the faces that they belong to; whoever reads a file looks at `unknownCorner` in
  /// the end.
  mutating func addFace(_ corners: some RandomAccessCollection<Int32>) {
    addFace(of: corners.count) { corners[corners.index(corners.startIndex, offsetBy: $0)] }
  }

  /// Adds a face whose corners are asked for one after the other. One of less than three corners has no area and is left out.
  ///
  /// - Throws: what `corner` throws; the mesh is of no use then.
  mutating func addFace(of count: Int, corner: (Int) throws -> Int32) rethrows {
    let start = faces.count
    // The number is written when all corners are there: a file may announce more than a number can hold.
    faces.append(0)
    for index in 0..<count { faces.append(try corner(index)) }
    if count >= 3 {
      faces[start] = Int32(count)
      triangleCount += count - 2
    } else {
      faces.removeSubrange(start...)
    }
  }

  /// Hands over the corners of each triangle, in order.
  func forEachTriangle(_ body: (SIMD3<Int32>) -> Void) {
    var place = 0
    while place < faces.count {
      let end = place + 1 + Int(faces[place])
      for third in place + 3..<end { body(SIMD3(faces[place + 1], faces[third - 1], faces[third])) }
      place = end
    }
  }

  /// A corner that a face has and the mesh has not.
  var unknownCorner: Int32? {
    let known = 0..<Int32(vertexCount)
    var place = 0
    while place < faces.count {
      let end = place + 1 + Int(faces[place])
      if let unknown = faces[place + 1..<end].first(where: { !known.contains($0) }) { return unknown }
      place = end
    }
    return nil
  }

  /// Points spread evenly over the surface: triangles by their area, places in a triangle uniformly (Osada et al.,
  /// "Shape distributions", 2002).
  ///
  /// - Returns: nil where the surface has no area.
  func sampled(_ count: Int, seed: UInt64) -> PointCloud? {
    var total = 0.0
    forEachTriangle { total += area($0) }
    guard total > 0, total.isFinite else { return nil }
    var random = SplitMix64(seed: seed)
    let draws = (0..<count).map { _ in
      let target = random.unit() * total
      return (target: target, root: random.unit().squareRoot(), share: random.unit())
    }
    // In the order of the triangles, which pass by once more: sums of their areas would take more memory than the file.
    let order = draws.indices.sorted { draws[$0].target < draws[$1].target }
    var coordinates = [Float](repeating: 0, count: 3 * count)
    var (sum, number, next) = (0.0, 0, 0)
    forEachTriangle { triangle in
      sum += area(triangle)
      number += 1
      // Sums may round to less than the last target.
      while next < count, draws[order[next]].target < sum || number == triangleCount {
        let (root, share) = (draws[order[next]].root, draws[order[next]].share)
        let point =
          place(triangle.x) * (1 - root) + place(triangle.y) * (root * (1 - share))
          + place(triangle.z) * (root * share)
        for axis in 0..<3 { coordinates[3 * order[next] + axis] = Float(point[axis]) }
        next += 1
      }
    }
    return PointCloud(coordinates)
  }

  /// A number that equal meshes share, for drawing from them.
  var contentSeed: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x0000_0100_0000_01b3 }
    for number in coordinates { mix(number.bitPattern) }
    forEachTriangle { triangle in for corner in 0..<3 { mix(UInt32(bitPattern: triangle[corner])) } }
    return hash
  }

  private func place(_ index: Int32) -> SIMD3<Double> { SIMD3<Double>(vertex(Int(index))) }

  private func area(_ triangle: SIMD3<Int32>) -> Double {
    let first = place(triangle.x)
    let (a, b) = (place(triangle.y) - first, place(triangle.z) - first)
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    return (cross * cross).sum().squareRoot() / 2
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
