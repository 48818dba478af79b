import RandomNumbers

/// Points in space, without any connection between them.
public struct PointCloud: Sendable, Equatable {
  /// `[count, 3]` row-major: x, y and z of each point, relative to `origin`.
  public var coordinates: [Float]
  /// What the coordinates are relative to, x, y and z: 0 unless a file's coordinates lie too far out for single precision.
  public let origin: SIMD3<Double>

  /// How many points there are.
  public var count: Int { coordinates.count / 3 }

  /// Makes a cloud of coordinates, relative to an origin.
  ///
  /// - Precondition: their number is a multiple of 3.
  public init(_ coordinates: [Float], origin: SIMD3<Double> = SIMD3()) {
    precondition(coordinates.count % 3 == 0, "a cloud has whole points only")
    self.coordinates = coordinates
    self.origin = origin
  }

  /// The place of a point, in double precision.
  subscript(index: Int) -> SIMD3<Double> {
    let place = SIMD3(
      Double(coordinates[3 * index]), Double(coordinates[3 * index + 1]), Double(coordinates[3 * index + 2]))
    return origin + place
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
    return PointCloud(sample, origin: origin)
  }
}

/// What normalisation asks of a cloud, in double precision.
struct CloudExtent: Equatable, Sendable {
  /// How many points there are.
  let count: Int
  /// The least and the greatest coordinates.
  private(set) var low = SIMD3<Double>()
  private(set) var high = SIMD3<Double>()
  /// The mean of all points.
  private(set) var mean = SIMD3<Double>()
  /// The distance of the farthest point from the mean.
  private(set) var radius = 0.0
  /// The sum of the squared distances from the mean.
  private(set) var squares = 0.0

  /// Measures a cloud.
  init(_ cloud: PointCloud) {
    count = cloud.count
    guard count > 0 else { return }
    (low, high) = (cloud[0], cloud[0])
    var sum = SIMD3<Double>()
    for index in 0..<count {
      let point = cloud[index]
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
      sum += point
    }
    mean = sum / Double(count)
    var farthest = 0.0
    for index in 0..<count {
      let offset = cloud[index] - mean
      let square = (offset * offset).sum()
      farthest = max(farthest, square)
      squares += square
    }
    radius = farthest.squareRoot()
  }

  /// The longest side of the bounding box.
  var longestSide: Double { (high - low).max() }
}

extension PointCloud {
  /// The root mean square distance of the points from their mean; 0 without points.
  public var rootMeanSquareRadius: Double {
    count > 0 ? (CloudExtent(self).squares / Double(count)).squareRoot() : 0
  }
}

extension PointFrame {
  /// The frame of some shapes to train on: under `global`, the mean of all their points and the standard deviation
  /// of all their coordinates from it.
  init(_ normalisation: PointNormalisation, training shapes: [CloudExtent]) {
    let count = Double(shapes.reduce(0) { $0 + $1.count })
    guard normalisation == .global, count > 0 else {
      self.init(normalisation)
      return
    }
    let mean = shapes.reduce(SIMD3<Double>()) { $0 + $1.mean * (Double($1.count) / count) }
    let variance = shapes.reduce(0.0) { sum, shape in
      let offset = shape.mean - mean
      return sum + (shape.squares + Double(shape.count) * (offset * offset).sum()) / (3 * count)
    }
    self.init(
      .global, centre: [mean.x, mean.y, mean.z], scale: variance > 0 ? variance.squareRoot() : 1)
  }
}
