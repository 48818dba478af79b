/// Where clouds are moved to and how large they are made. Scores of clouds depend on it, so they compare under one
/// rule only.
public enum PointNormalisation: String, CaseIterable, Codable, Sendable {
  /// Each shape by itself: the middle of its bounding box goes to 0, and its longest side spans [-1, 1].
  case box
  /// Each shape by itself: the mean of its points goes to 0, and the farthest point to a distance of 1.
  case sphere
  /// All shapes alike: the mean of all points to train on goes to 0, and the standard deviation of their
  /// coordinates becomes 1.
  case global
  /// Points stay where they are.
  case none
}

/// A shift and a scale: points become `(point - centre) * scale`.
struct Placement: Equatable, Sendable {
  var centre = SIMD3<Double>()
  var scale = 1.0

  /// Appends a point, moved.
  @inline(__always)
  func append(_ x: Float, _ y: Float, _ z: Float, to coordinates: inout [Float]) {
    coordinates.append(Float((Double(x) - centre.x) * scale))
    coordinates.append(Float((Double(y) - centre.y) * scale))
    coordinates.append(Float((Double(z) - centre.z) * scale))
  }

  /// Moves a cloud.
  func moved(_ cloud: PointCloud) -> PointCloud {
    guard self != Placement() else { return cloud }
    var moved: [Float] = []
    moved.reserveCapacity(cloud.coordinates.count)
    for index in 0..<cloud.count {
      let place = 3 * index
      append(
        cloud.coordinates[place], cloud.coordinates[place + 1], cloud.coordinates[place + 2], to: &moved)
    }
    return PointCloud(moved)
  }
}
