import RandomNumbers

/// A kind of built-in shape, and so its label.
public enum FurnitureKind: String, CaseIterable, Codable, Sendable {
  /// A seat with a back, on legs, a column or runners, with or without arms.
  case chair
  /// A board on legs, a column or panels.
  case table
  /// A shade on a stand, an arm or a cord.
  case lamp
  /// A fuselage with wings, tail and engines.
  case aeroplane

  /// The names of all, ordered by byte value: the labels by index.
  public static let labelNames = allCases.map(\.rawValue).sorted {
    $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
}

/// A furniture maker, who builds aeroplanes too: an unending row of shapes, each with proportions and a style of its
/// own. Lengths are metres; x leads to the left, y to the back and z up, as in ModelNet.
///
/// Shape `index` is a pure function of the seed and the index. The kinds take turns.
public struct Furniture: Sendable {
  /// What determines all shapes.
  public let seed: UInt64

  /// A maker with a seed.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// The kind of a shape.
  public func kind(at index: Int) -> FurnitureKind {
    let kinds = FurnitureKind.allCases
    return kinds[index % kinds.count]
  }

  /// Points spread evenly over a shape's surface.
  ///
  /// - Precondition: neither number is negative.
  public func cloud(_ index: Int, points: Int) -> PointCloud {
    precondition(index >= 0 && points >= 0, "shapes and points are numbered from 0")
    var draws = SplitMix64(seed: ~seed, index: index)
    return mesh(index).sampled(points, seed: draws.next()) ?? PointCloud([])
  }

  /// A shape's surface.
  func mesh(_ index: Int) -> Mesh {
    var dice = Dice(seed: seed, index: index)
    switch kind(at: index) {
    case .chair: return Chair(&dice).mesh.facingModelNetsWay
    case .table: return Table(&dice).mesh.facingModelNetsWay
    case .lamp: return Lamp(&dice).mesh.facingModelNetsWay
    case .aeroplane: return Aeroplane(&dice).mesh.facingModelNetsWay
    }
  }
}
