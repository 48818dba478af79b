import Foundation
import PointDatasets
import RandomNumbers
import TestSupport

/// Random points in a box of the given sides, others for other seeds.
func scatter(_ count: Int, seed: Int, sides: SIMD3<Float> = [1, 1, 1]) -> PointCloud {
  var random = SplitMix64(seed: 99, index: seed)
  return PointCloud(
    (0..<count).flatMap { _ in (0..<3).map { Float(random.unit()) * sides[$0] } })
}

/// Little-endian bytes of a number.
func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// An NPY file with any header and data.
func array(_ type: String, _ shape: String, _ data: [UInt8], order: String = "False", version: UInt8 = 1)
  -> [UInt8]
{
  let header = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
  let length = version == 1 ? bytes(UInt16(header.count)) : bytes(UInt32(header.count))
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + header + data
}

/// An NPY file of single precision.
func array(_ shape: String, _ values: [Float]) -> [UInt8] {
  array("<f4", shape, values.flatMap { bytes($0.bitPattern) })
}

extension TemporaryFolder {
  /// Writes an NPY file of a cloud, with the folders on its way, and answers its path.
  @discardableResult func cloud(_ name: String, _ cloud: PointCloud) throws -> String {
    try write(name, array("(\(cloud.count), 3)", cloud.coordinates))
  }
}

extension PointSet {
  /// All shapes in order.
  func all() throws -> [PointCloud] { try (0..<count).map { try shape(at: $0) } }

  var labels: [Int?] { (0..<count).map { label(at: $0) } }
}
