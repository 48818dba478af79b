import Adversarial
import AudioDatasets
import AudioModality
import Files
import Foundation
import ModalityKit
import PlaneModality
import PointsModality
import TestSupport
import Testing
import TextModality
import Torch

/// Runs that an earlier version left at step 2 of 4, made by `scripts/make-stored-runs`, and samples that it drew.
@Suite struct StoredRunTests {
  private static let names = ["plane", "text", "audio", "points", "points-mlp"]
  private static let seed: UInt64 = 2

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func stored(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("StoredRuns/\(name)")
  }

  /// Copies a stored run, and returns the copy's folder, which goes with the test.
  private func copy(of name: String) throws -> URL {
    try FileManager.default.copyItem(at: Self.stored(name).appendingPathComponent("run"), to: folder["run"])
    return folder["run"]
  }

  // MARK: From Swift

  @Test func planeIsOpenedSampledAndContinued() throws {
    let points = try opened(Plane.self, "plane", count: 20).flatMap { [$0.x, $0.y] }
    expectClose(points, try numbers(in: Self.stored("plane").appendingPathComponent("samples.csv")))
  }

  @Test func textIsOpenedSampledAndContinued() throws {
    let lines = try opened(Text.self, "text", count: 20)
    expectAlike(lines, try self.lines(in: Self.stored("text").appendingPathComponent("samples.txt")))
  }

  @Test func audioIsOpenedSampledAndContinued() throws {
    let clips = try opened(Audio.self, "audio", count: 2)
    expectClose(clips.flatMap { $0.samples.map(Double.init) }, try numbers(in: samples(of: "audio")))
  }

  @Test(arguments: ["points", "points-mlp"])
  func pointsAreOpenedSampledAndContinued(_ name: String) throws {
    let clouds = try opened(Points.self, name, count: 2)
    expectClose(clouds.flatMap { $0.coordinates.map(Double.init) }, try numbers(in: samples(of: name)))
  }

  /// Samples of a stored run, which is trained to its end afterwards.
  private func opened<M: Modality>(_ modality: M.Type, _ name: String, count: Int) throws -> [M.Sample] {
    let run = try Run<M>.open(copy(of: name))
    let samples = try run.sampler().samples(count: count, seed: Self.seed)
    #expect(try run.model().step == 2)
    #expect(try run.train() == .finished)
    try expectTheEnd(of: run.folder.url)
    return samples
  }

  // MARK: From the command line

  @Test(arguments: names)
  func theCommandReadsAndContinuesIt(_ name: String) throws {
    let medium = String(name.prefix { $0 != "-" })
    let run = try copy(of: name)
    func duel(_ words: [String]) throws -> Command.Ending {
      let ending = try Command("duel", [medium] + words, in: folder.url).ending()
      try #require(ending.code == 0, "\(ending.remarks)")
      return ending
    }
    #expect(try duel(["info", "run", "--json"]).json[dotted: "step"] == .int(2))
    let stored = try FolderListing(Self.stored(name).path).names.first { $0.hasPrefix("samples") }
    let output = try #require(stored?.split(separator: "/").first.map(String.init))
    let options = [
      "plane": ["--count", "20", "--digits", "9"], "text": ["--count", "20"],
      "audio": ["--count", "2", "--format", "wav-float"], "points": ["--count", "2", "--format", "xyz"],
    ]
    _ = try duel(["generate", "run", "--seed", "\(Self.seed)", "--out", output] + (options[medium] ?? []))
    let (drawn, before) = (folder[output], Self.stored(name).appendingPathComponent(output))
    if medium == "text" {
      expectAlike(try lines(in: drawn), try lines(in: before))
    } else {
      expectClose(try numbers(in: drawn), try numbers(in: before))
    }
    _ = try duel(["train", "--resume", "--out", "run", "--quiet"])
    try expectTheEnd(of: run)
  }

  // MARK: Formats

  @Test(arguments: [
    (1, "an older duel wrote it", "an older Duel wrote it"), (99, "use a newer duel", "a newer Duel wrote it"),
  ])
  func otherFormatsAreRefused(_ format: Int, _ ofCheckpoint: String, _ ofRun: String) throws {
    let run = try copy(of: "plane")
    let file = run.appendingPathComponent("checkpoints/step-00000002.safetensors")
    var (tensors, metadata) = try Tensor.readSafetensors(file)
    metadata["duel.format"] = String(format)
    metadata["content-sha256"] = nil
    try Tensor.writeSafetensors(
      tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, metadata: metadata, to: file)
    for verb in [["generate", "run"], ["train", "--resume", "--out", "run", "--quiet"]] {
      let ending = try Command("duel", ["plane"] + verb, in: folder.url).ending()
      #expect(ending.code == 65, "\(verb)")
      #expect(
        ending.remarks.contains("step-00000002.safetensors: checkpoint format \(format), this version reads")
          && ending.remarks.contains(ofCheckpoint), "\(ending.remarks)")
    }

    let description = run.appendingPathComponent("run.json")
    var document = try JSONValue(parsing: InputFile.bytes(of: description))
    document[dotted: "format"] = .int(format)
    try AtomicFile.write(document.text, to: description)
    for verb in [["info", "run"], ["train", "--resume", "--out", "run", "--quiet"]] {
      let ending = try Command("duel", ["plane"] + verb, in: folder.url).ending()
      #expect(ending.code == 65, "\(verb)")
      #expect(
        ending.remarks.contains("run/run.json: found format \(format), expected")
          && ending.remarks.contains(ofRun), "\(ending.remarks)")
    }
  }

  // MARK: What is compared

  private func samples(of name: String) -> URL { Self.stored(name).appendingPathComponent("samples") }

  private func lines(in file: URL) throws -> [String] {
    try InputFile.text(of: file).split(separator: "\n").map(String.init)
  }

  /// The numbers in a file of samples, or in all of a folder: words of a text that are numbers, or amplitudes.
  private func numbers(in url: URL) throws -> [Double] {
    let files = try FolderListing(url.path).files
    return try files.sorted().flatMap { file in
      guard !file.hasSuffix(".wav") else { return try SoundFile.read(file).samples.map(Double.init) }
      let text = try InputFile.text(of: URL(fileURLWithPath: file))
      return text.split { $0 == "," || $0.isWhitespace }.compactMap { Double($0) }
    }
  }

  private func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count && !expected.isEmpty)
    let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(largest < 1e-3)
  }

  /// A symbol is the likeliest of many: another rounding may change one, and with it the rest of its line.
  private func expectAlike(_ found: [String], _ expected: [String]) {
    #expect(found.count == expected.count)
    let alike = zip(found, expected).count { $0 == $1 }
    #expect(alike * 10 >= expected.count * 9, "\(alike) of \(expected.count)")
  }

  /// The plan is done, its checkpoint there, and all that was reported finite.
  private func expectTheEnd(of run: URL) throws {
    let pointer = try InputFile.text(of: run.appendingPathComponent("checkpoints/latest"))
    #expect(pointer == "step-00000004.safetensors\n")
    let last = run.appendingPathComponent("checkpoints/step-00000004.safetensors")
    #expect(try Checkpoint(contentsOf: last).step == 4)
    let reports = try lines(in: run.appendingPathComponent("metrics.jsonl")).map {
      try JSONValue(parsing: $0.utf8)
    }
    #expect(reports.map { $0[dotted: "step"]?.number } == [1, 2, 3, 4])
    for report in reports {
      let losses = ["discriminator.loss", "generator.loss", "warmUp.loss"].compactMap {
        report.objectValue(of: $0)
      }
      #expect(!losses.isEmpty && losses.allSatisfy(\.isFinite), "\(report.text)")
    }
  }
}

extension JSONValue {
  /// A number under a key that has a dot in it.
  fileprivate func objectValue(of key: String) -> Double? {
    guard case .object(let members) = self else { return nil }
    return members[key]?.number
  }
}
