import Corpora
import Failures
import Files

/// Reading and writing of shape files.
public enum ShapeFile {
  /// The largest file that is read as a whole: 1 GiB. NPY files are read shape by shape and may be larger.
  static let largestSize = 1 << 30

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

  /// Reads the shapes of a file, or of all shape files of a folder at any depth, one after the other.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - points: how many points are drawn from a mesh or a voxel grid.
  ///   - seed: what determines them.
  ///   - body: takes the path of each shape's file and the shape.
  /// - Throws: `UserError` as `read` does; no input or bad data for a folder without any.
  public static func forEach(
    in path: String, points: Int, seed: UInt64, _ body: (String, PointCloud) throws -> Void
  ) throws {
    for file in try DataFiles.paths(in: path, kind: kind) {
      let stack = try open(file, points: points, seed: .number(seed))
      for place in 0..<stack.count { try body(file, stack.cloud(at: place)) }
    }
  }

  /// Opens a file to read its shapes one by one.
  static func open(_ path: String, points: Int, seed: ShapeSeed) throws -> any ShapeStack {
    let file = try OpenFile(path)
    guard file.size > 0 else { throw file.damaged("found an empty file, expected a shape") }
    guard let kind = try ShapeKind(file) else {
      throw file.damaged("found an unknown kind of file, expected one of \(ShapeKind.names)")
    }
    let mesh: Mesh
    switch kind {
    case .npy: return try ArrayStack.open(file, points: points, seed: seed)
    case .npz: return try ArrayStack.open(try array(of: ZipArchive(file), file), points: points, seed: seed)
    case .ply: mesh = try Mesh(ply: file)
    case .obj: mesh = try Mesh(obj: file)
    case .off: mesh = try Mesh(off: file)
    case .stl: mesh = try Mesh(stl: file)
    case .xyz, .pts, .txt: mesh = try Mesh(table: file)
    }
    guard !mesh.triangles.isEmpty else {
      guard !mesh.vertices.isEmpty else { throw file.damaged("found no points, expected at least one") }
      return SingleShape(cloud: PointCloud(mesh.vertices.flatMap { [$0.x, $0.y, $0.z] }))
    }
    guard let cloud = mesh.sampled(points, seed: seed.number(ofContent: mesh.contentSeed)) else {
      throw file.damaged("found \(mesh.triangles.count) triangles without any area, expected a surface")
    }
    return SingleShape(cloud: cloud)
  }

  /// The array of an archive that holds the shape: its only one, or one of a usual name.
  private static func array(of archive: ZipArchive, _ file: OpenFile) throws -> MemoryBytes {
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    if arrays.count == 1 { return try archive.unpacked(arrays[0]) }
    for name in ["points", "pointcloud", "xyz", "voxels", "vertices", "arr_0"] {
      if let member = arrays.first(where: { $0.name == name + ".npy" }) {
        return try archive.unpacked(member)
      }
    }
    let names = arrays.prefix(9).map { $0.name.prefix(40) }.joined(separator: ", ")
    throw file.damaged("found \(arrays.count) arrays (\(names)), expected one, or one called points")
  }

  /// Which files of a folder are shape files, by their extension.
  static let kind = DataFiles.Kind(
    noun: "shape file", expected: "PLY, OBJ, OFF, STL, XYZ, PTS, TXT, NPY or NPZ", hasPublishedSplits: true
  ) { name, path in
    guard let kind = ShapeKind(named: name) else { return false }
    return kind != .txt || isTable(path)
  }

  /// Whether a text begins with a number: folders of shapes often have notes beside them.
  private static func isTable(_ path: String) -> Bool {
    guard let file = try? OpenFile(path), let head = try? file.bytes(at: 0, count: 4096) else { return true }
    var lines = WordScanner(file, bytes: head, separators: ",;")
    while let hasWords = try? lines.next(), hasWords {
      if !lines.text(0).hasPrefix("//") { return lines.isNumber(0) }
    }
    return true
  }
}
