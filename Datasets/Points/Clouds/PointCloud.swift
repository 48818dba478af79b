import RandomNumbers

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

extension PointCloud {
  /// A sample of the points, in random order.
  ///
  /// They are drawn without replacement. Where there are fewer than asked for, all of them are taken as often as they fit,
  /// and the rest drawn without replacement.
  ///
  /// - Parameters:
  ///   - count: how many points.
  ///   - draw: decides which points, so the same word gives the same sample.
  /// - Precondition: the cloud is not empty.
  public func drawn(_ count: Int, draw: UInt64) -> PointCloud {
    var order = Array(0..<Int32(self.count))
    var random = SplitMix64(seed: draw)
    var sample: [Float] = []
    sample.reserveCapacity(3 * count)
    for position in 0..<count {
      // Fisher and Yates's shuffle, as far as it is needed; over again at the end of the cloud.
      let place = position % order.count
      let rest = UInt64(order.count - place)
      order.swapAt(place, place + Int(random.next().multipliedFullWidth(by: rest).high))
      let point = 3 * Int(order[place])
      sample.append(contentsOf: coordinates[point..<point + 3])
    }
    return PointCloud(sample)
  }
}
