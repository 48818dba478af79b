import Foundation
import TestSupport
import Testing

@testable import ModalityKit

/// Signals end processes, so this has one of its own.
@Suite struct BusErrorTests {
  @Test func aMappedFileThatIsCutEndsTheProcessWithASentence() async throws {
    let result = await #expect(processExitsWith: .exitCode(74), observing: [\.standardErrorContent]) {
      BusError.explain()
      let folder = try TemporaryFolder()
      let path = try folder.write("data", [UInt8](repeating: 1, count: 1 << 16))
      let descriptor = open(path, O_RDWR)
      guard let mapping = mmap(nil, 1 << 16, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED
      else {
        exit(1)
      }
      guard ftruncate(descriptor, 0) == 0 else { exit(2) }
      try FileManager.default.removeItem(at: folder.url)
      exit(Int32(mapping.load(fromByteOffset: 1 << 15, as: UInt8.self)) + 10)
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      text.contains("Error: a data file became shorter") && text.contains("go on with --resume"), "\(text)")
  }
}
