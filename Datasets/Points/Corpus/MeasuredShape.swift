import Corpora
import Failures

/// A shape as it was read, before anything moves or scales it: what a look at data shows.
public struct MeasuredShape: Sendable {
  /// How many points it has; of a mesh or a voxel grid those that were drawn from it.
  public let points: Int
  /// The least coordinates, x, y and z, in the unit of the file.
  public let minimum: SIMD3<Double>
  /// The greatest coordinates.
  public let maximum: SIMD3<Double>
  /// The mean of its points.
  public let mean: SIMD3<Double>
  /// What was assumed or left out to read it, in words.
  public let notes: [String]
  /// The label that stands beside it in its file.
  public let label: String?

  /// Measures a shape.
  init(_ shape: SingleShape) {
    let extent = CloudExtent(shape.cloud)
    (points, notes, label) = (extent.count, shape.allNotes, shape.label)
    (minimum, maximum, mean) = (extent.low, extent.high, extent.mean)
  }

  /// Reads the shapes of a file or a folder as a corpus does, without dividing or normalising them, and of whatever size.
  ///
  /// - Parameters:
  ///   - path: the data.
  ///   - validation: data to choose by, which is read too.
  ///   - holdout: data to hold out, which is read too.
  ///   - options: how files are read.
  /// - Throws: `UserError`: usage for options that make no sense, no input for paths that are not there, bad data for folders
  ///   without a shape file and where no shape could be read.
  public static func survey(
    _ path: String, validation: String? = nil, holdout: String? = nil, options: PointCorpusOptions
  ) throws -> FileSurvey<MeasuredShape> {
    try options.validate()
    let files = try DataFiles(
      path, validation: validation, holdout: holdout, kind: ShapeFile.kind, options: options.forNames)
    return try FileSurvey(files) { path in
      let stack = try options.source(path).open()
      return (0..<stack.count).map { index in
        Result { try MeasuredShape(stack.shape(at: index)) }.mapError {
          $0 as? UserError ?? UserError(.inputOutput, "\(path): \($0)")
        }
      }
    } label: {
      $0.label
    }
  }
}

extension PointCorpusOptions {
  /// A file as these options read it.
  func source(_ path: String) -> FileShapeSource {
    FileShapeSource(name: path, meshPoints: meshPoints, rules: rules)
  }

  /// A shape of a file as these options read it, relative to its origin.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - index: which of its shapes.
  /// - Throws: `UserError` where the file or the shape cannot be read, or the file has changed.
  public func shape(at index: Int, of path: String) throws -> PointCloud {
    let stack = try source(path).open()
    guard index < stack.count else {
      throw UserError(.badData, "\(path): the file has changed since it was opened")
    }
    return try stack.shape(at: index).cloud
  }
}
