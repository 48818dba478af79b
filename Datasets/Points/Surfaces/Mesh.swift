import RandomNumbers

/// A surface of triangles.
struct Mesh: Sendable {
  /// Corners.
  private(set) var vertices: [SIMD3<Float>] = []
  /// The three corners of each triangle.
  private(set) var triangles: [SIMD3<Int32>] = []

  /// Adds a corner and answers its number.
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
