import AudioDatasets
import Files
import Foundation
import PointDatasets
import TestSupport
import Testing

/// What `inspect` shows of files, through the executable that users get.
@Suite struct InspectCommandTests {
  private func duel(_ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
    try Command("duel", words, in: folder.url).ending()
  }

  private func isPicture(_ file: URL) throws -> Bool {
    try InputFile.bytes(of: file).starts(with: [0x89] + Array("PNG".utf8))
  }

  @Test func soundsOfAFolder() throws {
    try withTemporaryFolder { folder in
      for name in ["data/kick", "data/snare"] {
        try FileManager.default.createDirectory(at: folder[name], withIntermediateDirectories: true)
      }
      for number in 0..<6 {
        let samples = (0..<800).map { sin(Float($0 * (number + 1)) / 20) / 2 }
        let name = "data/\(number < 4 ? "kick" : "snare")/\(number).wav"
        try SoundFile.write(
          AudioClip(samples: samples, sampleRate: number < 5 ? 8000 : 16_000), to: folder[name])
      }
      for name in ["data/notes.txt", "data/.hidden", "data/old.m4a"] { try folder.write(name, "x") }
      let words = ["audio", "inspect", "data", "--labels", "folder", "--picture", "a.png"]
      let whole = try duel(words, in: folder)
      #expect(whole.code == 0, "\(whole.remarks)")
      for line in [
        "rate        8000 Hz (5), 16000 Hz (1)\n", "seconds     0.050 to 0.100, median 0.100; 0.550 in all\n",
        "training    4 samples of ", "held out    2 (every tenth file of each label)\n",
        "labels      2: kick 4, snare 2\n", "1 not sound files: notes.txt\n", "1 hidden: .hidden\n",
        ": old.m4a\n", "\nkick/0.wav   kick   8000   1         0.100    0.500  ",
      ] { #expect(whole.result.contains(line), "\(line)\(whole.result)") }
      #expect(try isPicture(folder["a.png"]))

      let json = try duel(["audio", "inspect", "data", "--labels", "folder", "--json"], in: folder).json
      #expect(json[dotted: "split.heldOut"] == .int(2) && json[dotted: "samples"] == .int(6))
      guard case .array(let sounds)? = json[dotted: "sounds"] else {
        Issue.record("no sounds")
        return
      }
      #expect(sounds.count == 6 && sounds[5][dotted: "rate"] == .int(16_000))
      #expect(sounds[5][dotted: "file"] == .string("snare/5.wav") && sounds[5][dotted: "frames"] == .int(800))
      #expect(sounds[5][dotted: "duration"]?.number == 0.05 && sounds[0][dotted: "label"] == .string("kick"))
      #expect(sounds[0][dotted: "meanSquare"]?.number ?? 0 > 0.1)

      // One that is damaged is listed beside the others, and is no failure only where it may be left out.
      try folder.write("data/kick/bad.wav", "x")
      let damaged = try duel(words, in: folder)
      #expect(damaged.code == 65 && damaged.remarks.contains("data/kick/bad.wav: "))
      #expect(
        damaged.result.contains("sounds      6\n") && damaged.result.contains("training    not possible: "))
      let lenient = try duel(words + ["--skip-bad"], in: folder)
      #expect(lenient.code == 0 && lenient.result.contains("not usable  data/kick/bad.wav: "))

      // A dry run says the same, and fails where training would.
      let dry = ["audio", "train", "--data", "data", "--labels", "folder", "--dry-run"]
      let refused = try duel(dry, in: folder)
      #expect(refused.code == 65 && refused.remarks.contains("data/kick/bad.wav: "))
      #expect(refused.result.contains("training.batchSize") && refused.result.contains("not possible: "))
      let planned = try duel(dry + ["--skip-bad"], in: folder)
      #expect(planned.code == 0 && planned.result.contains("\nlabels      2: kick 4, snare 2\n"))
      let plan = try duel(dry + ["--skip-bad", "--json"], in: folder).json
      #expect(plan[dotted: "data.split.training"] == .int(4) && plan[dotted: "recipe.data.skipBad"] != nil)

      let alone = try duel(["audio", "inspect", "data/kick/0.wav", "--json"], in: folder)
      #expect(alone.code == 0, "\(alone.remarks)")
      #expect(try alone.json[dotted: "refusal"] == nil && alone.json[dotted: "split.training"] == .int(1))
      let parted = ["audio", "inspect", "data/kick/0.wav", "--holdout-pattern", "x", "--json"]
      let unfit = try duel(parted, in: folder)
      #expect(try unfit.code == 0 && unfit.json[dotted: "refusal"] != nil)
      #expect(try duel(["audio", "inspect", "data/kick/bad.wav"], in: folder).code == 65)
      #expect(try duel(["audio", "inspect", "nothing"], in: folder).code == 66)
      #expect(try duel(["audio", "inspect", "data", "--picture", "a.jpg"], in: folder).code == 64)
    }
  }

  @Test func shapesOfAFile() throws {
    try withTemporaryFolder { folder in
      try folder.write("far.xyz", "455123.125 5412345.75 312.5\n455124.375 5412346.25 313\n")
      let json = try duel(["points", "inspect", "far.xyz", "--json", "--picture", "p.png"], in: folder).json
      guard case .array(let shapes)? = json[dotted: "shapes"], let shape = shapes.first else {
        Issue.record("no shapes")
        return
      }
      #expect(shapes.count == 1 && shape[dotted: "points"] == .int(2))
      func numbers(_ key: String) -> [Double?] {
        if case .array(let values)? = shape[dotted: key] { values.map(\.number) } else { [] }
      }
      #expect(numbers("minimum") == [455_123.125, 5_412_345.75, 312.5])
      #expect(numbers("mean") == [455_123.75, 5_412_346, 312.75])
      #expect(try isPicture(folder["p.png"]))

      // Flags that say how files are read mean what they mean to `train`.
      let places = (0..<18).map { "\($0 * $0)" }
      let rows = stride(from: 0, to: 18, by: 3).map { places[$0..<$0 + 3].joined(separator: " ") }
      try folder.write("gap.xyz", (rows + ["nan 0 0"]).joined(separator: "\n") + "\n")
      #expect(try duel(["points", "inspect", "gap.xyz"], in: folder).code == 65)
      let lenient = try duel(["points", "inspect", "gap.xyz", "--skip-bad"], in: folder)
      #expect(lenient.code == 0 && lenient.result.contains("points        6 a shape\n"))
      #expect(lenient.result.contains("1 row with numbers that are not finite left out: 1 of 1 shapes\n"))
      #expect(try duel(["points", "inspect", "gap.xyz", "--axes", "sideways"], in: folder).code == 64)
    }
  }

  @Test func textOfAFileAndATable() throws {
    try withTemporaryFolder { folder in
      try folder.write("names.txt", "emma\n\nava\nava\n" + (0..<30).map { "n\($0)\n" }.joined())
      let text = try duel(["text", "inspect", "names.txt"], in: folder)
      #expect(text.code == 0, "\(text.remarks)")
      for line in [
        "lines        33\n", "empty lines  1\n", "lengths      2 to 4 symbols, median 3\n",
        "as read      \"emma\"\n             \"ava\"\n", "1 duplicate\n",
      ] { #expect(text.result.contains(line), "\(line)\(text.result)") }
      let json = try duel(["text", "inspect", "names.txt", "--window", "5", "--json"], in: folder).json
      #expect(json[dotted: "lengths.maximum"] == .int(5) && json[dotted: "vocabulary"] != nil)
      #expect(try duel(["text", "inspect", "names.txt", "--picture", "t.png"], in: folder).code == 0)
      #expect(try isPicture(folder["t.png"]))

      try folder.write("p.csv", "x,y\n" + (0..<40).map { "\($0),\($0 * $0)\n" }.joined())
      let plane = try duel(["plane", "inspect", "p.csv", "--picture", "p.png"], in: folder)
      #expect(plane.code == 0, "\(plane.remarks)")
      #expect(try isPicture(folder["p.png"]))
      for line in [
        "points      40\n", "columns     x and y\n", "x           0 to 39, mean 19.5, deviation 11.54",
        "y           0 to 1521, mean 513.5, deviation ", "held out    4 (every tenth row)\n",
      ] { #expect(plane.result.contains(line), "\(line)\(plane.result)") }

      // Too few to train on are shown all the same.
      try folder.write("few.csv", "1,-2\n3,nan\n5,4\n")
      let few = try duel(["plane", "inspect", "few.csv", "--skip-bad", "--json"], in: folder)
      #expect(few.code == 0, "\(few.remarks)")
      let found = try few.json
      #expect(found[dotted: "refusal"] != nil && found[dotted: "samples"] == .int(2))
      func pair(_ key: String) -> [Double?] {
        if case .array(let values)? = found[dotted: key] { values.map(\.number) } else { [] }
      }
      #expect(pair("minimum") == [1, -2] && pair("maximum") == [5, 4] && pair("deviation") == [2, 3])
      #expect(
        few.result.contains("row without two numbers") || few.result.contains("rows without two numbers"))
    }
  }
}
