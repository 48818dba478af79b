import RandomNumbers

/// How the vertices of a file are taken.
struct VertexRules: Sendable {
  /// What coordinates are kept relative to.
  var origin = SIMD3<Double>()
  /// Whether rows with numbers that are not finite are left out and counted, instead of being an error.
  var skipsBad = false
}

/// A surface of flat faces, each taken as triangles around its first corner; `cutFaces` makes that right for concave ones.
///
/// Corners are kept, not triangles: a file may say a corner in one byte, and a triangle has three.
struct Mesh: Sendable {
  /// How vertices are taken.
  let rules: VertexRules
  /// What was assumed of a file, in words.
  var notes: [String] = []
  /// x, y and z of each vertex, relative to the origin of the rules. Those of a row that was left out are not finite: faces
  /// count vertices by their rows.
  private(set) var coordinates: [Float] = []
  /// The box around the vertices that are finite.
  private(set) var bounds = CoordinateBounds()
  /// How many vertices are not finite.
  private(set) var unusableCount = 0
  /// Of each face the number of its corners, then these.
  private var faces: [Int32] = []
  /// How many triangles the faces have.
  private(set) var triangleCount = 0

  /// Begins without vertices.
  init(_ rules: VertexRules = VertexRules()) { self.rules = rules }

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
  mutating func add(_ vertex: SIMD3<Double>) -> Int32 {
    if vertex.isFinite {
      bounds.add(vertex)
      let offset = vertex - rules.origin
      for axis in 0..<3 { coordinates.append(Float(offset[axis])) }
    } else {
      unusableCount += 1
      for _ in 0..<3 { coordinates.append(.nan) }
    }
    return Int32(vertexCount - 1)
  }

  /// Adds a vertex and returns its index.
  @discardableResult
  mutating func add(_ vertex: SIMD3<Float>) -> Int32 { add(SIMD3<Double>(vertex)) }

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

  /// Cuts concave faces into triangles: those around the first corner would reach beyond the face.
  ///
  /// - Returns: the number of corners of a face that is too long for it, whose faces then stay as they are; nil where all
  ///   is well.
  mutating func cutFaces() -> Int? {
    var cut: [Int32] = []
    var (place, taken) = (0, 0)
    var work = Polygon.mostWork
    while place < faces.count {
      let end = place + 1 + Int(faces[place])
      if end - place > 4 {
        let corners = faces[place + 1..<end]
        if let polygon = Polygon(corners.map { self.place($0) }), !polygon.isFan {
          guard let triangles = polygon.triangles(work: &work) else { return corners.count }
          cut.append(contentsOf: faces[taken..<place])
          for triangle in triangles {
            cut.append(3)
            for corner in 0..<3 { cut.append(corners[corners.startIndex + triangle[corner]]) }
          }
          triangleCount += triangles.count - (corners.count - 2)
          taken = end
        }
      }
      place = end
    }
    if taken > 0 { faces = cut + faces[taken...] }
    return nil
  }

  /// The vertices that are finite, as a cloud.
  var cloud: PointCloud {
    guard unusableCount > 0 else { return PointCloud(coordinates, origin: rules.origin) }
    let kept = (0..<vertexCount).filter { !coordinates[3 * $0].isNaN }
    return PointCloud(kept.flatMap { coordinates[3 * $0..<3 * $0 + 3] }, origin: rules.origin)
  }

  /// Points spread evenly over the surface: triangles by their area, places in a triangle uniformly (Osada et al.,
  /// "Shape distributions", 2002). Triangles with a vertex that is not finite have none.
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
    return PointCloud(coordinates, origin: rules.origin)
  }

  /// A number that equal meshes share, for drawing from them.
  var contentSeed: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x0000_0100_0000_01b3 }
    for number in coordinates { mix(number.bitPattern) }
    if rules.origin != SIMD3() {
      for axis in 0..<3 { mix(Float(rules.origin[axis]).bitPattern) }
    }
    forEachTriangle { triangle in for corner in 0..<3 { mix(UInt32(bitPattern: triangle[corner])) } }
    return hash
  }

  private func place(_ index: Int32) -> SIMD3<Double> { SIMD3<Double>(vertex(Int(index))) }

  private func area(_ triangle: SIMD3<Int32>) -> Double {
    let first = place(triangle.x)
    let (a, b) = (place(triangle.y) - first, place(triangle.z) - first)
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    let area = (cross * cross).sum().squareRoot() / 2
    return area.isFinite ? area : 0
  }
}
