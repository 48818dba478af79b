import Foundation
import HostileFiles
import TestSupport
import Testing

/// Whatever stands in a file, its reader takes it or refuses it in a sentence that names it. `scripts/fuzz` tries many more
/// cases, with large files, and watches time and memory; it also names the case of a crash, which ends these tests.
@Suite struct HostileFileTests {
  private static let readers = Result { try HostileReaders.all(bulk: false) }
  private static let names = ((try? readers.get()) ?? []).map(\.name)
  private static let cases = 150
  private static let seed: UInt64 = 7

  @Test(.timeLimit(.minutes(2)), arguments: names)
  func damagedFilesAreReadOrRefused(name: String) throws {
    let reader = try #require(try Self.readers.get().first { $0.name == name })
    try withTemporaryFolder { folder in
      var counts = (read: 0, refused: 0)
      for number in 0..<Self.cases {
        let path = try folder.write(reader.fileName, reader.file(seed: Self.seed, number: number).bytes)
        switch reader.outcome(of: path) {
        case .read: counts.read += 1
        case .refused: counts.refused += 1
        case .fault(let text): Issue.record("\(name), case \(number) of seed \(Self.seed): \(text)")
        }
      }
      // Damage that no reader notices, or that none gets over, would test nothing.
      #expect(counts.read > 0 && counts.refused > 0)
    }
  }

  @Test func everyReaderIsThere() throws {
    let names = try Self.readers.get().map(\.name)
    #expect(names.count >= 28 && Set(names).count == names.count)
  }
}
