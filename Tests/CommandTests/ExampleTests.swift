import Adversarial
import AudioDatasets
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
      $0.trimmingCharacters(in: ["[", "]"]).components(separatedBy: ", ").compactMap { Float($0) }
    }
    #expect(samples.count == 5 && samples.allSatisfy { $0.count == 2 })
    // They lie about the circle of radius 1.
    #expect(samples.allSatisfy { (0.5...1.6).contains(hypot($0[0], $0[1])) }, "\(samples)")
    let store = CheckpointStore(folder: folder["run/checkpoints"], keeping: 3)
    let latest = try #require(try store.target(of: .latest))
    #expect(try Checkpoint(contentsOf: latest).step == 400)
  }

  @Test func tenClipsOfARun() throws {
    let folder = try TemporaryFolder()
    let trained = try Command(
      "duel",
      ["audio", "train", "--preset", "tiny", "--steps", "1", "--batch", "2", "--quiet", "--out", "run"]
        + ["--preview-every", "0"], in: folder.url
    ).ending()
    try #require(trained.code == 0, "\(trained.remarks)")
    let ending = try Command("TenClips", ["run"], in: folder.url).ending()
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(Set(try folder.names) == Set((0..<10).map { "\($0).wav" } + ["run"]))
    #expect(try (0..<10).allSatisfy { try SoundFile.read(folder["\($0).wav"].path).frameCount == 8192 })
  }

  /// Examples are to be short: lines that are neither empty nor comments.
  @Test(arguments: [("OwnTensors", 25), ("TenClips", 6)]) func examplesAreShort(name: String, limit: Int)
    throws
  {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Examples/\(name)/main.swift")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") } <= limit)
  }
}
