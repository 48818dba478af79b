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
    let bytes = try bytes(of: cloud, format: format, name: url.relativePath)
    try AtomicFile.write(to: url) { try $0.write(bytes) }
  }

  /// The bytes of the file that a cloud is written as; `name` is the file's in messages.
  ///
  /// - Throws: `UserError`: bad data for an empty cloud and coordinates that are not finite, with the point's number.
  public static func bytes(of cloud: PointCloud, format: ShapeFormat, name: String) throws -> [UInt8] {
    guard cloud.count > 0 else {
      throw UserError(.badData, "\(name): found no points to write, expected at least one")
    }
    if let point = cloud.firstNonFinite {
      throw UserError(
        .badData, "\(name): found a coordinate of point \(point) that is not finite, expected a number")
    }
    switch format {
    case .ply:
      let header = """
        ply
        format binary_little_endian 1.0
        element vertex \(cloud.count)
        property float x
        property float y
        property float z
        end_header

        """
      return Array(header.utf8) + littleEndian(cloud.coordinates)
    case .npy:
      return arrayHeader(rows: cloud.count) + littleEndian(cloud.coordinates)
    case .xyz, .obj:
      let start = format == .obj ? "v " : ""
      var text = ""
      for index in stride(from: 0, to: cloud.coordinates.count, by: 3) {
        let (x, y, z) = (
          cloud.coordinates[index], cloud.coordinates[index + 1], cloud.coordinates[index + 2]
        )
        text += "\(start)\(x) \(y) \(z)\n"
      }
      return Array(text.utf8)
    }
  }

  /// Numbers in the byte order of PLY and NPY files.
  private static func littleEndian(_ numbers: [Float]) -> [UInt8] {
    numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
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
