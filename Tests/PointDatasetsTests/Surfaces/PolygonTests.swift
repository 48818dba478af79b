import Failures
import Foundation
import RandomNumbers
import TestSupport
import Testing

@testable import PointDatasets

/// Faces of many corners, concave ones among them.
@Suite struct PolygonTests {
  /// A U, 6 wide and 5 high, whose gap is 2 wide and reaches down to 2: of area 24.
  private static let u: [SIMD2<Double>] = [
    SIMD2(0, 0), SIMD2(6, 0), SIMD2(6, 5), SIMD2(4, 5), SIMD2(4, 2), SIMD2(2, 2), SIMD2(2, 5), SIMD2(0, 5),
  ]

  private static func isGap(_ x: Double, _ y: Double) -> Bool { x > 2.001 && x < 3.999 && y > 2.001 }

  private func places(_ corners: [SIMD2<Double>], isTurned: Bool = false) -> [SIMD3<Double>] {
    (isTurned ? corners.reversed() : corners).map { SIMD3($0.y, $0.x * 0.6, $0.x * 0.8) }
  }

  private func area(_ triangles: [SIMD3<Int>], _ places: [SIMD3<Double>]) -> Double {
    triangles.reduce(0) { sum, triangle in
      let (a, b) = (places[triangle.y] - places[triangle.x], places[triangle.z] - places[triangle.x])
      let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
      return sum + (cross * cross).sum().squareRoot() / 2
    }
  }

  private func area(of polygon: [SIMD2<Double>]) -> Double {
    abs(
      polygon.indices.reduce(0.0) { sum, index in
        let (a, b) = (polygon[index], polygon[(index + 1) % polygon.count])
        return sum + a.x * b.y - a.y * b.x
      }) / 2
  }

  @Test func trianglesOfConcaveFacesCoverThem() throws {
    for start in 0..<8 {
      for isTurned in [false, true] {
        let corners = (0..<8).map { Self.u[($0 + start) % 8] }
        let places = places(corners, isTurned: isTurned)
        let polygon = try #require(Polygon(places))
        #expect(!polygon.isFan)
        var work = Polygon.mostWork
        let triangles = try #require(polygon.triangles(work: &work))
        #expect(abs(area(triangles, places) - 24) < 1e-9, "\(start)")
      }
    }
  }

  /// Stars: corners around a centre at random distances, which many fans do not cover.
  @Test func randomStars() throws {
    var random = SplitMix64(seed: 3)
    for count in [4, 5, 7, 20, 101] {
      for _ in 0..<20 {
        let corners = (0..<count).map { index -> SIMD2<Double> in
          let (angle, radius) = (2 * Double.pi * Double(index) / Double(count), 0.05 + random.unit())
          return SIMD2(cos(angle) * radius, sin(angle) * radius)
        }
        let places = places(corners)
        guard let polygon = Polygon(places), !polygon.isFan else { continue }
        var work = Polygon.mostWork
        let triangles = try #require(polygon.triangles(work: &work))
        #expect(abs(area(triangles, places) - area(of: corners)) < 1e-9)
      }
    }
  }

  /// A square with a square hole, joined to the outline by a seam that is passed twice.
  @Test func holesOnASeam() throws {
    let corners: [SIMD2<Double>] = [
      SIMD2(0, 0), SIMD2(4, 0), SIMD2(4, 4), SIMD2(0, 4), SIMD2(0, 0), SIMD2(1, 1), SIMD2(1, 3), SIMD2(3, 3),
      SIMD2(3, 1), SIMD2(1, 1),
    ]
    let places = places(corners)
    var work = Polygon.mostWork
    let triangles = try #require(Polygon(places)?.triangles(work: &work))
    #expect(abs(area(triangles, places) - 12) < 1e-9)
  }

  @Test func facesThatCrossThemselvesEnd() throws {
    var random = SplitMix64(seed: 9)
    for count in [5, 8, 40] {
      let corners = (0..<count).map { _ in SIMD2(random.unit(), random.unit()) }
      var work = Polygon.mostWork
      if let polygon = Polygon(places(corners)) {
        #expect(try #require(polygon.triangles(work: &work)).count <= count - 2)
      }
    }
    var none = 1
    #expect(Polygon(places(Self.u))?.triangles(work: &none) == nil)
    #expect(Polygon([SIMD3(), SIMD3(1, 1, 1), SIMD3(2, 2, 2), SIMD3(3, 3, 3)]) == nil)
  }

  @Test func pointsOfConcaveFacesLieOnThemInEveryKindOfFile() throws {
    let rows = Self.u.map { "\($0.x) \($0.y) 1\n" }
    let vertices = rows.joined()
    let head = """
      ply
      format ascii 1.0
      element vertex 8
      property float x
      property float y
      property float z
      element face 1
      property list uchar int vertex_indices
      end_header

      """
    let files = [
      ("a.obj", "f 1 2 3 4 5 6 7 8\n" + rows.map { "v " + $0 }.joined()),
      ("a.off", "OFF\n8 1 0\n\(vertices)8 0 1 2 3 4 5 6 7\n"),
      ("a.ply", "\(head)\(vertices)8 0 1 2 3 4 5 6 7\n"),
    ]
    for (name, text) in files {
      let points = try withTemporaryFolder { folder in
        try ShapeFile.read(try folder.write(name, Array(text.utf8)), points: 4000, seed: 1)[0].coordinates
      }
      let places = stride(from: 0, to: points.count, by: 3).map {
        (Double(points[$0]), Double(points[$0 + 1]))
      }
      #expect(places.count == 4000 && !places.contains { Self.isGap($0.0, $0.1) }, "\(name)")
      // A leg above the floor of the gap has 2 x 3 of 24. Mean 1000, deviation 27.
      let leg = places.count { $0.0 < 2 && $0.1 > 2 }
      #expect(abs(leg - 1000) < 130, "\(name): \(leg)")
    }
  }
}
