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
