import Failures
import Files

/// What is known of a shape after it has been read once.
struct SurveyedShape: Sendable {
  /// The source and the place in it.
  let source: Int
  let place: Int
  let extent: CloudExtent
  /// SHA-256 of its coordinates as they are in the file.
  let digest: String

  /// Measures a shape.
  ///
  /// - Throws: `UserError` (bad data) for too few points and for points that are all at one place.
  init(_ cloud: PointCloud, source: Int, place: Int, name: String, options: PointCorpusOptions) throws {
    self.source = source
    self.place = place
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
