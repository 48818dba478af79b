import Torch

extension Tensor {
  /// Clouds `[B, N, 3]` with more points, `[B, count, 3]`: their own, then others on the ways from points to one of their
  /// nearest, half of the way at most, so that no gap of a shape is bridged that its own points do not bridge.
  ///
  /// Which points and how far is drawn once for all clouds, so that point n of one still corresponds to point n of another.
  func thickened(to count: Int, using stream: inout RandomStream) throws -> Tensor {
    let (batch, points) = (shape[0], shape[1])
    let neighbours = Swift.min(3, points - 1)
    guard count > points, neighbours > 0 else {
      return try gathered(at: Tensor((0..<count).map { $0 % points }).moved(to: device), along: 1)
    }
    let extra = count - points
    let starts = try (stream.uniform([extra]) * Double(points)).floor().converted(to: .int64).moved(
      to: device)
    let choices = try (stream.uniform([extra, 1]) * Double(neighbours)).floor().converted(to: .int64)
      .moved(to: device)
    let shares = try (stream.uniform([extra, 1]) / 2).moved(to: device)
    let isSelf = try Tensor.identity(points, dtype: .bool, device: device)
    let small = try self / units
    let clouds = try (0..<batch).map { row in
      let (cloud, places) = (try selected(row), try small.selected(row))
      let lengths = try places.squared().sum(along: 1, keepingDimensions: true)
      let squares = try lengths + lengths.transposed() - places.matmul(places.transposed()) * 2
      let nearest = try squares.filled(where: isSelf, with: .infinity).bottom(neighbours).indices
      let ends = try nearest.gathered(at: starts).gatheredElements(at: choices, along: 1)
      let from = try cloud.gathered(at: starts)
      let onto = try cloud.gathered(at: ends.squeezingDimension(at: 1))
      return try Tensor.concatenated([cloud, from + (onto - from) * shares])
    }
    return try Tensor.stacked(clouds)
  }
}
