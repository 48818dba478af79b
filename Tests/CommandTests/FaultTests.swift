import Files
import Foundation
import TestSupport
import Testing

/// Trainings that disks and people interrupt: each ends with a sentence, and then goes on to the same bytes. `make faults` does
/// hundreds of such things to every medium; here are some that need no clock.
@Suite struct FaultTests {
  /// A training of three checkpoints and three previews, with all that depends on nothing but its words.
  private struct Fixture {
    let folder: TemporaryFolder
    let words = [
      "plane", "train", "--preset", "tiny", "--steps", "6", "--warm-up-steps", "2", "--batch", "8",
      "--points", "300",
      "--checkpoint-every", "3", "--preview-every", "3", "--report-every", "1", "--threads", "1", "--quiet",
      "--out",
    ]

    init() throws { folder = try TemporaryFolder() }

    func train(_ run: String, _ more: [String] = [], limit: String? = nil) throws -> Command.Ending {
      try Command("duel", words + [run] + more, in: folder.url, limit: limit).ending()
    }

    /// What a run leaves, without what depends on the clock and the command line.
    func content(_ run: String) throws -> [String: [UInt8]] {
      var files: [String: [UInt8]] = [:]
      for name in try FolderListing(folder[run].path).names where name != "run.json" && name != "run.lock" {
        files[name] = try InputFile.bytes(of: folder["\(run)/\(name)"])
      }
      let metrics = String(decoding: files["metrics.jsonl"] ?? [], as: UTF8.self)
      files["metrics.jsonl"] = Array(metrics.replacing(/,"seconds":.*/, with: "").utf8)
      return files
    }
  }

  /// What a run leaves that nothing happened to.
  private static let whole = Result {
    let fixture = try Fixture()
    try #require(try fixture.train("run").code == 0)
    return try fixture.content("run")
  }

  private let fixture: Fixture
  private var folder: TemporaryFolder { fixture.folder }

  init() throws { fixture = try Fixture() }

  /// Goes on with the run of that name, and compares it with one that nothing happened to.
  private func expectTheSame(_ run: String = "run") throws {
    let resumed = try fixture.train(run, ["--resume"])
    #expect(resumed.code == 0, "\(resumed.remarks)")
    let (found, expected) = (try fixture.content(run), try Self.whole.get())
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
  }

  private func expectFailure(_ ending: Command.Ending, _ codes: [Int32], _ words: String) {
    #expect(codes.contains(ending.code), "\(ending.remarks)")
    #expect(ending.remarks.contains("Error: ") && ending.remarks.contains(words), "\(ending.remarks)")
  }

  /// Files may have so many blocks of 512 bytes: run.json passes, a preview or a checkpoint does not.
  @Test(arguments: [(24, "previews/step-00000000/"), (100, "checkpoints/step-0000000")])
  func aDiskThatTakesNoMore(blocks: Int, place: String) throws {
    let ending = try fixture.train("run", limit: "trap '' XFSZ; ulimit -f \(blocks)")
    expectFailure(ending, [74], place)
    #expect(ending.remarks.contains("cannot write: File too large"), "\(ending.remarks)")
    let left = try FolderListing(folder["run"].path).names
    #expect(left.contains("run.json") && !left.contains { $0.hasSuffix(".tmp") })
    try expectTheSame()
  }

  /// Something stands where the run wants to write at its next checkpoint.
  @Test(arguments: ["checkpoints/step-00000006.safetensors", "checkpoints/best", "previews/step-00000006"])
  func aPlaceThatIsTaken(_ name: String) throws {
    try #require(try fixture.train("run").code == 0)
    // As if it had been stopped after step 3.
    let run = folder["run"]
    try AtomicFile.write("step-00000003.safetensors\n", to: run.appendingPathComponent("checkpoints/latest"))
    let place = run.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: place)
    if name.hasPrefix("previews") {
      try AtomicFile.write("a file", to: place)
    } else {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    }
    expectFailure(try fixture.train("run", ["--resume"]), [73, 66, 65], name)
    try FileManager.default.removeItem(at: place)
    try expectTheSame()
  }

  /// What processes that were killed half-way through a write leave, in each folder of a run.
  @Test func halfAFileIsRemoved() throws {
    try #require(try fixture.train("run").code == 0)
    let names = ["", "checkpoints/", "previews/step-00000006/"].map { "run/\($0).duel-\(Int32.max)-x.tmp" }
    for name in names { try folder.write(name, "half a file") }
    try AtomicFile.write("step-00000003.safetensors\n", to: folder["run/checkpoints/latest"])
    try expectTheSame()
  }

  /// A process that was killed while it wrote samples leaves none of them cut short, and the next one removes the rest.
  @Test func halfASampleIsRemoved() throws {
    try #require(try fixture.train("run").code == 0)
    try folder.write("samples/.duel-\(Int32.max)-x.tmp", "half a file")
    let ending = try Command.plane(["generate", "run", "--out", "samples/points.csv"], in: folder.url)
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["samples"].path) == ["points.csv"])
    let full = try Command(
      "duel", ["plane", "generate", "run", "--count", "5000", "--out", "samples/many.csv"], in: folder.url,
      limit: "trap '' XFSZ; ulimit -f 4"
    ).ending()
    expectFailure(full, [74], "samples/many.csv")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["samples"].path) == ["points.csv"])
  }

  /// A report that was cut short by a full disk goes when the run does it again.
  @Test func halfAReportIsRemoved() throws {
    try #require(try fixture.train("run").code == 0)
    try AtomicFile.write("step-00000003.safetensors\n", to: folder["run/checkpoints/latest"])
    let metrics = folder["run/metrics.jsonl"]
    try AtomicFile.write(to: metrics) { file in
      try file.write(Array(InputFile.bytes(of: metrics).dropLast(20)))
    }
    try expectTheSame()
  }
}
