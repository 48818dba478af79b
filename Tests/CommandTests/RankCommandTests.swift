import Files
import Foundation
import TestSupport
import Testing

/// What starts ranks; nil where Open MPI is not installed.
private let launcher = find("mpirun")

/// A program that a shell would find.
private func find(_ name: String) -> URL? {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { URL(fileURLWithPath: "\($0)/\(name)") }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}

/// Makes two hosts of this one.
private let twoHosts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../scripts/two-hosts").standardized

private let hasTwoHosts =
  (try? Command(at: twoHosts, ["--check"], in: FileManager.default.temporaryDirectory).ending().code) == 0

/// Runs that several processes train, started by Open MPI's `mpirun`.
///
/// Without Open MPI on the machine they are skipped: `apt-get install openmpi-bin` brings it.
@Suite(
  .serialized,
  .enabled(if: launcher != nil, "mpirun is not installed: apt-get install openmpi-bin"))
struct RankCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Starts ranks that share cores with whatever else is tested.
  private func start(_ ranks: Int, _ words: [String], options: [String] = []) throws -> Command {
    let program = Bundle.main.bundleURL.appendingPathComponent("duel").path
    return try Command(
      at: #require(launcher), ["-n", "\(ranks)", "--oversubscribe"] + options + [program] + words,
      in: folder.url,
      // Containers are root, of whom mpirun wants to hear that he means it.
      environment: ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"])
  }

  private func train(_ ranks: Int, _ words: [String]) throws -> Command.Ending {
    try ranks == 1
      ? Command("duel", words, in: folder.url).ending() : start(ranks, words).ending()
  }

  private func words(_ medium: String, _ run: String, steps: Int, _ more: [String] = []) -> [String] {
    [
      medium, "train", "--preset", "tiny", "--steps", "\(steps)", "--report-every", "1", "--preview-every",
      "0",
      "--threads", "1", "--quiet", "--out", run,
    ] + more
  }

  /// The last checkpoint's tensors and numbers as they lie in the file, behind its header, which names the time.
  private func checkpoint(_ run: String) throws -> [UInt8] {
    let name = try InputFile.text(of: folder["\(run)/checkpoints/latest"])
    let bytes = try InputFile.bytes(
      of: folder["\(run)/checkpoints/\(name.trimmingCharacters(in: .whitespacesAndNewlines))"])
    let header = bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
    return Array(bytes.dropFirst(8 + header))
  }

  private func metrics(_ run: String) throws -> [JSONValue] {
    try InputFile.text(of: folder["\(run)/metrics.jsonl"]).split(separator: "\n").map { line in
      var report = try JSONValue(parsing: line.utf8)
      for key in ["seconds", "rate", "waiting"] { report[dotted: key] = nil }
      return report
    }
  }

  /// Of every medium by its game in the medium's own tests; here with processes, files and reports.
  @Test(arguments: [("plane", 20), ("text", 6)]) func ranksTrainTheRunOfOneProcess(
    medium: String, steps: Int
  ) throws {
    for ranks in [1, 2, 3] {
      let ending = try train(ranks, words(medium, "\(ranks)", steps: steps, ["--accumulate", "6"]))
      try #require(ending.code == 0, "\(ending.remarks)")
    }
    for ranks in ["2", "3"] {
      #expect(try checkpoint(ranks) == checkpoint("1"), "\(ranks) ranks")
      #expect(try metrics(ranks) == metrics("1"), "\(ranks) ranks")
    }
  }

  /// Without parts of its own a batch is rounded otherwise by one process than by two, and no more than that.
  @Test func aBatchOfTwoRanksIsThatOfOneProcessButForRounding() throws {
    let rates = ["--generator-rate", "0.0001", "--discriminator-rate", "0.0001", "--optimiser", "sgd"]
    for ranks in [1, 2] { try #require(train(ranks, words("plane", "\(ranks)", steps: 20, rates)).code == 0) }
    let (one, two) = (try metrics("1"), try metrics("2"))
    #expect(one.count == 20 && two.count == 20)
    for (one, two) in zip(one, two) {
      for key in ["discriminator.loss", "generator.loss"] {
        let (first, second) = (try #require(one[plain: key]), try #require(two[plain: key]))
        #expect(abs(first - second) <= 1e-4 * abs(first), "\(key)")
      }
    }
  }

  /// From two ranks to one and back.
  @Test func whatTwoRanksBeganOneGoesOnWithToTheSameBytes() throws {
    try #require(train(2, words("plane", "whole", steps: 60, ["--checkpoint-every", "20"])).code == 0)
    let resume = ["plane", "train", "--out", "parted", "--resume", "--quiet"]
    let two = try start(2, words("plane", "parted", steps: 60, ["--checkpoint-every", "20"]))
    wait(for: two, "parted", reports: 12)
    two.send(SIGTERM)
    _ = try two.ending()
    let one = try Command("duel", resume, in: folder.url)
    wait(for: one, "parted", reports: 30)
    one.send(SIGTERM)
    _ = try one.ending()
    let ending = try train(2, resume)
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(try checkpoint("parted") == checkpoint("whole"))
    let verified = try Command("duel", ["verify", "parted", "--steps", "20"], in: folder.url).ending()
    #expect(verified.code == 0 && verified.result.contains("the same bytes"), "\(verified.result)")
  }

  @Test func aRunSurvivesTheLossOfARank() throws {
    let words = words("plane", "run", steps: 4000, ["--checkpoint-every", "10"])
    let command = try start(2, words)
    wait(for: command, "run", reports: 25)
    let ranks = try Command(
      at: #require(find("pgrep")), ["-f", "duel plane train.*--out run "], in: folder.url
    ).ending()
    // Those of this test's folder: others may test at the same time.
    let lost = ranks.result.split(separator: "\n").compactMap { Int32($0) }.last {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd"))
        == folder.url.resolvingSymlinksInPath().path
    }
    kill(try #require(lost), SIGKILL)
    let ending = try command.ending()
    #expect(ending.code == 128 + SIGKILL)
    #expect(ending.remarks.contains("exited on signal 9"), "\(ending.remarks)")
    let verified = try Command("duel", ["verify", "run", "--steps", "10"], in: folder.url).ending()
    #expect(verified.code == 0, "\(verified.result)\(verified.remarks)")
  }

  @Test(.enabled(if: hasTwoHosts, "scripts/two-hosts --check: the system allows no network namespaces"))
  func twoHostsTrainTheRunOfOneProcess() throws {
    let program = Bundle.main.bundleURL.appendingPathComponent("duel").path
    let parted = words("plane", "two", steps: 10, ["--accumulate", "6"])
    let ending = try Command(at: twoHosts, ["--ranks", "3", program] + parted, in: folder.url).ending()
    try #require(ending.code == 0, "\(ending.remarks)")
    try #require(train(1, words("plane", "one", steps: 10, ["--accumulate", "6"])).code == 0)
    #expect(try checkpoint("two") == checkpoint("one"))
  }

  @Test func whatOneRankFindsWrongIsSaidOnce() throws {
    let program = Bundle.main.bundleURL.appendingPathComponent("duel").path
    let script =
      #"[ "$OMPI_COMM_WORLD_RANK" = 1 ] && set -- --data nowhere; exec "\#(program)" text train --out run "$@""#
    let ending = try Command(
      at: #require(launcher), ["-n", "2", "--oversubscribe", "sh", "-c", script], in: folder.url,
      environment: ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
    ).ending()
    #expect(ending.code == 66)
    #expect(
      ending.remarks.components(separatedBy: "nowhere: no such file or folder").count == 2,
      "\(ending.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder["run"].path))
  }

  @Test func moreRanksThanSamplesAreRefused() throws {
    let ending = try train(3, words("plane", "run", steps: 2, ["--batch", "2"]))
    #expect(ending.code == 64)
    #expect(ending.remarks.contains("3 ranks share a batch of 2 samples"), "\(ending.remarks)")
  }

  @Test func otherCommandsRunOnce() throws {
    let ending = try start(2, ["modalities"]).ending()
    #expect(ending.code == 0)
    #expect(ending.result.components(separatedBy: "audio").count == 2, "\(ending.result)")
  }

  /// Waits until a run has so many reports, or its process ends; a process that does neither is stopped.
  private func wait(for command: Command, _ run: String, reports count: Int) {
    func reports() -> Int {
      ((try? InputFile.bytes(of: folder["\(run)/metrics.jsonl"])) ?? []).count { $0 == UInt8(ascii: "\n") }
    }
    let deadline = ContinuousClock.now + .seconds(120)
    while reports() < count, command.isRunning {
      guard ContinuousClock.now < deadline else {
        command.send(SIGKILL)
        Issue.record("\(run): found \(reports()) reports after two minutes, expected \(count)")
        return
      }
      usleep(500)
    }
  }
}

/// What tells of a job without MPI behind it.
@Suite struct RankEnvironmentTests {
  @Test func aJobWithoutItsLauncherIsExplained() throws {
    let folder = try TemporaryFolder()
    let program = Bundle.main.bundleURL.appendingPathComponent("duel")
    let ending = try Command(
      at: program, ["plane", "train", "--preset", "tiny", "--steps", "2", "--out", "run"], in: folder.url,
      environment: ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"]
    ).ending()
    // Where MPI is missing as where it finds one process only.
    #expect(ending.code == 64 || ending.code == 66)
    #expect(ending.remarks.contains("srun has started"), "\(ending.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder["run"].path))
  }
}

extension JSONValue {
  /// A member by its whole name, dots and all.
  fileprivate subscript(plain name: String) -> Double? {
    guard case .object(let members) = self else { return nil }
    return members[name]?.number
  }
}
