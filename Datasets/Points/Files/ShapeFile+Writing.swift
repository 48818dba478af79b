import Failures
import Files
import Foundation

extension ShapeFile {
  /// Creates or replaces a file with a cloud, in single precision; nothing is left behind when anything fails. Equal
  /// clouds give equal bytes, and texts hold as many digits as it takes to read the same numbers again.
  ///
  /// - Throws: `UserError`: bad data for an empty cloud and coordinates that are not finite, with the point's number;
  ///   cannot-create when the folder takes no new file; input-output when writing fails half-way.
  public static func write(_ cloud: PointCloud, to url: URL, format: ShapeFormat) throws {
    guard cloud.count > 0 else {
      throw UserError(.badData, "\(url.relativePath): found no points to write, expected at least one")
    }
    if let point = cloud.firstNonFinite {
      throw UserError(
        .badData,
        "\(url.relativePath): found a coordinate of point \(point) that is not finite, expected a number")
    }
    try AtomicFile.write(to: url) { file in
      switch format {
      case .ply:
        try file.write(
          """
          ply
          format binary_little_endian 1.0
          element vertex \(cloud.count)
          property float x
          property float y
          property float z
          end_header

          """)
        try file.write(littleEndian: cloud.coordinates)
      case .npy:
        try file.write(arrayHeader(rows: cloud.count))
        try file.write(littleEndian: cloud.coordinates)
      case .xyz, .obj:
        let start = format == .obj ? "v " : ""
        for index in stride(from: 0, to: cloud.coordinates.count, by: 3) {
          let (x, y, z) = (
            cloud.coordinates[index], cloud.coordinates[index + 1], cloud.coordinates[index + 2]
          )
          try file.write("\(start)\(x) \(y) \(z)\n")
        }
      }
    }
  }

  /// An NPY header, filled up so that the numbers begin at a multiple of 64 bytes.
  private static func arrayHeader(rows: Int) -> [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), 3), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    let filled = text + String(repeating: " ", count: length - text.utf8.count - 1) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
      + Array(filled.utf8)
  }
}

extension FileWriter {
  /// Appends numbers in the byte order of PLY and NPY files.
  fileprivate func write(littleEndian numbers: [Float]) throws {
    try numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { try write($0) }
  }
}
