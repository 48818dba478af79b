import Adversarial
import Files
import Foundation
import TestSupport
import Testing
import Torch

/// `train --from` begins with another run's networks, as far as they fit.
@Suite struct FromCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func duel(_ words: String...) throws -> Command.Ending {
    try Command("duel", words, in: folder.url).ending()
  }

  private func description(_ run: String) throws -> JSONValue {
    try JSONValue(parsing: InputFile.bytes(of: folder["\(run)/run.json"]))
  }

  private func checkpoint(_ run: String, step: Int) throws -> Checkpoint {
    try Checkpoint(contentsOf: folder["\(run)/checkpoints/\(String(format: "step-%08d.safetensors", step))"])
  }

  private func write(_ words: [String], to name: String) throws {
    let lines = (0..<200).map { words[$0 % words.count] + words[($0 / words.count) % words.count] }
    try FileManager.default.createDirectory(
      at: folder[name].deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: folder[name])
  }

  @Test func symbolsAreMatchedByName() throws {
    try write(["ab", "ba", "cab", "bc"], to: "old.txt")
    try write(["bd", "ab", "dba", "ba"], to: "new.txt")
    let began = try duel(
      "text", "train", "--data", "old.txt", "--preset", "tiny", "--steps", "6", "--out", "old", "--quiet")
    try #require(began.code == 0, "\(began.remarks)")
    let ending = try duel(
      "text", "train", "--from", "old", "--data", "new.txt", "--steps", "3", "--out", "new", "--keep", "9",
      "--checkpoint-every", "1")
    try #require(ending.code == 0, "\(ending.remarks)")
    for line in [
      "networks of old, step ", "generator: all 9 parameters",
      "symbols: 3 of 4 by name; fresh: d; not needed: c",
      "they have seen other data",
    ] { #expect(ending.remarks.contains(line), "\(ending.remarks)") }
    let (old, new) = (try checkpoint("old", step: 6).tensors(of: "averaged"), try checkpoint("new", step: 0))
    for part in ["generator", "averaged"] {
      let tensors = new.tensors(of: part)
      for name in ["gru.weight_hh_l0", "latent.weight"] {
        let (known, taken) = (try #require(old[name]), try #require(tensors[name]))
        #expect(try known.array(of: Float.self) == taken.array(of: Float.self), "\(part).\(name)")
      }
      // Ids: 0 the end, then a, b, c and a, b, d.
      let (known, taken) = (try #require(old["embedding.weight"]), try #require(tensors["embedding.weight"]))
      for row in 0..<3 {
        #expect(
          try known.selected(row).array(of: Float.self) == taken.selected(row).array(of: Float.self),
          "row \(row)")
      }
      #expect(try known.selected(3).array(of: Float.self) != taken.selected(3).array(of: Float.self))
    }
    // The recipe came along, and the run says from where.
    let (before, after) = (try description("old"), try description("new"))
    #expect(after[dotted: "recipe.generator"] == before[dotted: "recipe.generator"])
    #expect(try #require(after[dotted: "from.run"]?.text).contains("old"))
    #expect(after[dotted: "from.checkpoint"] == .string("step-00000006.safetensors"))
    #expect(try duel("verify", "new", "--steps", "3").code == 0)
    let repeated = try duel("text", "train", "--from", "old", "--out", "new", "--resume", "--quiet")
    #expect(repeated.code == 0, "\(repeated.remarks)")
    let other = try duel("text", "train", "--from", "new", "--out", "new", "--resume", "--quiet")
    #expect(other.code == 64 && other.remarks.contains("--from: found "), "\(other.remarks)")
  }

  @Test func labelsAreMatchedByName() throws {
    for (name, labels) in [("old", ["left", "right"]), ("new", ["right", "up", "left"])] {
      for label in labels { try write(["ab", "ba", "b"], to: "\(name)/\(label)/lines.txt") }
    }
    let began = try duel(
      "text", "train", "--data", "old", "--labels", "folder", "--preset", "tiny", "--steps", "4", "--out",
      "first",
      "--quiet")
    try #require(began.code == 0, "\(began.remarks)")
    let ending = try duel(
      "text", "train", "--from", "first", "--data", "new", "--steps", "2", "--out", "second")
    try #require(ending.code == 0, "\(ending.remarks)")
    #expect(ending.remarks.contains("labels: 2 of 3 by name; fresh: up"), "\(ending.remarks)")
    let (old, new) = (try checkpoint("first", step: 4), try checkpoint("second", step: 0))
    let known = try #require(old.tensors(of: "averaged")["label.weight"])
    let taken = try #require(new.tensors(of: "generator")["label.weight"])
    #expect(try known.selected(1).array(of: Float.self) == taken.selected(1).array(of: Float.self))
    #expect(try known.selected(0).array(of: Float.self) == taken.selected(0).array(of: Float.self))
    #expect(taken.shape[0] == 3)
  }

  @Test func withoutNewDataTheRunsOwnIsTaken() throws {
    try write(["ab", "ba", "cab", "bc"], to: "old.txt")
    let began = try duel(
      "text", "train", "--data", "old.txt", "--preset", "tiny", "--steps", "4", "--out", "old", "--quiet")
    try #require(began.code == 0, "\(began.remarks)")
    let ending = try duel("text", "train", "--from", "old", "--loss", "hinge", "--steps", "2", "--out", "new")
    try #require(ending.code == 0, "\(ending.remarks)")
    #expect(!ending.remarks.contains("other data"), "\(ending.remarks)")
    #expect(
      try description("new")[dotted: "data.source.path"] == description("old")[dotted: "data.source.path"])
  }

  @Test func aRunWithoutACheckpointTakesTheNotedNetworksAgain() throws {
    try #require(
      try duel("plane", "train", "--preset", "tiny", "--steps", "4", "--out", "old", "--quiet").code == 0)
    let words = ["plane", "train", "--from", "old", "--steps", "2", "--out", "new", "--quiet"]
    try #require(try Command("duel", words, in: folder.url).ending().code == 0)
    let expected = try InputFile.bytes(of: folder["new/checkpoints/step-00000002.safetensors"])
    try FileManager.default.removeItem(at: folder["new/checkpoints"])
    try FileManager.default.createDirectory(at: folder["new/checkpoints"], withIntermediateDirectories: true)
    // The other run has gone on meanwhile, and has a better generator or not.
    try #require(
      try duel("plane", "train", "--out", "old", "--resume", "--steps", "2", "--keep", "9", "--quiet").code
        == 0)
    let resumed = try duel("plane", "train", "--out", "new", "--resume", "--quiet")
    #expect(resumed.code == 0, "\(resumed.remarks)")
    #expect(try InputFile.bytes(of: folder["new/checkpoints/step-00000002.safetensors"]) == expected)
  }

  @Test func whatFitsNowhereIsRefused() throws {
    let began = try duel("plane", "train", "--preset", "tiny", "--steps", "2", "--out", "old", "--quiet")
    try #require(began.code == 0, "\(began.remarks)")
    let missing = try duel("plane", "train", "--from", "nowhere", "--out", "new")
    #expect(missing.code == 66, "\(missing.remarks)")
    let medium = try duel("text", "train", "--from", "old", "--out", "new")
    #expect(medium.code == 65, "\(medium.remarks)")
    let other = try duel("plane", "train", "--from", "old", "--width", "9", "--out", "new", "--steps", "2")
    #expect(other.code == 0 || other.code == 64, "\(other.remarks)")
    #expect(other.remarks.contains("expected ["), "\(other.remarks)")
  }
}
