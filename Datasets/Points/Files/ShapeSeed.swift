/// What determines the points that are drawn from meshes and voxel grids.
enum ShapeSeed: Sendable {
  /// A number.
  case number(UInt64)
  /// The surface itself: equal surfaces give equal points whatever their file is called.
  case ofContent
}
