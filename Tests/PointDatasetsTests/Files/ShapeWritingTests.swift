import Failures
import Foundation
import PointDatasets
import TestSupport
import Testing

@Suite struct ShapeWritingTests {
  private let cloud = PointCloud([
    0.1, -2, 3e-8, 1 / 3, .pi, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 16_777_216,
  ])

  @Test(arguments: ShapeFormat.allCases)
  func whatIsWrittenIsReadBitForBit(format: ShapeFormat) throws {
    try withTemporaryFolder { folder in
      let url = folder["shape.\(format.fileExtension)"]
      try ShapeFile.write(cloud, to: url, format: format)
      let read = try ShapeFile.read(url.path, points: 1, seed: 0)
      #expect(read.map { $0.coordinates.map(\.bitPattern) } == [cloud.coordinates.map(\.bitPattern)])
      let first = try Data(contentsOf: url)
      try ShapeFile.write(cloud, to: url, format: format)
      #expect(try Data(contentsOf: url) == first)
      #expect(try folder.names == ["shape.\(format.fileExtension)"])
    }
  }

  @Test func bytesAreThoseOfTheFormats() throws {
    try withTemporaryFolder { folder in
      func text(_ format: ShapeFormat) throws -> String {
        let url = folder["a.\(format.fileExtension)"]
        try ShapeFile.write(PointCloud([1, 2, 0.5, -1, 0, 1e20]), to: url, format: format)
        return String(decoding: try Data(contentsOf: url), as: Unicode.ASCII.self)
      }
      #expect(try text(.xyz) == "1.0 2.0 0.5\n-1.0 0.0 1e+20\n")
      #expect(try text(.obj) == "v 1.0 2.0 0.5\nv -1.0 0.0 1e+20\n")
      let ply = try text(.ply)
      #expect(ply.hasPrefix("ply\nformat binary_little_endian 1.0\nelement vertex 2\nproperty float x\n"))
      #expect(ply.utf8.count > 0 && ply.contains("property float z\nend_header\n"))
      let npy = try Data(
        contentsOf: {
          _ = try text(.npy); return folder["a.npy"]
        }())
      #expect(npy.count == 128 + 24 && npy[127] == 0x0a)
    }
  }

  @Test(arguments: ShapeFormat.allCases)
  func numbersThatAreNotFiniteAreRefused(format: ShapeFormat) throws {
    try withTemporaryFolder { folder in
      let url = folder["a.\(format.fileExtension)"]
      for (cloud, message) in [
        (PointCloud([0, 0, 0, 0, .nan, 0]), "found a coordinate of point 1 that is not finite"),
        (PointCloud([]), "found no points to write"),
      ] {
        let error = #expect(throws: UserError.self) { try ShapeFile.write(cloud, to: url, format: format) }
        #expect(error?.category == .badData)
        #expect(error?.message.contains(message) == true)
      }
      let missing = #expect(throws: UserError.self) {
        try ShapeFile.write(self.cloud, to: folder["none/a"], format: format)
      }
      #expect(missing?.category == .cannotCreate)
      let names = try folder.names
      #expect(names == [])
    }
  }
}
