import Foundation
import PointDatasets
import TestSupport
import Testing

/// Shape files whose header announces more than can be counted, through the executable that users get.
@Suite struct AbsurdShapeTests {
  /// An array of 128 bytes with the shape (0, 2^62, 2^62): a product that is 0 until somebody leaves the 0 out.
  private static let array: [UInt8] = {
    let text = "{'descr': '|b1', 'fortran_order': False, 'shape': (0, \(1 << 62), \(1 << 62)), }"
    let header = text.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
  }()

  /// The same in an archive, not packed.
  private static let archive: [UInt8] = {
    let name = Array("points.npy".utf8)
    let size: [UInt8] = [128, 0, 0, 0]
    // Its checksum (CRC-32), its size twice, and how long its name and what follows that are.
    let common = [0, 0, 0, 0, 0, 0, 0xef, 0x1e, 0x74, 0x7e] + size + size + [10, 0, 0, 0]
    let file = [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + common + name + array
    let list = [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + common + [UInt8](repeating: 0, count: 14) + name
    return file + list + [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 56, 0, 0, 0, 168, 0, 0, 0, 0, 0]
  }()

  private func train(_ data: String, _ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
    try Command(
      "duel",
      [
        "points", "train", "--data", data, "--preset", "tiny", "--network", "mlp", "--points", "16",
        "--batch", "4",
        "--steps", "1", "--critic-widths", "8,8", "--mlp-widths", "8", "--threads", "1", "--out", "run",
      ] + words, in: folder.url
    ).ending()
  }

  @Test(arguments: [("huge.npy", array, ""), ("huge.npz", archive, "points.npy: ")])
  func areRefusedOrLeftOut(name: String, bytes: [UInt8], member: String) throws {
    #expect(Self.array.count == 128 && bytes.count >= 128)
    let folder = try TemporaryFolder()
    try folder.write("data/\(name)", bytes)
    try folder.write("only/\(name)", bytes)
    for number in 0..<12 {
      let cloud = PointCloud((0..<60).map { Float(($0 * $0 + number * $0) % 17) })
      try ShapeFile.write(cloud, to: folder["data/\(number).npy"], format: .npy)
    }
    let message =
      "data/\(name): \(member)found the shape (0, \(1 << 62), \(1 << 62)), expected whole numbers from 1"
    let before = try folder.names
    for (data, words) in [("data", []), ("only", []), ("only/\(name)", []), ("only", ["--skip-bad"])] {
      let ending = try train(data, words, in: folder)
      #expect(ending.code == 65, "\(data) \(words): \(ending.remarks)")
      #expect(ending.remarks.hasPrefix("Error: "), "\(data) \(words): \(ending.remarks)")
      if data == "data" { #expect(ending.remarks.contains(message), "\(ending.remarks)") }
      #expect(ending.result.isEmpty)
      #expect(try folder.names == before)
    }
    let ending = try train("data", ["--skip-bad"], in: folder)
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(ending.remarks.contains("13 shapes (left out: 1 unusable)"), "\(ending.remarks)")
    #expect(ending.remarks.contains(message), "\(ending.remarks)")
  }
}
