import Torch

/// How shapes of latent networks are deformed into others.
public enum DeformationLaw: String, Codable, CaseIterable, Sendable {
  /// A shape takes the proportions of another one, half of the way to all of it: an affine map, so that what is straight or flat stays
  /// so, and one that keeps the shape's own mirror planes.
  case proportions
  /// A shape varies as it differs from those most like it: sums of quadratic polynomials. More of it is new, and legs bend.
  case bending

  /// Numbers that a latent gives for a deformation towards so many shapes.
  func amountCount(_ others: Int) -> Int { self == .proportions ? others + 1 : others }

  /// The share of each shape that is deformed towards, `[..., C]`, of normal numbers `[..., amountCount(C)]`.
  func shares(of amounts: Tensor) throws -> Tensor {
    let numbers = amounts.shape[amounts.rank - 1]
    switch self {
    case .bending:
      // Independent weights of variance 1 give sums as large as one deformation.
      return try amounts / Double(numbers).squareRoot()
    case .proportions:
      let last = amounts.rank - 1
      let choice = try (amounts.narrowed(along: last, start: 0, count: numbers - 1) * Self.sharpness)
        .softmax()
      let way = try amounts.narrowed(along: last, start: numbers - 1, count: 1).tanh() * 0.25 + 0.75
      return try choice * way
    }
  }

  /// Factor of the numbers that choose among shapes: mostly one is taken, and the choice still has a gradient.
  private static let sharpness = 10.0
}

/// Affine maps that give each shape the proportions of others.
enum ProportionMaps {
  /// Ridge added to the diagonal of the normal equations, for flat shapes.
  private static let ridge = 0.003
  /// The same for terms that would break a mirror plane.
  private static let forbidding = 1e6

  /// The map from each of clouds `[B, N, 3]` that brings it nearest to each of its own partners `[B C, N, 3]`, point by point, by least
  /// squares: coefficients `[B, C, 30]` of a `Deformation`, those of quadratic terms 0.
  static func found(from clouds: Tensor, to partners: Tensor, _ deformation: Deformation) throws -> Tensor {
    let (shapes, points) = (clouds.shape[0], clouds.shape[1])
    let count = partners.shape[0] / shapes
    let moves = try (partners.reshaped([shapes, count, points, 3]) - clouds.expandingDimension(at: 1))
      .permuted(0, 3, 2, 1)
    let terms = try deformation.terms(of: clouds).narrowed(along: 2, start: 0, count: 4)
    let transposed = try terms.transposed() / Double(points)
    let products = try transposed.matmul(terms).expandingDimension(at: 1)
    let ridges =
      try (crossedTerms(MirrorPlanes.found(in: clouds)) * forbidding + ridge)
      .expandingDimension(at: 3) * Tensor.identity(4)
    return try (products + ridges).solving(transposed.expandingDimension(at: 1).matmul(moves))
      .permuted(0, 3, 2, 1).padded(0, 0, 0, Deformation.terms - 4)
      .reshaped([shapes, count, Deformation.count])
  }

  /// For each axis that moves, the terms `1, x, y, z` that mix it with an axis across a mirror plane, as 1 among zeros `[B, 3, 4]`.
  private static func crossedTerms(_ mirrored: Tensor) throws -> Tensor {
    let (left, right) = (try mirrored.expandingDimension(at: 2), try mirrored.expandingDimension(at: 1))
    let either = try left + right - left * right
    return try (either * (Tensor.ones([3, 3]) - Tensor.identity(3))).padded(1, 0)
  }
}

/// The planes across an axis in which a shape is its own mirror image.
enum MirrorPlanes {
  /// Points of a shape whose mirror images are looked for, at most.
  private static let looked = 256
  /// How much farther a mirror image may lie from the shape, in the mean, than a point from its nearest neighbour: samples of one
  /// surface lie about as far from each other as from themselves.
  private static let tolerance = 1.5

  /// Clouds that are worked on at a time: their distances stay in the cache.
  private static let chunk = 4

  /// For each of clouds `[B, N, 3]` whether it has a mirror plane across each axis, through the middle of its box: 1 or 0, `[B, 3]`.
  static func found(in clouds: Tensor) throws -> Tensor {
    try Tensor.concatenated(clouds.split(size: chunk).map { try found(inFew: $0) })
  }

  private static func found(inFew clouds: Tensor) throws -> Tensor {
    let middle =
      try (clouds.min(along: 1, keepingDimensions: true) + clouds.max(along: 1, keepingDimensions: true)) / 2
    let centred = try clouds - middle
    let points = clouds.shape[1]
    let chosen = try PlainCloudFeatures.thinned(centred, to: looked)
    let isSelf = try Tensor(EvenSpread.indices(looked, outOf: points)).expandingDimension(at: 1)
      .equals(Tensor(Array(0..<points)))
    // A lone point has no other.
    let own = try nearest(chosen, in: centred, except: points > 1 ? isSelf : nil)
    let ratios = try (0..<3).map { axis in
      let signs = try Tensor((0..<3).map { $0 == axis ? Float(-1) : 1 }).converted(to: clouds.dtype)
      return try nearest(chosen * signs, in: centred) - own * tolerance
    }
    return try Tensor.stacked(ratios, along: 1).less(than: 0).converted(to: clouds.dtype)
  }

  /// The mean distance of points `[B, n, 3]` to the nearest of clouds `[B, N, 3]`, `[B]`, but for pairs that are left out,
  /// `[n, N]`.
  private static func nearest(_ points: Tensor, in clouds: Tensor, except excluded: Tensor? = nil) throws
    -> Tensor
  {
    let squares = try PlainCloudFeatures.squaredDistances(points, clouds)
    return try (excluded.map { try squares.filled(where: $0, with: .infinity) } ?? squares).min(along: 2)
      .clamped(from: 0).squareRoot().mean(along: 1)
  }
}
