import Files
import Foundation
import TestSupport
import Testing

/// Every medium's last steps done once more, and a run that goes on where its newest checkpoint is damaged.
@Suite struct VerificationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func duel(_ words: String...) throws -> Command.Ending {
    try Command("duel", words, in: folder.url).ending()
  }

  /// A stored run of four steps, copied and trained to its end.
  private func finish(_ medium: String) throws {
    let stored = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("StoredRuns/\(medium)/run")
    try FileManager.default.copyItem(at: stored, to: folder["run"])
    let ending = try duel(medium, "train", "--resume", "--out", "run", "--quiet")
    try #require(ending.code == 0, "\(ending.remarks)")
  }

  /// Every file of the run by name.
  private func content() throws -> [String: [UInt8]] {
    let files = try FolderListing(folder["run"].path).names
    return try Dictionary(
      uniqueKeysWithValues: files.map { ($0, try InputFile.bytes(of: folder["run/\($0)"])) })
  }

  private var newest: URL { folder["run/checkpoints/step-00000004.safetensors"] }

  @Test(arguments: ["plane", "text", "audio", "points"])
  func everyMediumIsVerifiedAndGoesOnFromThePreviousCheckpoint(_ medium: String) throws {
    try finish(medium)
    let before = try content()
    let verified = try duel("verify", "run", "--json")
    #expect(verified.code == 0, "\(verified.remarks)\(verified.result)")
    #expect(try verified.json[dotted: "replay.outcome"] == .string("same"))
    let begin = try #require(try verified.json[dotted: "replay.from"]?.number.map { Int($0) })
    #expect(begin >= 2 && begin < 4)
    #expect(try content() == before)

    var damaged = try InputFile.bytes(of: newest)
    damaged[damaged.count / 2] ^= 1
    try Data(damaged).write(to: newest)
    let refused = try duel(medium, "train", "--resume", "--out", "run", "--quiet")
    #expect(refused.code == 65)
    let advice = "go on from there with 'duel \(medium) train --out run --resume previous'"
    #expect(refused.remarks.contains("that of step \(begin): \(advice)"), "\(refused.remarks)")
    // Nothing is taken over by itself.
    #expect(try InputFile.bytes(of: newest) == damaged)
    if medium == "plane" {
      let named = try duel("verify", "run")
      #expect(named.code == 65)
      #expect(named.result.contains(/damaged +step 4 +latest.*the file is damaged/), "\(named.result)")
      #expect(named.result.contains(advice) && named.result.contains(/good +step 2/), "\(named.result)")
      #expect(named.result.contains("No step was done again"), "\(named.result)")
    }

    let resumed = try duel(medium, "train", "--out", "run", "--resume", "previous", "--quiet")
    #expect(resumed.code == 0, "\(resumed.remarks)")
    #expect(resumed.remarks.contains("going on from step \(begin), run/checkpoints/step-0000000\(begin)"))
    let after = try content()
    #expect(Set(after.keys) == Set(before.keys))
    for (name, bytes) in before where name != "metrics.jsonl" { #expect(after[name] == bytes, "\(name)") }
  }
}
