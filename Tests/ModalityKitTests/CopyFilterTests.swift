import Failures
import Files
import Foundation
import PlaneModality
import TestSupport
import Testing
import Torch

@testable import ModalityKit

/// What is left out as a copy, and what is said of it.
@Suite struct CopyFilterTests {
  /// Numbers that are their own distances.
  private func filter(heldOut: [Double], total: Int = 7) -> CopyFilter {
    CopyFilter {
      TrainingDistances(measure: "numbers", noun: "things", compared: 7, total: total, heldOut: heldOut) {
        samples, _ in try samples.array(of: Double.self)
      }
    }
  }

  @Test func whatIsNearerThanTheNearestOfTwentyHeldOutSamplesIsACopy() throws {
    // Of forty distances 1, 2, ... the limit is the third: two lie within, one in twenty.
    let filter = filter(heldOut: (1...40).map(Double.init).reversed())
    #expect(try filter.rule().limit == 3)
    let kept = try filter.originals(among: Tensor([0, 2.9, 3, 50, .nan]))
    #expect(kept == [2, 3, 4])
    #expect(filter.counts.drawn == 5 && filter.counts.copies == 2)
    #expect(
      filter.sentence
        == "--no-copies: left out 2 of 5 samples drawn (40.0 %), nearer to one of 7 training things than 3 (numbers): of 40 "
        + "held-out things 5 % are")
    #expect(try self.filter(heldOut: Array(repeating: 2, count: 19)).rule().limit == 2)
  }

  @Test func aThinnedComparisonIsSaid() throws {
    let filter = filter(heldOut: Array(repeating: 1, count: 20), total: 9)
    _ = try filter.originals(among: Tensor([2.0]))
    #expect(filter.sentence.contains("one of 7 of 9 training things"))
  }

  @Test func withoutAMeasureOrHeldOutSamplesNothingIsTold() throws {
    let none = #expect(throws: UserError.self) { try CopyFilter { nil }.rule() }
    #expect(none?.category == .usage)
    let few = #expect(throws: UserError.self) {
      try filter(heldOut: Array(repeating: 1, count: 9)).rule()
    }
    #expect(few?.category == .badData && few?.message.contains("found 9 held-out things") == true)
    let equal = #expect(throws: UserError.self) {
      try filter(heldOut: Array(repeating: 0, count: 2) + Array(repeating: 1, count: 18)).rule()
    }
    #expect(equal?.message.contains("equal a training sample") == true)
  }

  @Test func itGivesUpWhereNineOfTenAreCopies() throws {
    let filter = filter(heldOut: Array(repeating: 1, count: 20))
    let start = filter.counts
    func look(copies: Int, originals: Int) throws {
      _ = try filter.originals(
        among: Tensor([Double](repeating: 0, count: copies) + [Double](repeating: 2, count: originals)))
    }
    try look(copies: 499, originals: 0)
    try filter.requireOriginals(since: start)
    try look(copies: 0, originals: 1)
    let error = #expect(throws: UserError.self) { try filter.requireOriginals(since: start) }
    #expect(error?.category == .badData)
    #expect(
      error?.message.contains("found 499 of 500 samples in a row to be copies of training things") == true)
    // One in ten is enough to go on, and only what came since counts.
    try look(copies: 0, originals: 60)
    try filter.requireOriginals(since: start)
    try filter.requireOriginals(since: filter.counts)
  }

  @Test func whatIsHeldIsSaidInALine() throws {
    let held = [
      HeldData("codes", of: "shapes", samples: 12, in: .generator, "from which they can be made again"),
      HeldData("counts", of: "lines", samples: 9, isAll: false, in: .discriminator, "which tell little"),
    ]
    #expect(
      held.words
        == "codes of all 12 training shapes, in the generator, from which they can be made again; counts of 9 training "
        + "lines, in the discriminator, which tell little")
    #expect([HeldData]().words == "no training data, beside what weights have learned")
  }
}

/// `generate --no-copies`, of points in the plane.
@Suite struct NoCopiesTests {
  private let folder: TemporaryFolder
  private var run: String { folder["run"].path }

  init() throws { folder = try TemporaryFolder() }

  private func train(_ words: String...) throws {
    let trained = CommandLineRun(
      ["plane", "train", "--preset", "tiny", "--steps", "12", "--points", "400", "--quiet", "--out", run]
        + words,
      registry: try ModalityRegistry([Plane.self]))
    try #require(trained.code == 0, "\(trained.remarks)")
  }

  private func generate(_ words: String...) throws -> CommandLineRun {
    CommandLineRun(["plane", "generate", run] + words, registry: try ModalityRegistry([Plane.self]))
  }

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n").dropFirst().map(\.self) }

  /// The first samples of a seed as the data: each of them is certainly a copy.
  private func ownSamples(count: String, heldOutSeed: String) throws {
    // A validation part of its own, which would else be taken from the data.
    for (name, count, seed) in [
      ("data", count, "0"), ("held-out", "300", heldOutSeed), ("chosen", "20", "7"),
    ] {
      let written = try generate(
        "--count", count, "--digits", "17", "--seed", seed, "--out", folder[name + ".csv"].path)
      #expect(written.code == 0)
    }
  }

  @Test func aGeneratorsOwnSamplesAreLeftOut() throws {
    try train()
    try ownSamples(count: "200", heldOutSeed: "9")
    let data = [
      "--data", folder["data.csv"].path, "--holdout", folder["held-out.csv"].path, "--validation",
      folder["chosen.csv"].path,
    ]
    let plain = try generate("--count", "50", "--digits", "17")
    let known = try Set(lines(InputFile.text(of: folder["data.csv"])))
    let isKnown = known.isSuperset(of: lines(plain.result))
    #expect(isKnown)
    let words = ["--digits", "17", "--no-copies"] + data
    func originals(_ count: String) throws -> CommandLineRun {
      CommandLineRun(
        ["plane", "generate", run, "--count", count] + words, registry: try ModalityRegistry([Plane.self]))
    }
    let drawn = try originals("50")
    #expect(drawn.code == 0, "\(drawn.remarks)")
    #expect(lines(drawn.result).count == 50)
    let isFree = known.isDisjoint(with: lines(drawn.result))
    #expect(isFree)
    #expect(drawn.remarks.contains("not what the run was trained on"))
    let match = try #require(drawn.remarks.firstMatch(of: /left out (\d+) of 1024 samples drawn/))
    #expect(try #require(Int(match.1)) >= 200)
    // The first of more, and the same again.
    #expect(try lines(originals("20").result) == Array(lines(drawn.result).prefix(20)))
    #expect(try originals("50").result == drawn.result)
  }

  @Test func nothingStaysOfWhatIsGivenUp() throws {
    try train()
    try ownSamples(count: "300", heldOutSeed: "9")
    // Held-out points far away: all samples are nearer to the data than those.
    try folder.write("far.csv", "x,y\n" + (0..<40).map { "\(1000 + $0),1000\n" }.joined())
    let given = try generate(
      "--count", "50", "--no-copies", "--data", folder["data.csv"].path, "--holdout", folder["far.csv"].path,
      "--out", folder["out.csv"].path)
    #expect(given.code == 65, "\(given.remarks)")
    #expect(given.remarks.contains("samples in a row to be copies of training points"), "\(given.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder["out.csv"].path))
  }

  @Test func labelsTruncationAndCountStayAsAsked() throws {
    try train("--target", "moons", "--labelled")
    let file = folder["out.csv"].path
    let drawn = try generate(
      "--count", "31", "--no-copies", "--label", "each", "--truncation", "0.8", "--json", "--out", file)
    #expect(drawn.code == 0, "\(drawn.remarks)")
    let labels = try lines(InputFile.text(of: folder["out.csv"])).map { $0.split(separator: ",")[2] }
    #expect(labels == (0..<31).map { $0 % 2 == 0 ? "upper" : "lower" })
    let json = try drawn.json
    #expect(json[dotted: "count"] == .int(31))
    #expect(json[dotted: "drawn"] == .int(1024))
    #expect(json[dotted: "copiesLeftOut"] != nil)
  }

  @Test func dataIsNeededAndBelongsToTheFlag() throws {
    try train()
    let alone = try generate("--data", "x.csv")
    #expect(alone.code == 64 && alone.remarks.contains("expected --no-copies"), "\(alone.remarks)")
    try FileManager.default.copyItem(
      at: folder["run/checkpoints/step-00000012.safetensors"], to: folder["alone.safetensors"])
    let outside = CommandLineRun(
      ["plane", "generate", folder["alone.safetensors"].path, "--no-copies"],
      registry: try ModalityRegistry([Plane.self]))
    #expect(outside.code == 64 && outside.remarks.contains("expected --data"), "\(outside.remarks)")
  }

  @Test func dataThatIsGoneIsAnError() throws {
    try folder.write("data.csv", "x,y\n" + (0..<200).map { "\($0 % 17),\($0)\n" }.joined())
    try train("--data", folder["data.csv"].path)
    let gone = folder["data.csv"]
    try FileManager.default.removeItem(at: gone)
    let drawn = try generate("--no-copies", "--out", folder["out.csv"].path)
    #expect(drawn.code == 66, "\(drawn.remarks)")
    #expect(drawn.remarks.contains("data.csv") && drawn.remarks.contains("name it with --data"))
    try folder.write("data.csv", "x,y\n" + (0..<200).map { "\($0 % 13),\($0)\n" }.joined())
    let changed = try generate("--no-copies")
    #expect(changed.code == 65 && changed.remarks.contains("other data than the run was trained on"))
  }

  @Test func infoSaysWhatIsHeld() throws {
    try train()
    let registry = try ModalityRegistry([Plane.self])
    let info = CommandLineRun(["plane", "info", run], registry: registry)
    #expect(info.result.contains(/holds +mean and standard deviation of all training points, in the recipe/))
    let json = try CommandLineRun(["plane", "info", run, "--json"], registry: registry).json
    guard case .array(let held) = json[dotted: "holds"] else {
      Issue.record("no list")
      return
    }
    #expect(held.count == 1 && held[0][dotted: "place"] == .string("recipe"))
  }
}
