/// A rule of normalisation with what it needs to know of the training part: stored with a run, so that later clouds
/// are treated as those that were trained on.
public struct PointFrame: Equatable, Sendable {
  /// The rule.
  public let normalisation: PointNormalisation
  /// What becomes 0 under `global`, `[3]`; zeros under the other rules.
  public let centre: [Double]
  /// What becomes 1 under `global`; 1 under the other rules.
  public let scale: Double

  /// The frame of a rule that looks at each shape by itself or at none, or of `global` with its numbers.
  ///
  /// - Precondition: `centre` has three finite numbers, `scale` is finite and positive.
  public init(_ normalisation: PointNormalisation, centre: [Double] = [0, 0, 0], scale: Double = 1) {
    precondition(Self.isValid(centre, scale), "a frame has three finite numbers and a positive scale")
    self.normalisation = normalisation
    self.centre = centre
    self.scale = scale
  }

  /// A cloud under this rule. A cloud whose points are all at one place is moved and not scaled under `box` and
  /// `sphere`; an empty one stays.
  ///
  /// - Precondition: the coordinates are finite.
  public func normalised(_ cloud: PointCloud) -> PointCloud {
    placement(CloudExtent(cloud)).moved(cloud)
  }

  /// How a cloud of some extent is moved.
  func placement(_ extent: CloudExtent) -> Placement {
    func placement(_ centre: SIMD3<Double>, size: Double) -> Placement {
      Placement(centre: centre, scale: size > 0 ? 1 / size : 1)
    }
    guard extent.count > 0 else { return Placement() }
    switch normalisation {
    case .box: return placement((extent.low + extent.high) / 2, size: extent.longestSide / 2)
    case .sphere: return placement(extent.mean, size: extent.radius)
    case .global: return Placement(centre: SIMD3(centre[0], centre[1], centre[2]), scale: 1 / scale)
    case .none: return Placement()
    }
  }

  private static func isValid(_ centre: [Double], _ scale: Double) -> Bool {
    centre.count == 3 && centre.allSatisfy(\.isFinite) && scale.isFinite && scale > 0
  }
}

extension PointFrame: Codable {
  private enum CodingKeys: CodingKey {
    case normalisation
    case centre
    case scale
  }

  /// Reads what `encode(to:)` wrote.
  ///
  /// - Throws: `DecodingError` also for other than three numbers, numbers that are not finite and scales that
  ///   are not positive.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    normalisation = try container.decode(PointNormalisation.self, forKey: .normalisation)
    centre = try container.decode([Double].self, forKey: .centre)
    scale = try container.decode(Double.self, forKey: .scale)
    guard Self.isValid(centre, scale) else {
      throw DecodingError.dataCorruptedError(
        forKey: .centre, in: container,
        debugDescription: "expected three finite numbers as centre and a positive scale")
    }
  }
}

/// Where clouds are moved to and how large they are made. Scores of clouds depend on it, so they compare under one
/// rule only.
public enum PointNormalisation: String, CaseIterable, Codable, Sendable {
  /// Each shape by itself: the middle of its bounding box goes to 0, and its longest side spans [-1, 1].
  case box
  /// Each shape by itself: the mean of its points goes to 0, and the farthest point to a distance of 1.
  case sphere
  /// All shapes alike: the mean of all points to train on goes to 0, and the standard deviation of their
  /// coordinates becomes 1.
  case global
  /// Points stay where they are.
  case none
}

/// A shift and a scale: points become `(point - centre) * scale`.
struct Placement: Equatable, Sendable {
  var centre = SIMD3<Double>()
  var scale = 1.0

  /// Appends a point, moved.
  @inline(__always)
  func append(_ x: Float, _ y: Float, _ z: Float, to coordinates: inout [Float]) {
    coordinates.append(Float((Double(x) - centre.x) * scale))
    coordinates.append(Float((Double(y) - centre.y) * scale))
    coordinates.append(Float((Double(z) - centre.z) * scale))
  }

  /// Moves a cloud; what it is relative to is moved with it, in double precision.
  func moved(_ cloud: PointCloud) -> PointCloud {
    let placement = Placement(centre: centre - cloud.origin, scale: scale)
    return placement == Placement() ? cloud : placement.appliedToCoordinates(of: cloud)
  }

  private func appliedToCoordinates(of cloud: PointCloud) -> PointCloud {
    var moved: [Float] = []
    moved.reserveCapacity(cloud.coordinates.count)
    for index in 0..<cloud.count {
      let place = 3 * index
      append(
        cloud.coordinates[place], cloud.coordinates[place + 1], cloud.coordinates[place + 2], to: &moved)
    }
    return PointCloud(moved)
  }
}
