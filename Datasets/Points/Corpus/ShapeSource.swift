/// Something that has shapes: a file, or one piece of built-in furniture.
protocol ShapeSource: Sendable {
  /// What messages call it.
  var name: String { get }
  /// Opens it. May be called again and from any thread, and then yields the same shapes.
  func open() throws -> any ShapeStack
}

/// The shapes of an open source.
protocol ShapeStack {
  /// How many there are, at least one.
  var count: Int { get }
  /// One of them, with finite coordinates.
  func cloud(at index: Int) throws -> PointCloud
}

/// A single cloud.
struct SingleShape: ShapeStack {
  let cloud: PointCloud

  var count: Int { 1 }

  func cloud(at index: Int) throws -> PointCloud { cloud }
}

/// A shape file.
struct FileShapeSource: ShapeSource {
  let name: String
  /// Points drawn from meshes and voxel grids.
  let meshPoints: Int

  func open() throws -> any ShapeStack {
    try ShapeFile.open(name, points: meshPoints, seed: .ofContent)
  }
}

extension ShapeStack {
  /// What messages call a shape of a source with that name.
  func name(of index: Int, in source: String) -> String {
    count > 1 ? "\(source)[\(index)]" : source
  }
}
