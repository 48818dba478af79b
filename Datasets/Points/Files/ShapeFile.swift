import Corpora
import Failures
import Files

/// Reading and writing of shape files.
public enum ShapeFile {
  /// The largest file that is read as a whole: 4 GiB. NPY files are read shape by shape and may be larger.
  static let largestSize = 1 << 32

  /// Reads all shapes of a file: several of an `[S, N, 3]` array, one of anything else.
  ///
  /// - Parameters:
  ///   - path: the file; its extension tells what it is.
  ///   - points: how many points are drawn from a mesh or a voxel grid.
  ///   - seed: what determines them.
  /// - Throws: `UserError(.noInput)` when the file is absent or no plain file; `.badData`, with the file's name and
  ///   place, when it is of no known kind, damaged, cut off or empty, when a coordinate is not finite, and when a mesh
  ///   has no area; `.inputOutput` when the disk fails.
  public static func read(_ path: String, points: Int, seed: UInt64) throws -> [PointCloud] {
    let stack = try open(path, points: points, seed: .number(seed))
    return try (0..<stack.count).map { try stack.cloud(at: $0) }
  }

  /// Opens a file to read its shapes one by one.
  static func open(_ path: String, points: Int, seed: ShapeSeed) throws -> any ShapeStack {
    let file = try OpenFile(path)
    guard file.size > 0 else { throw file.damaged("found an empty file, expected a shape") }
    guard let kind = try ShapeKind(file) else {
      throw file.damaged(
        "found an unknown kind of file, expected \(ShapeKind.allCases.map { ".\($0.rawValue)" }.joined(separator: " "))"
      )
    }
    switch kind {
    case .npy: return try ArrayStack(file, points: points, seed: seed)
    }
  }

  /// Which files of a folder are shape files, by their extension.
  static let kind = DataFiles.Kind(
    noun: "shape file", expected: "PLY, OBJ, OFF, STL, XYZ, PTS, TXT, NPY or NPZ"
  ) { name, _ in ShapeKind(named: name) != nil }
}
