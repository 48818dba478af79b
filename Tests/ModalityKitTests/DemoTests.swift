import Adversarial
import Files
import Foundation
import ModalityKit
import PlaneModality
import TestSupport
import Testing

@Suite struct DemoTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func demo(_ flags: String...) throws -> CommandLineRun {
    CommandLineRun(
      ["demo", "--steps", "6", "--quiet", "--out", folder["demo"].path] + flags,
      registry: try ModalityRegistry([Plane.self]))
  }

  @Test func trainsGeneratesAndEvaluates() throws {
    let demo = try demo()
    #expect(demo.code == 0, "\(demo.remarks)")
    #expect(demo.remarks.contains("$ duel plane train --preset tiny"))
    #expect(demo.result.contains("training sample"))
    let samples = try InputFile.text(of: folder["demo/plane/points.csv"])
    #expect(samples.split(separator: "\n").count == 1001)
    let description = try RunDescription(contentsOf: folder["demo/plane/run/run.json"])
    // What would make the run again, not what made the process.
    #expect(description.arguments.prefix(5) == ["duel", "plane", "train", "--preset", "tiny"])
  }

  @Test func aLengthThatIsNoneDeletesNothing() throws {
    #expect(try demo().code == 0)
    let before = try InputFile.bytes(of: folder["demo/plane/run/run.json"])
    let refused = CommandLineRun(
      ["demo", "--minutes", "1e13", "--out", folder["demo"].path],
      registry: try ModalityRegistry([Plane.self]))
    #expect(refused.code == 64)
    #expect(refused.remarks.contains("--minutes 10000000000000.0: expected more than 0, at most"))
    #expect(try InputFile.bytes(of: folder["demo/plane/run/run.json"]) == before)
  }

  @Test func replacesWhatADemoMadeAndNothingElse() throws {
    #expect(try demo().code == 0)
    let own = folder["demo/plane/mine.txt"]
    try AtomicFile.write("mine", to: own)
    #expect(try demo().code == 0)
    #expect(try InputFile.text(of: own) == "mine")
  }

  @Test func leavesAForeignFolderAlone() throws {
    let own = folder["demo/plane/mine.txt"]
    try FileManager.default.createDirectory(
      at: own.deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write("mine", to: own)
    let demo = try demo()
    #expect(demo.code == 73)
    #expect(demo.remarks.contains("found something that no demo made"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["demo/plane"].path) == ["mine.txt"])
  }

  @Test func namesTheModalitiesThatItKnows() throws {
    let demo = try demo("--only", "audio")
    #expect(demo.code == 64)
    #expect(demo.remarks == "Error: --only audio: found no such modality, expected one of plane\n")
  }
}

@Suite struct DoctorTests {
  private func doctor(_ checks: [DoctorCheck], _ flags: String...) throws -> CommandLineRun {
    CommandLineRun(["doctor"] + flags, registry: try ModalityRegistry([], checks: checks))
  }

  @Test func looksAtEngineAndDisk() throws {
    let folder = try TemporaryFolder()
    let doctor = try doctor([], "--out", folder["new/run"].path)
    #expect(doctor.code == 0, "\(doctor.result)")
    for name in ["engine", "threads", "devices", "writing", "space"] { #expect(doctor.result.contains(name)) }
    #expect(try folder.names.isEmpty)
  }

  @Test func exitsWithOneWhenSomethingFailed() throws {
    let checks = [
      DoctorCheck("fine") { .ok("here") }, DoctorCheck("slow") { .warning("old") },
      DoctorCheck("broken") { throw CocoaError(.fileNoSuchFile) },
    ]
    let failing = try doctor(checks, "--json")
    #expect(failing.code == 1)
    guard case .array(let list) = try failing.json[dotted: "checks"] else {
      Issue.record("no list")
      return
    }
    let outcomes = Dictionary(uniqueKeysWithValues: list.map { ($0[dotted: "name"], $0[dotted: "outcome"]) })
    #expect(outcomes[.string("fine")] == .string("ok"))
    #expect(outcomes[.string("slow")] == .string("warning"))
    #expect(outcomes[.string("broken")] == .string("failed"))
    #expect(try doctor(Array(checks.prefix(2))).code == 0)
  }

  @Test func aPlaceThatTakesNoFilesFails() throws {
    let doctor = try doctor([], "--out", "/proc/runs")
    #expect(doctor.code == 1)
    #expect(doctor.result.contains("failed"))
  }
}
