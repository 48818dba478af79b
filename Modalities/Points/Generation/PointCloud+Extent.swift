import PointDatasets

extension PointCloud {
  /// The root mean square distance of the points from their centroid.
  var rootMeanSquareRadius: Double {
    guard count > 0 else { return 0 }
    let variance = (0..<3).reduce(0.0) { sum, axis in
      let values = stride(from: axis, to: coordinates.count, by: 3).map { Double(coordinates[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    return variance.squareRoot()
  }
}
