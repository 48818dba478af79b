import Failures
import Files
import Foundation
import Metrics
import PointDatasets
import Torch

/// A surface of triangles.
public struct SurfaceMesh: Sendable, Equatable {
  /// The corners.
  public var vertices: [SIMD3<Float>]
  /// Three indices of corners each, counter-clockwise as seen from outside.
  public var triangles: [SIMD3<Int32>]
  /// Pieces of the surface around a cloud that were left out, as they are specks beside the largest one.
  public private(set) var omittedPieceCount = 0

  /// Takes corners and triangles.
  public init(vertices: [SIMD3<Float>], triangles: [SIMD3<Int32>]) {
    (self.vertices, self.triangles) = (vertices, triangles)
  }

  /// Cells of a surface's grid along its longest side.
  public static let cells = 48

  /// The closed surface around the points of a cloud, in the cloud's coordinates.
  ///
  /// - Parameters:
  ///   - cloud: at least one point, finite.
  ///   - cells: of the grid along the longest side; walls are at least two of them thick, and thinner gaps close.
  /// - Throws: `TorchError` when memory ends.
  public init(around cloud: PointCloud, cells: Int = cells) throws {
    var grid = try SplatField(cloud, cells: cells).grid()
    grid.fillCavities()
    let found = MarchingTetrahedra.surface(of: grid).smoothed().withoutSpecks()
    self.init(vertices: found.vertices.map { grid.place($0) }, triangles: found.triangles)
    omittedPieceCount = found.omittedPieceCount
  }

  /// For each point of a cloud the direction across the plane of its nearest points, to the side that is out of the surface where the
  /// surface is nearest: x, y and z of length 1, one after the other. Of a thin wall either side is taken.
  ///
  /// - Throws: `TorchError` when memory ends.
  public func normals(at cloud: PointCloud) throws -> [Float] {
    let across = try SplatField(cloud, cells: Self.cells).directionsAcross
    func numbers(_ directions: [SIMD3<Double>]) -> [Float] {
      directions.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
    }
    guard !triangles.isEmpty else { return numbers(across) }
    // Those of triangles, weighted by their areas.
    var sums = [SIMD3<Double>](repeating: SIMD3(), count: vertices.count)
    for triangle in triangles {
      let corners = (0..<3).map { SIMD3<Double>(vertices[Int(triangle[$0])]) }
      let direction = (corners[1] - corners[0]).crossed(corners[2] - corners[0])
      for corner in 0..<3 { sums[Int(triangle[corner])] += direction }
    }
    let known = try Tensor(vertices.flatMap { [$0.x, $0.y, $0.z] }, shape: [vertices.count, 3])
    let asked = try Tensor(cloud.coordinates, shape: [cloud.count, 3])
    return try numbers(
      zip(across, NearestNeighbours.nearest(to: asked, in: known)).map { own, vertex in
        (sums[vertex] * own).sum() >= 0 ? own : -own
      })
  }

  /// Edges that are not shared by two triangles, once in each direction: 0 of a watertight surface.
  public var openEdgeCount: Int {
    var edges: [SIMD2<Int32>: Int] = [:]
    edges.reserveCapacity(3 * triangles.count)
    for triangle in triangles {
      for corner in 0..<3 {
        let (from, to) = (triangle[corner], triangle[(corner + 1) % 3])
        edges[SIMD2(min(from, to), max(from, to)), default: 0] += from < to ? 1 : 1 << 32
      }
    }
    return edges.values.count { $0 != 1 + 1 << 32 }
  }

  /// How many parts do not touch each other.
  public var pieceCount: Int { Set(pieces).count }

  /// Vertices less edges plus triangles: 2 for each piece without a hole, 2 less for each hole through it.
  public var eulerCharacteristic: Int {
    Set(triangles.flatMap { [$0.x, $0.y, $0.z] }).count - triangles.count / 2
  }

  /// What the surface encloses, in cubed units of the coordinates; negative where it is turned inside out.
  public var volume: Double {
    triangles.reduce(0) { sum, triangle in
      let corners = (0..<3).map { SIMD3<Double>(vertices[Int(triangle[$0])]) }
      return sum + (corners[0] * corners[1].crossed(corners[2])).sum() / 6
    }
  }

  /// For each triangle the number of its piece.
  private var pieces: [Int32] {
    var parents = vertices.indices.map { Int32($0) }
    func root(_ index: Int32) -> Int32 {
      var index = index
      while parents[Int(index)] != index {
        parents[Int(index)] = parents[Int(parents[Int(index)])]
        index = parents[Int(index)]
      }
      return index
    }
    for triangle in triangles {
      let first = root(triangle.x)
      for corner in [triangle.y, triangle.z] { parents[Int(root(corner))] = first }
    }
    return triangles.map { root($0.x) }
  }

  /// Pieces of less than a fiftieth of the largest one's triangles are left out: points that lie by themselves.
  private func withoutSpecks() -> SurfaceMesh {
    let pieces = pieces
    let counts = pieces.reduce(into: [Int32: Int]()) { $0[$1, default: 0] += 1 }
    let least = (counts.values.max() ?? 0) / 50
    var kept = SurfaceMesh(vertices: [], triangles: [])
    kept.omittedPieceCount = counts.values.count { $0 <= least }
    var numbers: [Int32: Int32] = [:]
    for (triangle, piece) in zip(triangles, pieces) where counts[piece, default: 0] > least {
      var renamed = SIMD3<Int32>()
      for corner in 0..<3 {
        let old = triangle[corner]
        if numbers[old] == nil {
          numbers[old] = Int32(kept.vertices.count)
          kept.vertices.append(vertices[Int(old)])
        }
        renamed[corner] = numbers[old] ?? 0
      }
      kept.triangles.append(renamed)
    }
    return kept
  }

  /// Steps of the grid smoothed away without shrinking the surface (Taubin, "A signal processing approach to fair surface
  /// design", 1995).
  private func smoothed() -> SurfaceMesh {
    var mesh = self
    for _ in 0..<Self.smoothings {
      for factor in [Self.shrinking, Self.growing] {
        var sums = [SIMD3<Float>](repeating: SIMD3(), count: vertices.count)
        var counts = [Float](repeating: 0, count: vertices.count)
        for triangle in triangles {
          for corner in 0..<3 {
            let (own, next) = (Int(triangle[corner]), Int(triangle[(corner + 1) % 3]))
            sums[own] += mesh.vertices[next]
            counts[own] += 1
          }
        }
        for index in mesh.vertices.indices where counts[index] > 0 {
          mesh.vertices[index] += (sums[index] / counts[index] - mesh.vertices[index]) * factor
        }
      }
    }
    return mesh
  }

  private static let smoothings = 10
  private static let (shrinking, growing): (Float, Float) = (0.5, -0.53)

  /// Creates or replaces a file; nothing is left behind when anything fails.
  ///
  /// - Throws: `UserError`: usage for a format without faces; cannot create or I/O.
  public func write(to file: URL, format: ShapeFormat) throws {
    let bytes = try bytes(format: format)
    try AtomicFile.write(to: file) { try $0.write(bytes) }
  }

  /// The bytes of an OBJ text or a binary PLY file.
  ///
  /// - Throws: `UserError` (usage) for a format without faces.
  public func bytes(format: ShapeFormat) throws -> [UInt8] {
    switch format {
    case .obj:
      var text = ""
      for vertex in vertices { text += "v \(vertex.x) \(vertex.y) \(vertex.z)\n" }
      for face in triangles { text += "f \(face.x + 1) \(face.y + 1) \(face.z + 1)\n" }
      return Array(text.utf8)
    case .ply:
      let header = """
        ply
        format binary_little_endian 1.0
        element vertex \(vertices.count)
        property float x
        property float y
        property float z
        element face \(triangles.count)
        property list uchar int vertex_indices
        end_header

        """
      var bytes = Array(header.utf8)
      bytes.reserveCapacity(bytes.count + 12 * vertices.count + 13 * triangles.count)
      func append(_ pattern: UInt32) {
        withUnsafeBytes(of: pattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
      for vertex in vertices { for axis in 0..<3 { append(vertex[axis].bitPattern) } }
      for face in triangles {
        bytes.append(3)
        for corner in 0..<3 { append(UInt32(bitPattern: face[corner])) }
      }
      return bytes
    case .xyz, .npy:
      throw UserError(
        .usage, "--mesh: found --format \(format.rawValue), expected obj or ply, which have faces")
    }
  }
}

extension SIMD3<Double> {
  /// The cross product.
  fileprivate func crossed(_ other: Self) -> Self {
    Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }
}

/// What became of several clouds' surfaces.
struct SurfaceCount {
  private var count = 0
  private var triangles = 0
  /// Files of surfaces that are open, with their open edges, and of those in several pieces, with these.
  private var open: [String] = []
  private var broken: [String] = []
  /// Files of surfaces of which specks were left out, with these.
  private var thinned: [String] = []

  /// Files that are named, at most.
  private static let named = 3

  /// Takes note of a surface.
  mutating func add(_ mesh: SurfaceMesh, _ file: String) {
    count += 1
    triangles += mesh.triangles.count
    let edges = mesh.openEdgeCount
    if edges > 0 { open.append("\(file) at \(edges) edges") }
    let pieces = mesh.pieceCount
    if pieces > 1 { broken.append("\(file) \(pieces)") }
    if mesh.omittedPieceCount > 0 { thinned.append("\(file) \(mesh.omittedPieceCount)") }
  }

  /// In words; nil without surfaces.
  var summary: String? {
    guard count > 0 else { return nil }
    func list(_ files: [String]) -> String {
      files.prefix(Self.named).joined(separator: ", ") + (files.count > Self.named ? " and others" : "")
    }
    return "\(count) surfaces of \(triangles / count) triangles in the mean, "
      + (open.isEmpty ? "all watertight" : "\(open.count) of them open: \(list(open))")
      + (broken.isEmpty ? "" : "; \(broken.count) in several pieces: \(list(broken))")
      + (thinned.isEmpty ? "" : "; specks left out of \(thinned.count): \(list(thinned))")
  }
}
