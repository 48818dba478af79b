import Adversarial
import Files
import Foundation
import TestSupport
import Testing

/// `train --resume` with a length goes on beyond the end of a run, as often as is wanted.
@Suite struct SegmentCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func duel(_ words: String...) throws -> Command.Ending {
    try Command("duel", words + ["--quiet"], in: folder.url).ending()
  }

  private func description(_ run: String) throws -> JSONValue {
    try JSONValue(parsing: InputFile.bytes(of: folder["\(run)/run.json"]))
  }

  @Test func aFinishedRunGoesOnAndIsRepeatedWhole() throws {
    let began = try duel("plane", "train", "--preset", "tiny", "--steps", "6", "--out", "run", "--seed", "3")
    try #require(began.code == 0, "\(began.remarks)")
    let before = try description("run")
    // Without a length nothing is left to do.
    #expect(try duel("plane", "train", "--out", "run", "--resume").code == 0)
    #expect(try description("run") == before)

    let first = try Command(
      "duel", ["plane", "train", "--out", "run", "--resume", "--steps", "4"], in: folder.url
    )
    .ending()
    try #require(first.code == 0, "\(first.remarks)")
    #expect(first.remarks.contains("the run has done its 6 steps; segment 2 adds 4: 0 warm-up, 4 duel"))
    let second = try duel("plane", "train", "--out", "run", "--resume", "--samples", "256", "--json")
    try #require(second.code == 0, "\(second.remarks)")
    let total = try #require(try second.json[dotted: "totalSteps"]?.number)
    #expect(try second.json[dotted: "step"]?.number == total && total > 10)

    let after = try description("run")
    #expect(
      after[dotted: "plan"] == before[dotted: "plan"] && after[dotted: "recipe"] == before[dotted: "recipe"])
    guard case .array(let segments)? = after[dotted: "addedSegments"] else {
      Issue.record("no addedSegments in \(after.prettyText)")
      return
    }
    #expect(segments.map { $0[dotted: "length"] } == [.string("--steps 4"), .string("--samples 256")])
    #expect(segments.map { $0[dotted: "plan.beginning.step"] } == [.int(6), .int(10)])

    let verified = try Command("duel", ["verify", "run", "--steps", "9", "--json"], in: folder.url).ending()
    #expect(verified.code == 0, "\(verified.result)\(verified.remarks)")
    #expect(try verified.json[dotted: "replay.outcome"] == .string("same"))
    #expect(try #require(verified.json[dotted: "replay.from"]?.number) < 6)

    let again = try duel(
      "plane", "train", "--config", "run/run.json", "--seed", "3", "--out", "again")
    try #require(again.code == 0, "\(again.remarks)")
    let name = String(format: "checkpoints/step-%08d.safetensors", Int(total))
    #expect(try InputFile.bytes(of: folder["run/\(name)"]) == InputFile.bytes(of: folder["again/\(name)"]))
  }

  @Test func whatIsNotDoneGoesOnByItself() throws {
    let stored = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("StoredRuns/plane/run")
    try FileManager.default.copyItem(at: stored, to: folder["run"])
    let refused = try duel("plane", "train", "--out", "run", "--resume", "--steps", "9")
    #expect(refused.code == 64)
    #expect(
      refused.remarks.contains("--steps: found --steps 9, but the run has")
        && refused.remarks.contains("--resume alone"),
      "\(refused.remarks)")
    #expect(try description("run")[dotted: "addedSegments"] == nil)
    // The length that it began with is none that is added.
    #expect(try duel("plane", "train", "--out", "run", "--resume", "--steps", "4").code == 0)
    #expect(try description("run")[dotted: "addedSegments"] == nil)
    #expect(try duel("plane", "train", "--out", "run", "--resume", "previous", "--steps", "9").code == 64)
  }

  @Test func warmUpAndMinutesAreAddedToo() throws {
    let began = try duel("text", "train", "--preset", "tiny", "--steps", "6", "--out", "run")
    try #require(began.code == 0, "\(began.remarks)")
    let added = try duel("text", "train", "--out", "run", "--resume", "--minutes", "0.02")
    try #require(added.code == 0, "\(added.remarks)")
    let plan = try #require(try description("run")[dotted: "addedSegments"])
    guard case .array(let segments) = plan, let segment = segments.first else { return }
    #expect(segment[dotted: "length"] == .string("--minutes 0.02"))
    #expect(try #require(segment[dotted: "plan.duelSteps"]?.number) >= 1)
    let information = try Command("duel", ["text", "info", "run"], in: folder.url).ending()
    #expect(information.result.contains("segment 2, from step 6, has "), "\(information.result)")
  }

  @Test func aDamagedSegmentIsRefused() throws {
    try #require(try duel("plane", "train", "--preset", "tiny", "--steps", "4", "--out", "run").code == 0)
    try #require(try duel("plane", "train", "--out", "run", "--resume", "--steps", "2").code == 0)
    let text = try description("run").prettyText
    for (good, bad) in [("\"segment\": 1", "\"segment\": 7"), ("\"threads\": ", "\"threads\": -")] {
      try text.replacing(good, with: bad).write(to: folder["run/run.json"], atomically: true, encoding: .utf8)
      let ending = try Command("duel", ["plane", "info", "run"], in: folder.url).ending()
      #expect(ending.code == 65 && ending.remarks.contains("run.json: "), "\(ending.remarks)")
    }
  }
}
