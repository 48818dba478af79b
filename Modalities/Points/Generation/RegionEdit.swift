import ArgumentParser
import PointDatasets
import Torch

/// Which parts of a donor shape replace those of a base shape.
public struct RegionEdit: Sendable {
  /// Where the donor's part is; their union.
  public var regions: [ShapeRegion]
  /// How much of the donor is taken there, from 0 to 1.
  public var blend: Double
  /// Over how much of an axis a region fades in.
  public var edge: Double

  /// Takes the donor's part in some regions.
  public init(regions: [ShapeRegion], blend: Double = 1, edge: Double = 0.2) {
    (self.regions, self.blend, self.edge) = (regions, blend, edge)
  }

  /// How much of each point is the donor's, `[N, 1]`, by positions `[N, 3]` from -1 to 1.
  func share(at positions: Tensor) throws -> Tensor {
    var share = try Tensor.zeros([positions.shape[0], 1], device: positions.device)
    for region in regions { share = try share.maximum(region.membership(of: positions, edge: edge)) }
    return try share * blend
  }
}

/// A generator whose shapes have corresponding parts.
public protocol EditableGenerator: PointGenerator {
  /// Clouds `[3, N, 3]`: the base, the donor, and the base with parts of the donor.
  ///
  /// - Parameters:
  ///   - latents: of base and donor, `[2, Z]`.
  ///   - labels: of both, `[2]`, for conditional networks.
  ///   - edit: which parts.
  ///   - points: of a cloud.
  ///   - stream: what random choices are drawn from.
  func edited(
    latents: Tensor, labels: Tensor?, edit: RegionEdit, points: Int, using stream: inout RandomStream
  ) throws -> Tensor
}

extension SphereGenerator: EditableGenerator {
  /// Itself.
  public var editable: (any EditableGenerator)? { self }

  /// Inside the regions of the sphere points follow the donor's latent, outside the base's.
  public func edited(
    latents: Tensor, labels: Tensor?, edit: RegionEdit, points: Int, using stream: inout RandomStream
  ) throws -> Tensor {
    let sphere = try sphere(points: points)
    let mixed = try Self.latents(latents, edit: edit, positions: sphere.positions.moved(to: latents.device))
    return try Tensor.concatenated([
      clouds(latents: latents, labels: labels, on: sphere),
      clouds(latents: mixed, labels: labels?.narrowed(along: 0, start: 0, count: 1), on: sphere),
    ])
  }

  /// A latent for each point, `[1, N, Z]`, of those of base and donor, `[2, Z]`, and positions on the unit sphere, `[N, 3]`.
  ///
  /// Latents on the way keep the length that lies between those of both ends, since shorter ones are improbable under the prior.
  static func latents(_ latents: Tensor, edit: RegionEdit, positions: Tensor) throws -> Tensor {
    let base = try latents.narrowed(along: 0, start: 0, count: 1)
    let donor = try latents.narrowed(along: 0, start: 1, count: 1)
    let donated = try edit.share(at: positions)
    let kept = try 1 - donated
    func length(_ x: Tensor) throws -> Tensor {
      try x.squared().sum(along: 1, keepingDimensions: true).squareRoot().clamped(from: 1e-12)
    }
    let mixed = try kept * base + donated * donor
    let size = try kept * length(base) + donated * length(donor)
    return try (mixed * (size / length(mixed))).expandingDimension(at: 0)
  }
}

extension LatentGenerator: EditableGenerator {
  /// Itself.
  public var editable: (any EditableGenerator)? { self }

  /// Inside the regions of the mean shape points lie where the donor has them, outside where the base has them.
  public func edited(
    latents: Tensor, labels: Tensor?, edit: RegionEdit, points: Int, using stream: inout RandomStream
  ) throws -> Tensor {
    let shapes = try shapes(latents: latents, labels: labels)
    let (base, donor) = (
      try shapes.narrowed(along: 0, start: 0, count: 1), try shapes.narrowed(along: 0, start: 1, count: 1)
    )
    let (low, high) = try codec.bounds
    let half = try ((high - low) / 2).clamped(from: 1e-6)
    let positions = try (codec.shape.points.converted(to: .float32) - (low + high) / 2) / half
    let mixed = try (base + edit.share(at: positions) * (donor - base)).framed(deformation.rule)
    let all = try Tensor.concatenated([shapes, mixed])
    // Which points is drawn for all three alike.
    return points > positions.shape[0]
      ? try all.thickened(to: points, using: &stream) : try thinned(all, to: points, using: &stream)
  }
}

/// A half of the template that shapes are deformed from, the sphere or the mean shape: a part of every shape.
///
/// Names are those of an object whose front looks along the negative y axis and whose top lies along the z axis.
public enum ShapeRegion: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// The half that is left.
  case left
  /// The half that is right.
  case right
  /// The half that is at the front.
  case front
  /// The half that is at the back.
  case back
  /// The half that is down.
  case down
  /// The half that is up.
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
  ///   - positions: `[N, 3]`, from -1 to 1 along each axis.
  ///   - edge: over how much of the axis the region fades in; 0 for a sharp edge.
  func membership(of positions: Tensor, edge: Double) throws -> Tensor {
    let (axis, sign) = side
    let height = try positions.narrowed(along: 1, start: axis, count: 1) * sign
    return try (height / max(edge, 1e-6) + 0.5).clamped(from: 0, to: 1)
  }
}
