import Foundation
import TestSupport
import Testing

@testable import PointDatasets

/// Coordinates of national grids and of the earth's centre, of which single precision keeps half a metre.
@Suite struct FarCoordinateTests {
  private static let offset = SIMD3(455_123.125, 5_412_345.75, 312.5)
  private static let near = scatter(40, seed: 2, sides: [2, 3, 1])

  private static func place(_ index: Int) -> SIMD3<Double> { offset + near[index] }

  /// Millimetres, as text.
  private static let rows = (0..<40).map { index in
    let place = place(index)
    return (0..<3).map { String(format: "%.7f", place[$0]) }.joined(separator: " ") + "\n"
  }

  private static let doubles: [UInt8] = (0..<40).flatMap { index in
    (0..<3).flatMap { bytes(place(index)[$0].bitPattern) }
  }

  private static var files: [(name: String, bytes: [UInt8])] {
    func ply(_ format: String) -> String {
      "ply\nformat \(format) 1.0\nelement vertex 40\nproperty double x\nproperty double y\nproperty double z\n"
        + "end_header\n"
    }
    let lines = rows.joined()
    return [
      ("a.xyz", Array(lines.utf8)),
      ("a.csv", Array(("x,y,z\n" + lines.replacing(" ", with: ",")).utf8)),
      ("a.txt", Array(lines.replacing(".", with: ",").utf8)),
      ("a.obj", Array(rows.map { "v " + $0 }.joined().utf8)),
      ("a.off", Array(("OFF\n40 0 0\n" + lines).utf8)),
      ("a.ply", Array((ply("ascii") + lines).utf8)),
      ("b.ply", Array(ply("binary_little_endian").utf8) + doubles),
      ("a.npy", array("<f8", "(40, 3)", doubles)),
      ("a.npz", archive([("points.npy", array("<f8", "(1, 40, 3)", doubles))])),
    ]
  }

  @Test(arguments: files.map(\.name))
  func placesKeepTheirPrecision(name: String) throws {
    let file = try #require(Self.files.first { $0.name == name })
    try withTemporaryFolder { folder in
      let path = try folder.write(name, file.bytes)
      let cloud = try #require(try ShapeFile.read(path, points: 1, seed: 0).first)
      #expect(cloud.count == 40 && cloud.origin != SIMD3())
      for index in 0..<40 { #expect(abs(cloud[index] - Self.place(index)).max() < 1e-6, "\(index)") }
      // Normalised, it is the shape where it was near.
      for rule in [PointNormalisation.box, .sphere] {
        let (far, near) = (PointFrame(rule).normalised(cloud), PointFrame(rule).normalised(Self.near))
        let error = zip(far.coordinates, near.coordinates).map { abs($0 - $1) }.max() ?? 1
        #expect(far.origin == SIMD3() && error < 1e-6, "\(rule)")
      }
      let drawn = PointFrame(.box).normalised(cloud.drawn(40, draw: 1))
      #expect(Set(drawn.coordinates).count > 100)
    }
  }

  /// Shapes of one scale keep their distances; the same shape elsewhere is another one.
  @Test func theGlobalFrameKnowsWhereShapesAre() throws {
    try withTemporaryFolder { folder in
      for (index, shift) in [0.0, 10, 20, 30].enumerated() {
        let text = (0..<40).map { point in
          let place = Self.place(point)
          return "\(place.x + shift) \(place.y) \(place.z)\n"
        }.joined()
        try folder.write("\(index).xyz", text)
      }
      let corpus = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, normalisation: .global))
      #expect(corpus.training.count == 3)
      let means = try corpus.training.all().map { cloud in
        stride(from: 0, to: 120, by: 3).reduce(0.0) { $0 + Double(cloud.coordinates[$1]) } / 40
      }
      #expect(abs((means[1] - means[0]) * corpus.frame.scale - 10) < 1e-5)
      #expect(abs((means[2] - means[1]) * corpus.frame.scale - 10) < 1e-5)
      let report = try PointCorpus(
        path: folder.path, options: PointCorpusOptions(points: 8, normalisation: .none)
      ).report.description
      #expect(report.contains("; 4 shapes rounded, too far from the origin for single precision"))
    }
  }

  @Test func surfacesFarOut() throws {
    let (x, y) = (455_123.0, 5_412_345.0)
    let text = "v \(x) \(y) 1\nv \(x + 1) \(y) 1\nv \(x + 1) \(y + 1) 1\nv \(x) \(y + 1) 1\nf 1 2 3 4\n"
    try withTemporaryFolder { folder in
      let path = try folder.write("a.obj", text)
      let cloud = try ShapeFile.read(path, points: 500, seed: 1)[0]
      // On a grid of half metres there were nine places.
      #expect(Set((0..<500).map { cloud[$0].y }).count > 400)
      #expect((0..<500).allSatisfy { cloud[$0].x >= x && cloud[$0].x <= x + 1 && cloud[$0].z == 1 })
    }
  }

  @Test func nearShapesStayAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("a.xyz", "10 0 0\n11 0 0\n10 1 0.1\n")
      let cloud = try ShapeFile.read(path, points: 1, seed: 0)[0]
      #expect(cloud == PointCloud([10, 0, 0, 11, 0, 0, 10, 1, 0.1]))
    }
  }
}

private func abs(_ vector: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(abs(vector.x), abs(vector.y), abs(vector.z))
}
