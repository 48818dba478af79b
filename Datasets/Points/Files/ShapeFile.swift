import Corpora
import Failures
import Files
import Foundation

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
  ///   - rules: what a file leaves open.
  /// - Throws: `UserError(.noInput)` when the file is absent or no plain file; `.badData`, with the file's name and
  ///   place, when it is of no known kind, damaged, cut off or empty, when a coordinate is not finite, and when a mesh
  ///   has no area; `.inputOutput` when the disk fails.
  public static func read(_ path: String, points: Int, seed: UInt64, rules: ShapeRules = ShapeRules())
    throws -> [PointCloud]
  {
    let stack = try open(path, points: points, seed: .number(seed), rules: rules)
    return try (0..<stack.count).map { try stack.shape(at: $0).cloud }
  }

  /// Reads the shapes of a file, or of all shape files of a folder at any depth, one after the other.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - points: how many points are drawn from a mesh or a voxel grid.
  ///   - seed: what determines them.
  ///   - rules: what files leave open.
  ///   - body: takes the path of each shape's file, the shape, and what was assumed to read it, in words.
  /// - Throws: `UserError` as `read` does; no input or bad data for a folder without any.
  public static func forEach(
    in path: String, points: Int, seed: UInt64, rules: ShapeRules = ShapeRules(),
    _ body: (_ path: String, _ cloud: PointCloud, _ notes: [String]) throws -> Void
  ) throws {
    for file in try DataFiles.paths(in: path, kind: kind) {
      let stack = try open(file, points: points, seed: .number(seed), rules: rules)
      for index in 0..<stack.count {
        let shape = try stack.shape(at: index)
        try body(file, shape.cloud, shape.allNotes)
      }
    }
  }

  /// Opens a file to read its shapes one by one.
  static func open(_ path: String, points: Int, seed: ShapeSeed, rules: ShapeRules) throws -> any ShapeStack {
    let file = try OpenFile(path)
    guard file.size > 0 else { throw file.damaged("found an empty file, expected a shape") }
    guard let kind = try ShapeKind(file) else {
      throw file.damaged("found an unknown kind of file, expected one of \(ShapeKind.names)")
    }
    guard !rules.takesLabels || kind == .npz else {
      throw file.damaged(
        "--labels array: found no array beside the shape, expected an NPZ file with one of labels")
    }
    switch kind {
    case .npy: return try ArrayStack.open(file, points: points, seed: seed, rules: rules)
    case .npz: return try ArrayArchive(file).open(points: points, seed: seed, rules: rules)
    default: return try SingleShape(mesh: file, kind, points: points, seed: seed, rules: rules)
    }
  }

  /// Which files of a folder are shape files, by their extension.
  static let kind = DataFiles.Kind(
    noun: "shape file", expected: "PLY, OBJ, OFF, STL, XYZ, PTS, TXT, CSV, NPY or NPZ"
  ) { name, path in
    guard let kind = ShapeKind(named: name) else { return false }
    return !kind.mayBeOtherText || isTable(path)
  }

  /// Whether a text begins as a table of places: folders of shapes often have notes and lists beside them.
  private static func isTable(_ path: String) -> Bool {
    guard let file = try? OpenFile(path), let head = try? file.bytes(at: 0, count: 65_536) else {
      return true
    }
    let text = file.utf8(head)
    let end = head.count < file.size ? text.lastIndex { $0 == 0x0a || $0 == 0x0d } : nil
    let layout = try? TableLayout(file, bytes: end.map { Array(text[..<$0]) } ?? text)
    return layout.map { $0.width > 0 } ?? false
  }
}

extension SingleShape {
  /// Reads a file of vertices, and of faces where it has any.
  fileprivate init(
    mesh file: OpenFile, _ kind: ShapeKind, points: Int, seed: ShapeSeed, rules: ShapeRules
  ) throws {
    var vertices = VertexRules(skipsBad: rules.skipsBadRows)
    var mesh = try Mesh(file, kind, vertices)
    if let centre = mesh.bounds.farCentre {
      vertices.origin = centre
      mesh = try Mesh(file, kind, vertices)
    }
    guard mesh.vertexCount > mesh.unusableCount else {
      throw file.damaged("found no points, expected at least one")
    }
    if let corners = mesh.cutFaces() {
      throw file.damaged(
        "found a concave face of \(corners) corners, which are too many to be cut into triangles")
    }
    if mesh.triangleCount == 0 {
      cloud = mesh.cloud
    } else {
      guard let sample = mesh.sampled(points, seed: seed.number(ofContent: mesh.contentSeed)) else {
        throw file.damaged("found \(mesh.triangleCount) triangles without any area, expected a surface")
      }
      cloud = sample
    }
    (skippedRows, notes) = (mesh.unusableCount, mesh.notes)
  }
}

extension Mesh {
  /// Reads a file of a kind that is no array.
  fileprivate init(_ file: OpenFile, _ kind: ShapeKind, _ rules: VertexRules) throws {
    switch kind {
    case .ply: try self.init(ply: file, rules)
    case .obj: try self.init(obj: file, rules)
    case .off: try self.init(off: file, rules)
    case .stl: try self.init(stl: file, rules)
    default: try self.init(table: file, rules)
    }
  }
}

extension ShapeFile {
  /// Creates or replaces a file with a cloud, in single precision; nothing is left behind when anything fails. Equal
  /// clouds give equal bytes, and texts hold as many digits as it takes to read the same numbers again.
  ///
  /// - Parameters:
  ///   - cloud: what is written.
  ///   - normals: of its points, x, y and z of each; nil for none.
  ///   - url: the file.
  ///   - format: how it is written.
  /// - Throws: `UserError`: bad data for an empty cloud and coordinates that are not finite, with the point's number; usage for
  ///   normals in a format that has none; cannot-create when the folder takes no new file; input-output when writing fails half-way.
  public static func write(
    _ cloud: PointCloud, normals: [Float]? = nil, to url: URL, format: ShapeFormat
  ) throws {
    let bytes = try bytes(of: cloud, normals: normals, format: format, name: url.relativePath)
    try AtomicFile.write(to: url) { try $0.write(bytes) }
  }

  /// The bytes of the file that a cloud is written as, with the `normals` of its points where there are any; `name` is the file's in
  /// messages.
  ///
  /// - Throws: `UserError`: bad data for an empty cloud and coordinates that are not finite, with the point's number; usage for
  ///   normals in a format that has none.
  public static func bytes(of cloud: PointCloud, normals: [Float]? = nil, format: ShapeFormat, name: String)
    throws -> [UInt8]
  {
    precondition(normals == nil || normals?.count == cloud.count * 3, "a normal for each point")
    guard cloud.count > 0 else {
      throw UserError(.badData, "\(name): found no points to write, expected at least one")
    }
    if let point = cloud.firstNonFinite {
      throw UserError(
        .badData, "\(name): found a coordinate of point \(point) that is not finite, expected a number")
    }
    let coordinates = Placement().moved(cloud).coordinates
    // What stands behind each other in a row.
    let numbers =
      normals.map { normals in
        stride(from: 0, to: coordinates.count, by: 3).flatMap {
          coordinates[$0..<$0 + 3] + normals[$0..<$0 + 3]
        }
      } ?? coordinates
    let columns = normals == nil ? 3 : 6
    switch format {
    case .ply:
      let names = ["x", "y", "z", "nx", "ny", "nz"].prefix(columns)
      let header = """
        ply
        format binary_little_endian 1.0
        element vertex \(cloud.count)
        \(names.map { "property float \($0)" }.joined(separator: "\n"))
        end_header

        """
      return Array(header.utf8) + littleEndian(numbers)
    case .npy:
      return arrayHeader(rows: cloud.count, columns: columns) + littleEndian(numbers)
    case .xyz, .obj:
      if normals != nil, format == .obj {
        throw UserError(
          .usage, "\(name): found normals, expected a format whose points have them: ply, xyz or npy")
      }
      let start = format == .obj ? "v " : ""
      var text = ""
      for row in stride(from: 0, to: numbers.count, by: columns) {
        let words = numbers[row..<row + columns].map { String($0) }
        text += "\(start)\(words.joined(separator: " "))\n"
      }
      return Array(text.utf8)
    }
  }

  /// Numbers in the byte order of PLY and NPY files.
  private static func littleEndian(_ numbers: [Float]) -> [UInt8] {
    numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
  }

  /// An NPY header, filled up so that the numbers begin at a multiple of 64 bytes.
  private static func arrayHeader(rows: Int, columns: Int) -> [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    let filled = text + String(repeating: " ", count: length - text.utf8.count - 1) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
      + Array(filled.utf8)
  }
}

/// What shape files leave open, or may have wrong.
public struct ShapeRules: Equatable, Sendable {
  /// How the axes of arrays lie; nil to find that out.
  public var axes: ArrayAxes?
  /// The array of an NPZ file that has several; nil for its only one or one of a usual name.
  public var array: String?
  /// Whether rows with numbers that are not finite are left out and counted, instead of being an error.
  public var skipsBadRows: Bool
  /// Whether an array of an NPZ file holds the labels of its shapes.
  public var takesLabels: Bool

  /// Rules that find out what they can, and take no row that is not finite.
  public init(
    axes: ArrayAxes? = nil, array: String? = nil, skipsBadRows: Bool = false, takesLabels: Bool = false
  ) {
    (self.axes, self.array) = (axes, array)
    (self.skipsBadRows, self.takesLabels) = (skipsBadRows, takesLabels)
  }
}

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

/// A kind of shape file that is read; the raw value is its extension.
enum ShapeKind: String, CaseIterable, Sendable {
  case ply
  case obj
  case off
  case stl
  case xyz
  case xyzn
  case xyzrgb
  case pts
  case txt
  case asc
  case csv
  case tsv
  case npy
  case npz

  /// Whether the extension is also that of other texts.
  var mayBeOtherText: Bool { [.txt, .asc, .csv, .tsv].contains(self) }

  /// By the extension of a name, in capitals or not.
  init?(named name: String) {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    self.init(rawValue: name[name.index(after: dot)...].lowercased())
  }

  /// By the extension, or else by how the file begins.
  init?(_ file: OpenFile) throws {
    if let kind = ShapeKind(named: file.name) {
      self = kind
      return
    }
    let head = String(decoding: try file.bytes(at: 0, count: 6), as: Unicode.ASCII.self)
    if head.hasSuffix("NUMPY") {
      self = .npy
    } else if head.hasPrefix("PK") {
      self = .npz
    } else if head.hasPrefix("ply") {
      self = .ply
    } else if head.hasPrefix("OFF") {
      self = .off
    } else {
      return nil
    }
  }

  /// All extensions, for messages.
  static var names: String { allCases.map { ".\($0.rawValue)" }.joined(separator: " ") }
}

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

/// The bytes of a file, or of a part of one that has been unpacked.
protocol ShapeBytes {
  /// What messages call it.
  var name: String { get }
  /// How many bytes there are.
  var size: Int { get }
  /// Up to `count` bytes from a place; fewer at the end.
  func bytes(at place: Int, count: Int) throws -> [UInt8]
}

extension OpenFile: ShapeBytes {}

extension ShapeBytes {
  /// An error that names the file.
  func damaged(_ message: String) -> UserError { UserError(.badData, "\(name): \(message)") }

  /// Everything as text in UTF-8, which files of a byte order mark for UTF-16 are turned into. Other bytes stay as they are.
  func text() throws -> [UInt8] { utf8(try all()) }

  /// Bytes of a file's beginning, as `text`.
  func utf8(_ bytes: [UInt8]) -> [UInt8] {
    let isBig = bytes.starts(with: [0xfe, 0xff])
    guard isBig || bytes.starts(with: [0xff, 0xfe]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
      let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
      return isBig ? first << 8 | second : second << 8 | first
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  /// Everything, up to the most that is taken at a time.
  func all() throws -> [UInt8] {
    guard size <= ShapeFile.largestSize else {
      throw damaged("found \(size) bytes, expected at most \(ShapeFile.largestSize)")
    }
    return try bytes(at: 0, count: size)
  }
}
