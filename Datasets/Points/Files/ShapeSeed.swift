/// What determines the points that are drawn from meshes and voxel grids.
enum ShapeSeed: Sendable {
  /// A number.
  case number(UInt64)
  /// The surface itself: equal surfaces give equal points whatever their file is called.
  case ofContent

  /// The number for a surface whose content has this one.
  func number(ofContent own: UInt64) -> UInt64 {
    switch self {
    case .number(let number): number
    case .ofContent: own
    }
  }
}
