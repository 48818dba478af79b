import Adversarial
import PointDatasets
import Torch

/// Encodes and decodes shapes, to measure what codes can represent.
struct Reconstruction {
  /// Random samples of a shape's points that are matched and averaged: more than in training, as the shapes are few.
  private static let draws = 4

  private let codec: ShapeCodec
  private let frame: PointFrame
  private let seed: UInt64

  /// A shape with its reconstruction.
  struct Result {
    /// A random sample of its points, in the model's frame.
    let given: PointCloud
    /// The cloud that its code decodes to.
    let made: PointCloud
    /// The Chamfer distance between the two.
    let distance: Double
    /// The Chamfer distance between the sample and another one of the same shape: what a perfect code would have.
    let redrawn: Double
  }

  /// Prepares to reconstruct shapes with a model's codec, in its frame, points being drawn by a seed.
  init(codec: ShapeCodec, frame: PointFrame, seed: UInt64) {
    (self.codec, self.frame, self.seed) = (codec, frame, seed)
  }

  /// Reconstructs a shape at any position and of any size.
  func callAsFunction(of shape: PointCloud) throws -> Result {
    let normalised = frame.normalised(shape)
    let mean = try codec.shape
    var stream = RandomStream(seed: seed, name: "reconstruction")
    func tensor() throws -> Tensor {
      let points = mean.points.shape[0]
      return try Tensor(
        normalised.drawn(points, draw: stream.next()).coordinates, shape: [1, points, 3])
    }
    let (given, again) = (try tensor(), try tensor())
    let draws = try Tensor.concatenated([given] + (1..<Self.draws).map { _ in try tensor() })
    let matched = try mean.matched(draws.converted(to: .float64))
      .mean(along: 0, keepingDimensions: true).converted(to: .float32)
    let made = try withoutGradients {
      try codec.decode(codec.encode(matched.moved(to: mean.points.device))).moved(to: .cpu)
    }
    return Result(
      given: try PointCloud.clouds(of: given)[0], made: try PointCloud.clouds(of: made)[0],
      distance: try PairedDistances.chamfer(given, made).distances.item(),
      redrawn: try PairedDistances.chamfer(given, again).distances.item())
  }
}

extension Tensor {
  /// Clouds `[B, N, 3]` upsampled to `[B, count, 3]`: their own points first, then points interpolated between a point and one
  /// of its nearest neighbours, at most half-way, so that gaps of a shape stay open.
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

private let exponentOperator = Operator("aten::log2")
private let powerOperator = Operator("aten::exp2")

extension Tensor {
  /// The largest absolute coordinate of each of clouds `[B, N, 3]`, `[B, 1, 1]`, rounded to about a power of two; 1 where all
  /// are 0. Divided by it, coordinates have squares within the range of single precision. It has no gradient, which leaves
  /// the gradient of a norm that is computed in these units and scaled back unchanged.
  var units: Tensor {
    get throws {
      let largest = try detached().absolute().max(along: 1, 2, keepingDimensions: true)
      let exponents = try exponentOperator(
        .tensor(largest.filled(where: largest.equals(0), with: 1)))
      return try powerOperator(.tensor(exponents.floor()))
    }
  }

  /// Clouds `[B, N, 3]`, each brought by itself into the box or sphere that its rule prescribes; as they are under the rules
  /// that treat all clouds alike. Differentiable and computed on the device without reading values back, unlike `PointFrame`.
  func framed(_ rule: PointNormalisation) throws -> Tensor {
    guard let (centre, size) = try placement(rule) else { return self }
    return try (self - centre) / size
  }

  /// Clouds `[B K, N, 3]`, each moved and scaled by itself so that its box or sphere is that of its origin, one of clouds
  /// `[B, N, 3]` for K; as they are under the rules that treat all clouds alike.
  ///
  /// Points that are drawn from a surface do not fill its box: filled to the rim, a cloud would be told from them.
  func framed(_ rule: PointNormalisation, as origins: Tensor) throws -> Tensor {
    guard let own = try placement(rule), let wanted = try origins.placement(rule) else { return self }
    let shape = [origins.shape[0], -1, shape[1], 3]
    let unit = try ((self - own.centre) / own.size).reshaped(shape)
    return try (unit * wanted.size.expandingDimension(at: 1) + wanted.centre.expandingDimension(at: 1))
      .reshaped(self.shape)
  }

  /// Where the boxes or spheres of clouds `[B, N, 3]` lie, `[B, 1, 3]`, and half how large they are, `[B, 1, 1]`: 1 of a cloud
  /// whose points are all at one place, which is moved and not scaled. Nil under the rules that treat all clouds alike.
  private func placement(_ rule: PointNormalisation) throws -> (centre: Tensor, size: Tensor)? {
    let centre: Tensor
    let size: Tensor
    switch rule {
    case .box:
      let (low, high) = (
        try min(along: 1, keepingDimensions: true), try max(along: 1, keepingDimensions: true)
      )
      centre = try (low + high) / 2
      size = try (high - low).max(along: 2, keepingDimensions: true) / 2
    case .sphere:
      centre = try mean(along: 1, keepingDimensions: true)
      let offsets = try self - centre
      let unit = try offsets.units
      size =
        try (offsets / unit).squared().sum(along: 2, keepingDimensions: true)
        .max(along: 1, keepingDimensions: true).squareRoot() * unit
    case .global, .none: return nil
    }
    return (centre, try size.filled(where: size.equals(0), with: 1))
  }
}
