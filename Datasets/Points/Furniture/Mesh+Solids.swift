import Foundation

/// A place or direction in metres: x to the front, y to the left, z up.
typealias Vector = SIMD3<Float>

extension Vector {
  var length: Float { (self * self).sum().squareRoot() }
  var unit: Vector { self / Swift.max(length, .leastNormalMagnitude) }

  func cross(_ other: Vector) -> Vector {
    Vector(
      y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }
}

extension Mesh {
  /// The mesh turned by a quarter, so that what led to the front leads to -y, as in ModelNet.
  var facingModelNetsWay: Mesh {
    var turned = Mesh()
    for vertex in (0..<vertexCount).map(vertex) { turned.add(Vector(vertex.y, -vertex.x, vertex.z)) }
    forEachTriangle { turned.addFace([$0.x, $0.y, $0.z]) }
    return turned
  }
}

/// The solids that furniture is made of. Each adds its closed surface, unless it says otherwise.
extension Mesh {
  /// A box with sides along the axes.
  mutating func addBox(x: ClosedRange<Float>, y: ClosedRange<Float>, z: ClosedRange<Float>) {
    addPrism(
      [
        Vector(x.lowerBound, y.lowerBound, z.lowerBound), Vector(x.upperBound, y.lowerBound, z.lowerBound),
        Vector(x.upperBound, y.upperBound, z.lowerBound), Vector(x.lowerBound, y.upperBound, z.lowerBound),
      ], along: Vector(0, 0, z.upperBound - z.lowerBound))
  }

  /// A flat convex outline, drawn out along a vector.
  mutating func addPrism(_ outline: [Vector], along offset: Vector) {
    addLoft([outline, outline.map { $0 + offset }])
  }

  /// A straight bar of rectangular section between two places.
  ///
  /// - Parameter width: its extent in the direction that is level and across, as far as there is one.
  mutating func addBar(from start: Vector, to end: Vector, width: Float, depth: Float) {
    let direction = (end - start).unit
    let across = direction.cross(abs(direction.z) > 0.9 ? Vector(1, 0, 0) : Vector(0, 0, 1)).unit
    let other = direction.cross(across)
    let (a, b) = (across * (width / 2), other * (depth / 2))
    addPrism([start - a - b, start + a - b, start + a + b, start - a + b], along: end - start)
  }

  /// A straight round rod between two places, as a cone where the radii differ.
  mutating func addRod(from start: Vector, to end: Vector, radius: Float, endRadius: Float? = nil) {
    addTurned([(radius, 0), (endRadius ?? radius, (end - start).length)], from: start, toward: end - start)
  }

  /// A surface of revolution.
  ///
  /// - Parameters:
  ///   - profile: distances from the axis, and places on it.
  ///   - origin: the place 0 on the axis.
  ///   - direction: where the axis leads.
  ///   - isClosed: whether discs close its ends.
  mutating func addTurned(
    _ profile: [(radius: Float, place: Float)], from origin: Vector = Vector(),
    toward direction: Vector = Vector(0, 0, 1), isClosed: Bool = true
  ) {
    let axis = direction.unit
    let across = axis.cross(abs(axis.z) > 0.9 ? Vector(1, 0, 0) : Vector(0, 0, 1)).unit
    let other = axis.cross(across)
    let sides = 24
    let rings = profile.map { radius, place in
      (0..<sides).map { side in
        let angle = 2 * Float.pi * Float(side) / Float(sides)
        return origin + axis * place + (across * cos(angle) + other * sin(angle)) * radius
      }
    }
    addLoft(rings, isClosed: isClosed)
  }

  /// A skin over outlines with equal numbers of corners, one after the other.
  mutating func addLoft(_ outlines: [[Vector]], isClosed: Bool = true) {
    let rings = outlines.map { outline in outline.map { add($0) } }
    for (near, far) in zip(rings, rings.dropFirst()) {
      for corner in near.indices {
        let next = (corner + 1) % near.count
        addFace([near[corner], near[next], far[next], far[corner]])
      }
    }
    guard isClosed, let first = rings.first, let last = rings.last else { return }
    addFace(first)
    addFace(last)
  }
}
