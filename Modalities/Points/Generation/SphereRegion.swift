import Adversarial
import ArgumentParser
import Torch

/// A half of the sphere that shapes are made from: a part of every shape.
///
/// Names are those of an object whose front looks along the negative y axis and whose top lies along the z axis.
enum SphereRegion: String, CaseIterable, ExpressibleByArgument {
  case left
  case right
  case front
  case back
  case down
  case up

  /// The axis, and the side of it.
  private var side: (axis: Int, sign: Double) {
    switch self {
    case .left: (0, -1)
    case .right: (0, 1)
    case .front: (1, -1)
    case .back: (1, 1)
    case .down: (2, -1)
    case .up: (2, 1)
    }
  }

  /// How much of a point is in the region: `[N, 1]`, from 0 to 1 across an edge of a width along the axis.
  ///
  /// - Parameters:
  ///   - places: on the unit sphere, `[N, 3]`.
  ///   - edge: over how much of the axis the region fades in; 0 for a sharp edge.
  func membership(of places: Tensor, edge: Double) throws -> Tensor {
    let (axis, sign) = side
    let height = try places.narrowed(along: 1, start: axis, count: 1) * sign
    return try (height / max(edge, 1e-6) + 0.5).clamped(from: 0, to: 1)
  }
}

/// Shapes that are made of parts of two.
enum SphereEdit {
  /// A latent for each point, `[1, N, Z]`: the donor's inside of regions, the base's elsewhere, in between in between.
  ///
  /// Latents on the way keep the length that lies between those of both ends, since shorter ones were never met in training.
  /// - Parameters:
  ///   - base: `[1, Z]`.
  ///   - donor: `[1, Z]`.
  ///   - places: on the unit sphere, `[N, 3]`.
  ///   - regions: where the donor's part is; their union.
  ///   - blend: how much of the donor is taken there, from 0 to 1.
  ///   - edge: over how much of an axis a region fades in.
  static func latents(
    base: Tensor, donor: Tensor, places: Tensor, regions: [SphereRegion], blend: Double, edge: Double
  ) throws -> Tensor {
    var share = try Tensor.zeros([places.shape[0], 1])
    for region in regions { share = try share.maximum(region.membership(of: places, edge: edge)) }
    let donated = try share * blend
    let kept = try 1 - donated
    func length(_ x: Tensor) throws -> Tensor {
      try x.squared().sum(along: 1, keepingDimensions: true).squareRoot().clamped(from: 1e-12)
    }
    let mixed = try kept * base + donated * donor
    let size = try kept * length(base) + donated * length(donor)
    return try (mixed * (size / length(mixed))).expandingDimension(at: 0)
  }
}
