import Failures
import Files
import Foundation
import PointDatasets
import TestSupport
import Testing
import Torch

@testable import PointsModality

@Suite("Surfaces around clouds")
struct SurfaceMeshTests {
  /// Points on a sphere, evenly spread.
  private func sphere(_ count: Int = 1_500, centre: SIMD3<Float> = SIMD3(), radius: Float = 1) -> [Float] {
    (0..<count).flatMap { index -> [Float] in
      let height = 1 - 2 * (Float(index) + 0.5) / Float(count)
      let angle = Float(index) * 2.399_963_2
      let ring = (1 - height * height).squareRoot()
      let place = centre + radius * SIMD3(ring * cos(angle), ring * sin(angle), height)
      return [place.x, place.y, place.z]
    }
  }

  private func expectClosed(_ mesh: SurfaceMesh, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!mesh.triangles.isEmpty, sourceLocation: sourceLocation)
    #expect(mesh.openEdgeCount == 0, sourceLocation: sourceLocation)
    #expect(mesh.volume > 0, sourceLocation: sourceLocation)
    for triangle in mesh.triangles {
      #expect(Set([triangle.x, triangle.y, triangle.z]).count == 3, sourceLocation: sourceLocation)
    }
  }

  @Test("A sphere is one solid piece without a hole, a little thicker than its points lie")
  func sphereIsSolid() throws {
    let mesh = try SurfaceMesh(around: PointCloud(sphere()))
    expectClosed(mesh)
    #expect(mesh.pieceCount == 1 && mesh.eulerCharacteristic == 2)
    // 4/3 pi of radius 1, and of the radius that is two cells of 2 / 48 larger.
    #expect(mesh.volume > 4.18 && mesh.volume < 4.19 * pow(1 + 2 * 2 / 48.0, 3))
    let radii = mesh.vertices.map { ($0 * $0).sum().squareRoot() }
    #expect((radii.min() ?? 0) > 0.98 && (radii.max() ?? 9) < 1.12)
  }

  @Test("Normals point outwards, are written beside the points and are passed over when read")
  func normals() throws {
    let cloud = PointCloud(sphere(600, centre: SIMD3(2, 0, -1), radius: 0.5))
    let normals = try SurfaceMesh(around: cloud, cells: 32).normals(at: cloud)
    #expect(normals.count == 1_800)
    for point in stride(from: 0, to: 1_800, by: 3) {
      let outwards = (0..<3).map { (cloud.coordinates[point + $0] - [2, 0, -1][$0]) / 0.5 }
      let normal = normals[point..<point + 3]
      #expect(abs(normal.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
      #expect(zip(normal, outwards).reduce(0) { $0 + $1.0 * $1.1 } > 0.93)
    }
    let folder = try TemporaryFolder()
    for format in [ShapeFormat.ply, .xyz] {
      let file = folder["cloud.\(format.fileExtension)"]
      try ShapeFile.write(cloud, normals: normals, to: file, format: format)
      let bytes = try [UInt8](Data(contentsOf: file))
      if format == .ply {
        let header = String(decoding: bytes.prefix(160), as: UTF8.self)
        #expect(header.contains("property float z\nproperty float nx\n"))
        #expect(bytes.count > 24 * 600)
      }
      var read: [PointCloud] = []
      try ShapeFile.forEach(in: file.path, points: 600, seed: 0, rules: ShapeRules()) { _, shape, _ in
        read.append(shape)
      }
      #expect(read.map(\.coordinates) == [cloud.coordinates])
    }
    let array = try ShapeFile.bytes(of: cloud, normals: normals, format: .npy, name: "")
    #expect(String(decoding: array.prefix(80), as: UTF8.self).contains("(600, 6)"))
    #expect(throws: UserError.self) {
      try ShapeFile.bytes(of: cloud, normals: normals, format: .obj, name: "")
    }
    for words in [["--normals", "--mesh"], ["--normals", "--format", "obj"]] {
      #expect(throws: (any Error).self) { try PointGenerateOptions.parse(words) }
    }
  }

  @Test("A torus keeps its hole")
  func torus() throws {
    let points = (0..<60).flatMap { around in
      (0..<30).flatMap { across -> [Float] in
        let (a, b) = (Float(around) / 60 * 2 * .pi, Float(across) / 30 * 2 * .pi)
        return [(1 + 0.3 * cos(b)) * cos(a), (1 + 0.3 * cos(b)) * sin(a), 0.3 * sin(b)]
      }
    }
    let mesh = try SurfaceMesh(around: PointCloud(points))
    expectClosed(mesh)
    #expect(mesh.pieceCount == 1 && mesh.eulerCharacteristic == 0)
  }

  @Test("What lies apart is several pieces, and specks are left out")
  func pieces() throws {
    let two = sphere(600) + sphere(600, centre: SIMD3(3, 0, 0))
    let mesh = try SurfaceMesh(around: PointCloud(two), cells: 24)
    expectClosed(mesh)
    #expect(mesh.pieceCount == 2 && mesh.eulerCharacteristic == 4)
    let speck = try SurfaceMesh(
      around: PointCloud(sphere(1_500) + sphere(35, centre: SIMD3(2, 2, 2), radius: 0.01)), cells: 24)
    expectClosed(speck)
    #expect(speck.pieceCount == 1 && speck.omittedPieceCount == 1 && mesh.omittedPieceCount == 0)
    var count = SurfaceCount()
    count.add(speck, "a.ply")
    #expect(count.summary?.hasSuffix("all watertight; specks left out of 1: a.ply 1") == true)
  }

  @Test("A thin rod stays whole")
  func rod() throws {
    let rod = (0..<400).flatMap { index -> [Float] in
      let angle = Float(index) * 2.4
      return [0.02 * cos(angle), 0.02 * sin(angle), Float(index) / 200 - 1]
    }
    let mesh = try SurfaceMesh(around: PointCloud(rod))
    expectClosed(mesh)
    #expect(mesh.pieceCount == 1 && mesh.eulerCharacteristic == 2)
    #expect(mesh.volume < 0.2)
  }

  /// Clouds that lie on no surface.
  private static let degenerateClouds: [[Float]] = {
    let point: [Float] = [0.5, 0.5, 0.5]
    let pair: [Float] = [0, 0, 0, 1, 0, 0]
    let line: [Float] = [0, 0, 0, 0.01, 0, 0, 0.02, 0, 0]
    let same = [Float](repeating: 3, count: 60)
    let tiny = (0..<30).flatMap { index -> [Float] in [Float(index) * 1e-20, 0, 0] }
    let huge = (0..<30).flatMap { index -> [Float] in [Float(index % 6) * 1e20, Float(index / 6) * 1e20, 0] }
    return [point, pair, line, same, tiny, huge]
  }()

  @Test("Clouds without a surface get one", arguments: 0..<6)
  func degenerate(number: Int) throws {
    let mesh = try SurfaceMesh(around: PointCloud(Self.degenerateClouds[number]), cells: 24)
    #expect(!mesh.triangles.isEmpty && mesh.openEdgeCount == 0)
    #expect(mesh.vertices.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite })
  }

  @Test("The surface moves and grows with its points")
  func placement() throws {
    let plain = try SurfaceMesh(around: PointCloud(sphere()))
    let moved = try SurfaceMesh(around: PointCloud(sphere(centre: SIMD3(40, -8, 2), radius: 5)))
    let middle = moved.vertices.reduce(SIMD3<Float>(), +) / Float(moved.vertices.count)
    let far = middle - SIMD3(40, -8, 2)
    #expect((far * far).sum().squareRoot() < 0.05)
    #expect(abs(moved.volume / (125 * plain.volume) - 1) < 0.02)
  }

  @Test("Whatever the numbers of a grid are, the surface is closed", arguments: 0..<8)
  func anyGrid(seed: UInt64) throws {
    let side = 7
    var values: [Float] = try SmallPoints.normal([side * side * side], seed: seed).array()
    for index in values.indices {
      let place = [index % side, index / side % side, index / side / side]
      if place.contains(where: { $0 == 0 || $0 == side - 1 }) { values[index] = -1 }
      if index % 17 == 0, values[index] > 0 { values[index] = 0 }
    }
    let grid = ScalarGrid(counts: SIMD3(side, side, side), values: values, origin: SIMD3(), cell: 1)
    let mesh = MarchingTetrahedra.surface(of: grid)
    expectClosed(mesh)
  }

  @Test("Files hold the same surface", arguments: [ShapeFormat.ply, .obj])
  func files(format: ShapeFormat) throws {
    let folder = try TemporaryFolder()
    let mesh = try SurfaceMesh(around: PointCloud(sphere(400)), cells: 24)
    let file = folder["mesh.\(format.fileExtension)"]
    try mesh.write(to: file, format: format)
    // The reader draws points from the faces, evenly.
    let read = try ShapeFile.read(file.path, points: 500, seed: 1)
    #expect(read.count == 1 && read[0].count == 500)
    let radii = (0..<500).map { index in
      (0..<3).map { read[0].coordinates[3 * index + $0] * read[0].coordinates[3 * index + $0] }
        .reduce(0, +).squareRoot()
    }
    #expect((radii.min() ?? 0) > 0.95 && (radii.max() ?? 9) < 1.2)
    let bytes = try mesh.bytes(format: format)
    #expect(try Data(contentsOf: file) == Data(bytes))
  }

  @Test("Formats without faces are refused", arguments: [ShapeFormat.xyz, .npy])
  func facelessFormats(format: ShapeFormat) throws {
    let mesh = try SurfaceMesh(around: PointCloud(sphere(50)), cells: 24)
    #expect(throws: UserError.self) { try mesh.bytes(format: format) }
  }

  @Test("Open surfaces are counted and named")
  func openSurfaces() throws {
    var mesh = try SurfaceMesh(around: PointCloud(sphere(200)), cells: 24)
    var count = SurfaceCount()
    #expect(count.summary == nil)
    count.add(mesh, "a.ply")
    #expect(count.summary?.hasSuffix("all watertight") == true)
    mesh.triangles.removeLast()
    #expect(mesh.openEdgeCount == 3)
    count.add(mesh, "b.ply")
    #expect(count.summary?.contains("1 of them open: b.ply at 3 edges") == true)
  }
}
