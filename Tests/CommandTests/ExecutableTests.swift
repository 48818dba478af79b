import Files
import Foundation
import TestSupport
import Testing

/// The executable that users get.
@Suite struct ExecutableTests {
  private func duel(_ words: String...) throws -> Command.Ending {
    let folder = try TemporaryFolder()
    return try Command("duel", words, in: folder.url).ending()
  }

  @Test func doctorFindsWhatTheSuiteRunsOn() throws {
    let ending = try duel("doctor", "--json")
    #expect(ending.code == 0, "\(ending.result)")
    guard case .array(let checks) = try ending.json[dotted: "checks"] else {
      Issue.record("no list")
      return
    }
    let names = checks.map { $0[dotted: "name"] }
    for name in ["engine", "sound files", "sample rates", "loudness", "pictures"] {
      #expect(names.contains(.string(name)), "\(name)")
    }
  }

  @Test func helpNamesEveryModality() throws {
    let help = try duel("--help")
    #expect(help.code == 0)
    guard case .array(let list) = try duel("modalities", "--json").json[dotted: "modalities"] else {
      Issue.record("no list")
      return
    }
    for case .string(let name) in list.map({ $0[dotted: "name"] ?? .null }) {
      #expect(help.result.contains("\n  \(name) "))
      for verb in ["train", "generate", "evaluate", "info"] {
        #expect(try duel(name, verb, "--help").code == 0)
      }
    }
  }

  @Test func anUnknownCommandIsAUsageError() throws {
    let ending = try duel("dance")
    #expect(ending.code == 64)
    #expect(ending.remarks.hasPrefix("Error: "))
  }

  @Test func textFromTrainingToSamples() throws {
    let folder = try TemporaryFolder()
    func text(_ words: [String]) throws -> Command.Ending {
      try Command("duel", ["text"] + words, in: folder.url).ending()
    }
    let names = (0..<60).map { "\(["an", "be", "cor", "da"][$0 % 4])\(["na", "lo", "mir"][$0 % 3])\($0)" }
    try AtomicFile.write(names.joined(separator: "\n") + "\n", to: folder["names.txt"])
    let trained = try text([
      "train", "--data", "names.txt", "--preset", "tiny", "--steps", "4", "--batch", "4", "--out", "run",
      "--quiet",
    ])
    try #require(trained.code == 0, "\(trained.remarks)")
    let samples = try text(["generate", "run", "--count", "20", "--seed", "3"])
    #expect(samples.code == 0)
    #expect(samples.result.split(separator: "\n", omittingEmptySubsequences: false).count == 21)
    #expect(try text(["generate", "run", "--count", "20", "--seed", "3"]).result == samples.result)
    #expect(try text(["info", "run", "--json"]).json[dotted: "modality"] == .string("text"))

    let other = try Command.plane(quickTraining("other"), in: folder.url)
    try #require(other.code == 0)
    for words in [["generate", "other"], ["evaluate", "other"], ["train", "--resume", "--out", "other"]] {
      let ending = try text(words)
      #expect(ending.code == 65)
      #expect(ending.remarks.contains("modality plane"), "\(ending.remarks)")
    }

    let wrong: [(words: [String], code: Int32)] = [
      (["generate", "run", "--temperature=-1"], 64), (["generate", "run", "--top-k", "0"], 64),
      (["generate", "run", "--top-p", "2"], 64), (["evaluate", "run", "--count", "0"], 64),
      (["evaluate", "run", "--holdout", "missing.txt"], 66),
    ]
    for (words, code) in wrong {
      let ending = try text(words)
      #expect(ending.code == code, "\(words): \(ending.remarks)")
      let place = code == 66 ? "missing.txt" : words[2].prefix { $0 != "=" }
      #expect(ending.remarks.contains(place), "\(words): \(ending.remarks)")
    }
  }

  @Test(
    arguments: [
      (["--data", "missing.txt"], 66, "missing.txt"), (["--data", "empty.txt"], 65, "empty.txt"),
      (["--data", "binary.dat"], 65, "binary.dat"), (["--max-length", "0"], 64, "--max-length"),
      (["--dropout", "1"], 64, "--dropout"), (["--hidden", "0"], 64, "--hidden"),
      (["--window", "0"], 64, "--window"), (["--labels", "(colour"], 64, "--labels"),
      (["--symbols", "x"], 64, "--symbols"), (["--long-lines", "x"], 64, "--long-lines"),
      (["--vocabulary-limit", "0"], 64, "--vocabulary-limit"), (["--layers", "9"], 64, "--layers"),
      (["--embedding", "0"], 64, "--embedding"), (["--channels", "0"], 64, "--channels"),
      (["--filter-width", "65"], 64, "--filter-width"),
      (["--gumbel-temperature", "0"], 64, "--gumbel-temperature"),
      (["--data", "names.txt", "--holdout", "missing.txt"], 66, "missing.txt"),
    ] as [([String], Int32, String)])
  func textRefuses(_ words: [String], _ code: Int32, _ name: String) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("", to: folder["empty.txt"])
    try AtomicFile.write(to: folder["binary.dat"]) { try $0.write((0..<400).map { UInt8($0 * 37 % 256) }) }
    try AtomicFile.write((0..<60).map { "name \($0)\n" }.joined(), to: folder["names.txt"])
    let ending = try Command(
      "duel", ["text", "train", "--preset", "tiny", "--steps", "2", "--out", "run"] + words, in: folder.url
    ).ending()
    #expect(ending.code == code, "\(ending.remarks)")
    #expect(ending.remarks.contains("Error: ") && ending.remarks.contains(name), "\(ending.remarks)")
    #expect(try folder.names == ["binary.dat", "empty.txt", "names.txt"])
  }
}
