import Corpora
import Failures
import Files

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

/// What is known of a shape after it has been read once.
struct SurveyedShape: ItemSurvey {
  /// Its index in its source.
  let index: Int
  let extent: CloudExtent
  /// SHA-256 of its coordinates as they are in the file.
  let digest: String

  /// Measures a shape.
  ///
  /// - Throws: `UserError` (bad data) for too few points and for points that are all at one place.
  init(_ cloud: PointCloud, index: Int, name: String, options: PointCorpusOptions) throws {
    self.index = index
    guard cloud.count >= options.fewestPoints else {
      throw UserError(
        .badData,
        "\(name): found \(cloud.count) points, expected at least \(options.fewestPoints) for samples of "
          + "\(options.points)")
    }
    extent = CloudExtent(cloud)
    guard extent.longestSide > 0 else {
      throw UserError(
        .badData, "\(name): found all of \(cloud.count) points at one place, expected a shape")
    }
    var hash = SHA256()
    cloud.coordinates.withUnsafeBytes { hash.update($0) }
    digest = hash.hexDigest()
  }
}

/// The shapes of a source as a corpus takes them.
struct Shapes: ShelfSource {
  let source: any ShapeSource
  let options: PointCorpusOptions

  var name: String { source.name }

  func survey(skipsBad: Bool, reserve: (Int) -> Bool) throws -> [SurveyedItem<SurveyedShape>] {
    let stack = try source.open()
    return try (0..<stack.count).map { index in
      do {
        let cloud = try stack.cloud(at: index)
        let name = stack.count > 1 ? "\(name)[\(index)]" : name
        let shape = try SurveyedShape(cloud, index: index, name: name, options: options)
        let isKept = reserve(cloud.coordinates.count)
        return SurveyedItem(.success(shape), blocks: isKept ? [cloud.coordinates] : [])
      } catch let failure as UserError where skipsBad {
        return SurveyedItem(.failure(failure))
      }
    }
  }

  func block(_ number: Int, of shape: SurveyedShape) throws -> [Float] {
    let stack = try source.open()
    return shape.index < stack.count ? try stack.cloud(at: shape.index).coordinates : []
  }
}
