/// A face of more than three corners, seen along its normal.
///
/// The normal is Newell's, the sum over all sides (Sutherland, Sproull and Schumacker, "A characterization of ten
/// hidden-surface algorithms", 1974), which a face that is not quite flat has too.
struct Polygon {
  /// The corners in the plane across the normal's longest axis, counter-clockwise.
  private let corners: [SIMD2<Double>]
  /// Twice the area in that plane.
  private let doubleArea: Double

  /// Looks at corners that are to be compared before all faces of a file have been cut: of a face of n corners, some of
  /// which are reflex, mostly n times their number, which takes part of a second.
  static let mostWork = 1 << 27

  /// Projects a face.
  ///
  /// - Returns: nil for a face without a normal, which no triangles represent better than others.
  init?(_ places: [SIMD3<Double>]) {
    guard let first = places.first else { return nil }
    let offsets = places.map { $0 - first }
    var normal = SIMD3<Double>()
    for index in offsets.indices.dropFirst() {
      let (a, b) = (offsets[index - 1], offsets[index])
      normal += SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
    let sizes = SIMD3(abs(normal.x), abs(normal.y), abs(normal.z))
    let longest = sizes.x >= sizes.y && sizes.x >= sizes.z ? 0 : sizes.y >= sizes.z ? 1 : 2
    guard sizes[longest] > 0, sizes[longest].isFinite else { return nil }
    doubleArea = sizes[longest]
    let (u, v) = ((longest + 1) % 3, (longest + 2) % 3)
    let isTurned = normal[longest] < 0
    corners = offsets.map { isTurned ? SIMD2($0[v], $0[u]) : SIMD2($0[u], $0[v]) }
  }

  /// Whether the triangles around the first corner are the face: none of them is turned over.
  var isFan: Bool {
    let least = -1e-9 * doubleArea
    return (2..<corners.count).allSatisfy { turn(0, $0 - 1, $0) >= least }
  }

  /// Triangles that cover the face, by cutting off ears: corners that turn left and whose triangle holds no other corner
  /// (Meisters, "Polygons have ears", 1975). Corners that follow their neighbours' line are left out. A face that crosses itself
  /// has no such triangles; then corners that turn left are cut off, whatever their triangle holds.
  ///
  /// - Parameter work: how many corners may still be looked at; less what was.
  /// - Returns: the corners of each by their numbers; nil where there is too much work.
  func triangles(work: inout Int) -> [SIMD3<Int>]? {
    let count = corners.count
    var previous = (0..<count).map { ($0 + count - 1) % count }
    var next = (0..<count).map { ($0 + 1) % count }
    var isReflex = (0..<count).map { turn(previous[$0], $0, next[$0]) < 0 }
    var triangles: [SIMD3<Int>] = []
    var (rest, corner, attempts, isForced) = (count, 0, 0, false)
    while rest > 3 {
      let (before, after) = (previous[corner], next[corner])
      let size = turn(before, corner, after)
      var isEar = size >= 0
      if size > 0, !isForced {
        // Reflex corners alone can be the first in a triangle.
        var other = next[after]
        while other != before, isEar {
          if isReflex[other], contains(before, corner, after, other) { isEar = false }
          other = next[other]
          work -= 1
        }
        guard work > 0 else { return nil }
      }
      guard isEar || isForced && attempts > rest else {
        corner = after
        attempts += 1
        // Around once without an ear, and once more without a corner that turns left.
        if attempts > rest, !isForced { (isForced, attempts) = (true, 0) }
        continue
      }
      if size > 0 { triangles.append(SIMD3(before, corner, after)) }
      (next[before], previous[after]) = (after, before)
      rest -= 1
      for neighbour in [before, after] {
        isReflex[neighbour] = turn(previous[neighbour], neighbour, next[neighbour]) < 0
      }
      // The neighbour's neighbour comes next, since fans of thin triangles round badly.
      (corner, attempts, isForced) = (next[after], 0, false)
    }
    triangles.append(SIMD3(previous[corner], corner, next[corner]))
    return triangles
  }

  /// Twice the area of a triangle, negative where its corners go clockwise.
  private func turn(_ a: Int, _ b: Int, _ c: Int) -> Double {
    let (first, second) = (corners[b] - corners[a], corners[c] - corners[a])
    return first.x * second.y - first.y * second.x
  }

  /// Whether a triangle has a corner in it or on its edge; one that lies on another, as where a hole is joined to the
  /// outline, is none of its own.
  private func contains(_ a: Int, _ b: Int, _ c: Int, _ other: Int) -> Bool {
    let place = corners[other]
    guard place != corners[a], place != corners[b], place != corners[c] else { return false }
    return turn(a, b, other) >= 0 && turn(b, c, other) >= 0 && turn(c, a, other) >= 0
  }
}
