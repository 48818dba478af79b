/// A kind of shape file that Duel writes; the raw value is its usual extension.
public enum ShapeFormat: String, CaseIterable, Codable, Sendable {
  /// PLY, binary and little-endian: what every viewer of point clouds opens.
  case ply
  /// Text: a line `x y z` for each point.
  case xyz
  /// A NumPy array of single precision, `[N, 3]`.
  case npy
  /// Wavefront OBJ: a line `v x y z` for each point.
  case obj

  /// The usual file name extension, without the dot.
  public var fileExtension: String { rawValue }
}
