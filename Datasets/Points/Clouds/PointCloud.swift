/// Points in space, without any connection between them.
public struct PointCloud: Sendable, Equatable {
  /// `[count, 3]` row-major: x, y and z of each point.
  public var coordinates: [Float]

  /// How many points there are.
  public var count: Int { coordinates.count / 3 }

  /// Makes a cloud of coordinates.
  ///
  /// - Precondition: their number is a multiple of 3.
  public init(_ coordinates: [Float]) {
    precondition(coordinates.count % 3 == 0, "a cloud has whole points only")
    self.coordinates = coordinates
  }

  /// The place of a point, in double precision.
  subscript(index: Int) -> SIMD3<Double> {
    SIMD3(
      Double(coordinates[3 * index]), Double(coordinates[3 * index + 1]), Double(coordinates[3 * index + 2]))
  }

  /// The first point with a coordinate that is not finite.
  var firstNonFinite: Int? { coordinates.firstIndex { !$0.isFinite }.map { $0 / 3 } }
}
