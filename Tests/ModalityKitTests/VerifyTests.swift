import Adversarial
import Files
import Foundation
import ModalityKit
import PlaneModality
import TestSupport
import Testing
import Torch

/// What verify says of runs that are not as they were.
@Suite struct VerifyTests {
  private let folder: TemporaryFolder
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    run = folder["run"].path
  }

  /// Three checkpoints: of steps 0, 6 and 12, the last two of the duel.
  private func train(_ flags: String...) throws {
    let words = [
      "plane", "train", "--preset", "tiny", "--steps", "12", "--warm-up-steps", "0", "--checkpoint-every",
      "6",
      "--points", "400", "--report-every", "4", "--preview-every", "0", "--quiet", "--out", run,
    ]
    let ending = CommandLineRun(words + flags, registry: try ModalityRegistry([Plane.self]))
    try #require(ending.code == 0, "\(ending.remarks)")
  }

  private func file(_ step: String) -> URL { folder["run/checkpoints/step-000000\(step).safetensors"] }

  /// Changes a checkpoint and gives it a digest that fits.
  private func rewrite(
    _ step: String, _ change: (inout [String: Tensor], inout [String: String]) throws -> Void
  ) throws {
    var (tensors, metadata) = try Tensor.readSafetensors(file(step))
    try change(&tensors, &metadata)
    try Tensor.writeSafetensors(tensors.map { ($0.key, $0.value) }, metadata: metadata, to: file(step))
  }

  @Test func stepsSayWhereTheReplayBegins() throws {
    try train()
    for (steps, begin) in [("1", 6), ("6", 6), ("7", 0), ("500", 0)] {
      let found = try CommandLineRun("verify", run, "--steps", steps, "--json")
      #expect(found.code == 0, "\(found.remarks)\(found.result)")
      #expect(try found.json[dotted: "replay.from"] == .int(begin))
      #expect(try found.json[dotted: "replay.outcome"] == .string("same"))
    }
    let none = try CommandLineRun("verify", run, "--steps", "0")
    #expect(none.code == 0 && none.result.contains("No step was done again: none was asked for."))
    let text = try CommandLineRun("verify", run, "--steps", "9")
    #expect(text.result.contains("Done again from step 0: the same bytes at step 6, 12."), "\(text.result)")
    #expect(text.result.contains(/good +step 12 +latest/), "\(text.result)")
    #expect(try CommandLineRun("verify", run, "--steps", "-1").code == 64)
  }

  @Test func anotherResultIsNamedWithItsFirstTensor() throws {
    try train()
    let name = "generator.output.bias"
    try rewrite("12") { tensors, _ in
      tensors[name] = try #require(tensors[name]) + 0.25
    }
    let found = try CommandLineRun("verify", run)
    #expect(found.code == 65)
    #expect(found.result.contains("another result at step 12"), "\(found.result)")
    #expect(found.result.contains("1 of "), "\(found.result)")
    #expect(found.result.contains("\(name) differs in 2 of 2 elements, by at most 0.25"), "\(found.result)")
    #expect(found.result.contains("may have gone on with other threads"), "\(found.result)")
    let json = try CommandLineRun("verify", run, "--json").json
    #expect(json[dotted: "replay.first.name"] == .string(name))
    #expect(json[dotted: "good"] == .bool(false))
  }

  @Test func whatTheRunNotedIsCompared() throws {
    try train()
    let noted = folder["run/run.json"]
    var document = try JSONValue(parsing: InputFile.bytes(of: noted))
    document[dotted: "data.libtorch"] = .string("1.0, no kernels")
    try AtomicFile.write(document.text, to: noted)
    try rewrite("12") { tensors, _ in tensors["averaged.output.bias"] = try Tensor([Float(1), 2]) }
    let found = try CommandLineRun("verify", run)
    #expect(
      found.result.contains("the run noted libtorch 1.0, no kernels, the replay had"), "\(found.result)")
  }

  @Test func sumsForTheNextReportMayDiffer() throws {
    try train()
    try rewrite("12") { _, metadata in
      var state = try JSONValue(parsing: try #require(metadata["duel.state"]).utf8)
      state[dotted: "statistics.entries"] = .array([])
      metadata["duel.state"] = state.text
    }
    // Reports are due at step 12: sums are empty there, and not at step 6.
    try rewrite("06") { _, metadata in
      var state = try JSONValue(parsing: try #require(metadata["duel.state"]).utf8)
      #expect(state[dotted: "statistics.entries"] != .array([]))
      state[dotted: "statistics.entries"] = .array([])
      metadata["duel.state"] = state.text
    }
    let found = try CommandLineRun("verify", run, "--steps", "12")
    #expect(found.code == 0, "\(found.result)")
    #expect(found.result.contains("the same networks and optimisers"), "\(found.result)")
  }

  @Test func dataThatIsGoneIsAnErrorAfterTheCheckpoints() throws {
    let data = folder["points.txt"]
    try AtomicFile.write((0..<90).map { "\($0) \($0 % 7)\n" }.joined(), to: data)
    let words = [
      "--preset", "tiny", "--steps", "4", "--batch", "8", "--quiet", "--out", run, "--data", data.path,
    ]
    let registry = try ModalityRegistry([Plane.self])
    try #require(CommandLineRun(["plane", "train"] + words, registry: registry).code == 0)
    let moved = folder["moved.txt"]
    try FileManager.default.moveItem(at: data, to: moved)
    let found = try CommandLineRun("verify", run)
    #expect(found.code == 66)
    #expect(found.result.contains(/good +step 4/) && found.remarks.contains("points.txt"), "\(found.remarks)")
    #expect(try CommandLineRun("verify", run, "--data", moved.path).code == 0)
  }

  @Test func whatIsNoRunIsRefused() throws {
    #expect(try CommandLineRun("verify", folder["nothing"].path).code == 66)
    try train()
    try withExtendedLifetime(RunFolder.open(folder["run"]).lock()) {
      let busy = try CommandLineRun("verify", run)
      #expect(busy.code == 73 && busy.remarks.contains("another process"), "\(busy.remarks)")
    }
    try FileManager.default.removeItem(at: folder["run/checkpoints"])
    #expect(try CommandLineRun("verify", run).code == 66)
  }

  @Test func previousGoesBackBehindPointersThatLeadNowhere() throws {
    try train()
    let whole = try InputFile.bytes(of: file("12"))
    try FileManager.default.removeItem(at: file("12"))
    let words = ["plane", "train", "--out", run, "--quiet", "--resume"]
    let registry = try ModalityRegistry([Plane.self])
    let refused = CommandLineRun(words, registry: registry)
    #expect(refused.code == 65)
    #expect(
      refused.remarks.contains("there is no such file; the newest undamaged one before it is that of step 6"))
    #expect(CommandLineRun(words + ["previous"], registry: registry).code == 0)
    #expect(try InputFile.bytes(of: file("12")) == whole)

    for step in ["00", "06", "12"] { try AtomicFile.write("", to: file(step)) }
    let lost = CommandLineRun(words, registry: registry)
    #expect(
      lost.code == 65 && lost.remarks.contains("no earlier one is undamaged; the run has to begin anew"))
    let none = CommandLineRun(words + ["previous"], registry: registry)
    #expect(none.code == 65 && none.remarks.contains("found no undamaged checkpoint before step 12"))
    #expect(CommandLineRun(words + ["sideways"], registry: registry).code == 64)
  }
}
