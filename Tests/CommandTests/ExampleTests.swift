import Adversarial
import Foundation
import TestSupport
import Testing

/// The programs in Examples, as the package builds them.
@Suite struct ExampleTests {
  @Test func ownTensorsAreTrainedSavedAndSampled() throws {
    let folder = try TemporaryFolder()
    let ending = try Command("OwnTensors", ["run"], in: folder.url).ending()
    #expect(ending.code == 0, "\(ending.remarks)")
    let samples = ending.result.split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Float($0) }
    }
    #expect(samples.count == 5 && samples.allSatisfy { $0.count == 2 })
    // They lie about the circle of radius 1.
    #expect(samples.allSatisfy { (0.5...1.6).contains(hypot($0[0], $0[1])) }, "\(samples)")
    let store = CheckpointStore(folder: folder["run/checkpoints"], keeping: 3)
    let latest = try #require(try store.target(of: .latest))
    #expect(try Checkpoint(contentsOf: latest).step == 300)
  }

  /// An example is to be short.
  @Test func ownTensorsIsShort() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Examples/OwnTensors/main.swift")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") } <= 25)
  }
}
