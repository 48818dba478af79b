import AudioDatasets
import Files
import Foundation
import TestSupport
import Testing

/// What a dry run says of time and memory, and that it leaves nothing behind.
@Suite struct DryRunTests {
  private func dryRun(_ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
    let names = try folder.names
    let ending = try Command(
      "duel", words + ["--dry-run", "--preset", "tiny", "--batch", "4", "--threads", "1"], in: folder.url
    ).ending()
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(try folder.names == names)
    return ending
  }

  private func expectEstimate(_ words: [String], phases: [String], in folder: TemporaryFolder) throws {
    let json = try dryRun(words + ["--steps", "40", "--json"], in: folder).json
    #expect(json[dotted: "estimate.steps"] == .int(40))
    #expect(json[dotted: "estimate.seconds"]?.number ?? 0 > 0)
    #expect(json[dotted: "estimate.threads"] == .int(1) && json[dotted: "estimate.device"] == .string("cpu"))
    guard case .array(let found)? = json[dotted: "estimate.phases"] else {
      Issue.record("no phases")
      return
    }
    #expect(found.map { $0[dotted: "phase"] } == phases.map { .string($0) })
    #expect(found.allSatisfy { $0[dotted: "secondsPerStep"]?.number ?? 0 > 0 })
    #if os(Linux)
      // More than the engine alone takes, and not counted in other units.
      let peak = try #require(json[dotted: "estimate.peakBytes"]?.number)
      #expect((10_000_000...100_000_000_000).contains(peak))
    #endif

    let table = try dryRun(words + ["--minutes", "0.5"], in: folder).result
    #expect(table.contains(/\ntime +about \d+ steps in 0.5 minutes\n/), "\(table)")
    #expect(
      table.contains(/\na step +\d.* s \(/) && table.contains("few steps of each phase on this machine"))
  }

  @Test func text() throws {
    try withTemporaryFolder { folder in
      try folder.write("names.txt", (0..<30).map { "n\($0)\n" }.joined())
      let words = ["text", "train", "--data", "names.txt"]
      try expectEstimate(words, phases: ["warm-up", "duel"], in: folder)
      let counted = try dryRun(words + ["--samples", "400", "--json"], in: folder).json
      #expect(counted[dotted: "recipe.training.steps"] == counted[dotted: "estimate.steps"])
      // Nothing is timed of a built-in set.
      let builtIn = try dryRun(["text", "train", "--json"], in: folder).json
      #expect(builtIn[dotted: "estimate"] == nil)
    }
  }

  @Test func sounds() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(at: folder["data"], withIntermediateDirectories: true)
      for number in 0..<5 {
        let samples = (0..<1200).map { sin(Float($0 * (number + 2)) / 40) / 2 }
        try SoundFile.write(
          AudioClip(samples: samples, sampleRate: 8000), to: folder["data/\(number).wav"])
      }
      try expectEstimate(["audio", "train", "--data", "data"], phases: ["duel"], in: folder)
    }
  }

  /// Of many shapes no more are matched than it takes to time some steps.
  @Test func shapes() throws {
    try withTemporaryFolder { folder in
      for number in 0..<260 {
        let rows = (0..<20).map { place in
          "\(sin(Double(place * (number + 1)))) \(cos(Double(place + number))) \(place % 5)\n"
        }
        try folder.write("data/\(number).xyz", rows.joined())
      }
      let words = ["points", "train", "--data", "data", "--points", "16"]
      try expectEstimate(words, phases: ["duel"], in: folder)
      let table = try dryRun(words + ["--steps", "40"], in: folder).result
      #expect(
        table.contains(/\npreparation +about .*, from 192 of \d+ samples; with all of them/), "\(table)")
    }
  }

  @Test func points() throws {
    try withTemporaryFolder { folder in
      try folder.write("p.csv", "x,y\n" + (0..<40).map { "\($0),\($0 * $0)\n" }.joined())
      try expectEstimate(["plane", "train", "--data", "p.csv"], phases: ["duel"], in: folder)
    }
  }
}
