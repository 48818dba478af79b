import Files
import Foundation
import TestSupport
import Testing

private func plane(_ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
  try Command("duel", ["plane"] + words, in: folder.url).ending()
}

/// Words of a training of two steps.
private func planeTraining(_ run: String, _ words: [String] = []) -> [String] {
  [
    "train", "--preset", "tiny", "--points", "300", "--width", "8", "--batch", "16", "--steps", "2",
    "--threads", "1", "--quiet", "--out", run,
  ] + words
}

/// Points in the plane, through the executable that users get.
@Suite struct PlaneCommandTests {
  @Test func fromTrainingToPointsAndPictures() throws {
    let folder = try TemporaryFolder()
    let trained = try plane(planeTraining("run", ["--target", "moons", "--labelled"]), in: folder)
    try #require(trained.code == 0, "\(trained.remarks)")
    #expect(FileManager.default.fileExists(atPath: folder["run/previews/step-00000002/plane.png"].path))

    let generated = try plane(
      ["generate", "run", "--count", "5", "--label", "each", "--digits", "3", "--picture", "points.png"],
      in: folder)
    #expect(generated.code == 0, "\(generated.remarks)")
    let lines = generated.result.split(separator: "\n")
    #expect(lines.count == 6 && lines[0] == "x,y,label")
    #expect(lines[1].hasSuffix(",upper") && lines[2].hasSuffix(",lower"))
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
    #expect(try InputFile.bytes(of: folder["points.png"]).starts(with: png))

    let sheet = try plane(["sheet", "run"], in: folder)
    #expect(sheet.code == 0 && sheet.remarks.contains("2 previews in"), "\(sheet.remarks)")
    #expect(try InputFile.bytes(of: folder["run/course.png"]).starts(with: png))

    let table = try plane(["evaluate", "run", "--count", "50"], in: folder)
    #expect(table.code == 0, "\(table.remarks)")
    #expect(table.result.contains("before the game") && table.result.contains("KL(p‖row)"))
  }

  /// Asked for once, events are gone on with.
  @Test func eventsForTensorBoardAreWrittenWhereTheyAreWanted() throws {
    let folder = try TemporaryFolder()
    let events = folder["run/events.out.tfevents.duel"]
    try #require(try plane(planeTraining("plain"), in: folder).code == 0)
    #expect(!FileManager.default.fileExists(atPath: folder["plain/events.out.tfevents.duel"].path))
    try #require(try plane(planeTraining("run", ["--tensorboard"]), in: folder).code == 0)
    let once = try Data(contentsOf: events)
    for text in ["brain.Event:2", "discriminator/loss", "previews/plane.png"] {
      #expect(once.range(of: Data(text.utf8)) != nil, "\(text)")
    }
    // Nothing is left to do: the same events, none twice.
    let again = try plane(["train", "--out", "run", "--resume", "--quiet"], in: folder)
    #expect(again.code == 0, "\(again.remarks)")
    #expect(try Data(contentsOf: events) == once)
  }

  @Test func whatIsWrittenCanBeTrainedOn() throws {
    let folder = try TemporaryFolder()
    try #require(try plane(planeTraining("run"), in: folder).code == 0)
    #expect(
      try plane(["generate", "run", "--count", "60", "--out", "points.csv"], in: folder).code == 0)
    let again = try plane(planeTraining("again", ["--data", "points.csv", "--columns", "y,x"]), in: folder)
    #expect(again.code == 0, "\(again.remarks)")
    let info = try plane(["info", "again"], in: folder)
    #expect(info.result.contains("points.csv: 60 rows, columns y and x"), "\(info.result)")
  }

  @Test(
    arguments: [
      (["--target", "ring", "--weights", "1,2"], 64, "--weights: data.weights: found"),
      (["--target", "mixture", "--weights", "1,0"], 64, "--weights: data.weights: found"),
      (["--target", "mixture", "--weights", "1,b"], 64, "found 'b', expected numbers"),
      (["--target", "gamma", "--labelled"], 64, "the target gamma has no labels"),
      (["--columns", "x"], 64, "found 1 columns in 'x'"),
      (["--target", "square"], 64, "--target"),
      (["--data", "none.csv"], 66, "none.csv: cannot open"),
      (["--data", "bad.csv"], 65, "bad.csv, line 3, column 2 (y): found 'b', expected a number"),
      (["--data", "bad.csv", "--columns", "x,z"], 64, "--columns z: "),
      (["--depth", "0"], 64, "--depth: network.depth: found 0, expected 1 to 16"),
    ] as [([String], Int32, String)])
  func wrongFlagsAndTablesAreErrors(words: [String], code: Int32, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("bad.csv", "x,y\n1,2\n3,b\n")
    let ending = try plane(planeTraining("run", words), in: folder)
    #expect(ending.code == code, "\(ending.remarks)")
    #expect(ending.remarks.contains(message), "\(ending.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder["run"].path))
  }
}
