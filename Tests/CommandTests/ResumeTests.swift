import Files
import Foundation
import TestSupport
import Testing

/// Runs that are stopped and go on.
@Suite struct ResumeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Lines in a run's metrics, 0 before there are any.
  private func reports(of run: String) -> Int {
    ((try? InputFile.bytes(of: folder["\(run)/metrics.jsonl"])) ?? []).count { $0 == UInt8(ascii: "\n") }
  }

  private func start(_ words: [String]) throws -> Command {
    try Command("duel", ["plane"] + words, in: folder.url)
  }

  /// Waits until a run has so many reports, or its process ends; a process that does neither is stopped.
  private func wait(for command: Command, _ run: String, reports count: Int) {
    let deadline = ContinuousClock.now + .seconds(120)
    while reports(of: run) < count, command.isRunning {
      guard ContinuousClock.now < deadline else {
        command.send(SIGKILL)
        Issue.record("\(run): found \(reports(of: run)) reports after two minutes, expected \(count)")
        return
      }
      usleep(500)
    }
  }

  /// What a run reports, without the two numbers that depend on the machine.
  private func metrics(of run: String) throws -> [JSONValue] {
    try InputFile.text(of: folder["\(run)/metrics.jsonl"]).split(separator: "\n").map { line in
      var report = try JSONValue(parsing: line.utf8)
      report[dotted: "seconds"] = nil
      report[dotted: "rate"] = nil
      return report
    }
  }

  @Test func aKilledRunEndsLikeOneThatWasNot() throws {
    func words(_ run: String) -> [String] {
      quickTraining(run, steps: 120) + [
        "--warm-up-steps", "40", "--checkpoint-every", "25", "--report-every", "2", "--preview-every", "0",
        "--penalty", "r1=0.1/3", "--validate-every", "30",
      ]
    }
    let whole = try Command.plane(words("whole"), in: folder.url)
    try #require(whole.code == 0, "\(whole.remarks)")
    for seen in [1, 9, 20, 33, 52] {
      let command = try start(words("killed") + (seen > 1 ? ["--resume"] : []))
      wait(for: command, "killed", reports: seen)
      command.send(SIGKILL)
      let ending = try command.ending()
      // The later kills may come when the run has just ended.
      if seen < 33 { #expect(ending.code == 128 + SIGKILL, "\(ending.remarks)") }
    }
    let resumed = try Command.plane(words("killed") + ["--resume"], in: folder.url)
    #expect(resumed.code == 0, "\(resumed.remarks)")
    let name = "checkpoints/step-00000120.safetensors"
    #expect(try InputFile.bytes(of: folder["killed/\(name)"]) == InputFile.bytes(of: folder["whole/\(name)"]))
    #expect(try metrics(of: "killed") == metrics(of: "whole"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder["killed"].path)
    #expect(names.allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalSavesAndTheRunGoesOn(_ signal: Int32, _ code: Int32) throws {
    let words = quickTraining("run", steps: 1_000_000) + ["--report-every", "2"]
    let command = try start(words)
    defer { if command.isRunning { command.send(SIGKILL) } }
    wait(for: command, "run", reports: 2)
    command.send(signal)
    let ending = try command.ending()
    #expect(ending.code == code, "\(ending.remarks)")
    #expect(ending.remarks.contains("go on with: duel plane train --out run --resume"))
    let latest = try Command.plane(["info", "run", "--json"], in: folder.url).json[dotted: "step"]?.number
    let step = try #require(latest)
    #expect(step > 2)
    #expect(ending.result.contains("\(Int(step)) of 1000000"))

    let again = try start(["train", "--out", "run", "--resume", "--quiet"])
    defer { if again.isRunning { again.send(SIGKILL) } }
    wait(for: again, "run", reports: reports(of: "run") + 2)
    again.send(signal)
    #expect(try again.ending().code == code)
    let later = try Command.plane(["info", "run", "--json"], in: folder.url).json[dotted: "step"]?.number
    #expect(try #require(later) > step)
  }

  @Test func oneProcessAtATime() throws {
    let command = try start(quickTraining("run", steps: 1_000_000) + ["--report-every", "2"])
    defer {
      command.send(SIGKILL)
      _ = try? command.ending()
    }
    wait(for: command, "run", reports: 1)
    let second = try Command.plane(["train", "--out", "run", "--resume"], in: folder.url)
    #expect(second.code == 73)
    #expect(second.remarks.contains("another process is training this run"), "\(second.remarks)")
  }

  @Test func whatARunBeganWithStays() throws {
    try #require(try Command.plane(quickTraining("run"), in: folder.url).code == 0)
    let existing = try Command.plane(quickTraining("run"), in: folder.url)
    #expect(existing.code == 73)
    #expect(existing.remarks.contains("run: found a run already"))

    try AtomicFile.write((0..<20).map { "\($0) \($0 % 3)\n" }.joined(), to: folder["points.txt"])
    let refused: [(words: [String], code: Int32, message: String)] = [
      (["--loss", "minimax"], 64, #"--loss: found "minimax", but the run has "relativistic-paired""#),
      (["--seed", "3"], 64, "--seed: found 3, but the run has 0"),
      (["--preset", "base"], 64, "--preset: found base, but the run has tiny"),
      (["--width", "3"], 64, "--width: found 3, but the run has 32"),
      (["--data", "points.txt"], 65, "points.txt: found other data than the run"),
    ]
    for (words, code, message) in refused {
      let ending = try Command.plane(["train", "--resume", "--out", "run"] + words, in: folder.url)
      #expect(ending.code == code, "\(ending.remarks)")
      #expect(ending.remarks.contains(message), "\(ending.remarks)")
    }
    for words in [
      quickTraining("run").filter { !["--steps", "6"].contains($0) },
      ["train", "--out", "run", "--report-every", "1", "--keep", "1", "--threads", "1"],
    ] {
      let ending = try Command.plane(words + ["--resume"], in: folder.url)
      #expect(ending.code == 0, "\(ending.remarks)")
    }
  }

  @Test func resumeTellsOtherThreads() throws {
    try #require(try Command.plane(quickTraining("run"), in: folder.url).code == 0)
    let ending = try Command.plane(
      ["train", "--out", "run", "--resume", "--threads", "2"], in: folder.url)
    #expect(ending.code == 0)
    #expect(ending.remarks.contains("not bit for bit"), "\(ending.remarks)")
  }

  @Test func runsWithoutANameAreNumbered() throws {
    for _ in 0..<2 {
      let ending = try Command.plane(
        ["train", "--preset", "tiny", "--steps", "2", "--batch", "8", "--quiet"], in: folder.url)
      #expect(ending.code == 0, "\(ending.remarks)")
    }
    let runs = try FileManager.default.contentsOfDirectory(atPath: folder["runs"].path)
    #expect(runs.sorted() == ["00000-plane", "00001-plane"])
  }

  @Test func aLossThatIsNotANumberEndsTheRun() throws {
    let ending = try Command.plane(
      quickTraining("run", steps: 50) + ["--generator-rate", "1e30", "--discriminator-rate", "1e30"],
      in: folder.url)
    #expect(ending.code == 1, "\(ending.remarks)")
    #expect(ending.remarks.contains("Error: step "), "\(ending.remarks)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder["run/checkpoints"].path)
    #expect(names.contains { $0.hasPrefix("failed-step-") })
  }
}
