import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import Adversarial

@Suite struct RunFolderTests {
  private func failure(_ body: () throws -> Void) -> UserError? {
    #expect(throws: UserError.self) { try body() }
  }

  @Test func createsWithItsSubfolders() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["runs/a"])
    #expect(FileManager.default.fileExists(atPath: run.checkpoints.path))
    #expect(run.preview(step: 2000).path == temporary["runs/a/previews/step-00002000"].path)
  }

  @Test func refusesWhatIsThere() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["a"])
    try AtomicFile.write("{}", to: run.descriptionFile)
    let error = failure { _ = try RunFolder.create(at: temporary["a"]) }
    #expect(error?.category == .cannotCreate)
    #expect(
      error?.message.hasSuffix("a: found a run already, expected a new folder; --resume continues it") == true
    )

    try FileManager.default.createDirectory(at: temporary["b"], withIntermediateDirectories: true)
    _ = try RunFolder.create(at: temporary["b"])
    try AtomicFile.write("", to: temporary["file"])
    #expect(failure { _ = try RunFolder.create(at: temporary["file"]) }?.category == .cannotCreate)
    #expect(failure { _ = try RunFolder.create(at: temporary["file/c"]) }?.category == .cannotCreate)
    try FileManager.default.createDirectory(at: temporary["d/photos"], withIntermediateDirectories: true)
    #expect(
      failure { _ = try RunFolder.create(at: temporary["d"]) }?.message.contains("found photos") == true)
  }

  @Test func aRunKilledBeforeItsFirstFileIsNoObstacle() throws {
    let temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(at: temporary["a"], withIntermediateDirectories: true)
    for name in ["run.lock", ".duel-1-x.tmp"] { try Data().write(to: temporary["a/" + name]) }
    _ = try RunFolder.create(at: temporary["a"])
  }

  @Test func numbersGoOnAfterTheGreatest() throws {
    let temporary = try TemporaryFolder()
    let runs = temporary["runs"]
    #expect(
      try RunFolder.createNumbered(in: runs, label: "text-names").url.lastPathComponent == "00000-text-names")
    for name in ["00007-audio", "notes", "x-9", "99999999999999999999-x"] {
      try FileManager.default.createDirectory(
        at: runs.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let next = try RunFolder.createNumbered(in: runs, label: "text-my names/é")
    #expect(next.url.lastPathComponent == "00008-text-my-names-é")
    try AtomicFile.write("", to: temporary["file"])
    #expect(
      failure { _ = try RunFolder.createNumbered(in: temporary["file"], label: "x") }?.category
        == .cannotCreate)
  }

  @Test func openingNeedsARun() throws {
    let temporary = try TemporaryFolder()
    #expect(
      failure { _ = try RunFolder.open(temporary["absent"]) }?.message.contains("no such folder") == true)
    let run = try RunFolder.create(at: temporary["a"])
    let error = failure { _ = try RunFolder.open(run.url) }
    #expect(error?.category == .noInput)
    #expect(error?.message.contains("no run.json") == true)
    try AtomicFile.write("{}", to: run.descriptionFile)
    // No process has this number.
    let stale = run.checkpoints.appendingPathComponent(".duel-\(Int32.max)-x.tmp")
    try Data().write(to: stale)
    #expect(try RunFolder.open(run.url) == run)
    #expect(!FileManager.default.fileExists(atPath: stale.path))
  }

  @Test func oneProcessTrainsARun() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["a"])
    do {
      let lock = try run.lock()
      let error = failure { _ = try run.lock() }
      #expect(error?.message.contains("another process is training this run") == true)
      withExtendedLifetime(lock) {}
    }
    _ = try run.lock()
  }
}

@Suite struct RunDescriptionTests {
  private let description = RunDescription(
    modality: "text", softwareVersion: "0.1.0", created: "2026-01-02T03:04:05Z", seed: .max,
    recipe: .object(["batch": .int(32), "rate": .double(2), "labels": .null]),
    origins: ["batch": "flag --batch"],
    plan: Plan(warmUpSteps: 100, duelSteps: 900), data: .object(["lines": .int(7)]),
    arguments: ["--batch", "32"])

  @Test func survivesTheFile() throws {
    let temporary = try TemporaryFolder()
    try description.write(to: temporary["run.json"])
    #expect(try RunDescription(contentsOf: temporary["run.json"]) == description)
    #expect(
      try InputFile.text(of: temporary["run.json"]).hasPrefix("{\n  \"arguments\": [\"--batch\", \"32\"],\n"))
  }

  static let damaged: [(text: String, words: String)] = [
    ("", "line 1, column 1: found the end"), ("{", "line 1, column 2"),
    ("[]", "found a list, expected a record"),
    ("{\"format\": 1}", "modality: found nothing"), ("{\"format\": 2}", "found format 2, expected at most 1"),
    ("{\"format\": 1e300}", "a newer Duel"), ("{\"format\": \"x\"}", "format: found a text"),
  ]

  @Test(arguments: damaged) func damageIsNamed(text: String, words: String) throws {
    let temporary = try TemporaryFolder()
    try AtomicFile.write(text, to: temporary["run.json"])
    let error = #expect(throws: UserError.self) { try RunDescription(contentsOf: temporary["run.json"]) }
    #expect(error?.category == .badData)
    #expect(error?.message.contains("run.json: ") == true)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  /// What the data decided is left out, and so are records that held nothing else.
  @Test func configurationLeavesOutWhatDataDecided() throws {
    let temporary = try TemporaryFolder()
    var run = description
    run.recipe = .object([
      "batch": .int(3),
      "format": .object(["length": .int(5), "vocabulary": .object(["symbols": .array([])])]),
    ])
    run.origins = ["batch": "default", "format.length": "data", "format.vocabulary.symbols": "data"]
    try run.write(to: temporary["run.json"])
    #expect(
      try RunDescription.recipe(in: temporary["run.json"], modality: "text") == .object(["batch": .int(3)]))
  }

  @Test func configurationIsARunOrARecipe() throws {
    let temporary = try TemporaryFolder()
    try description.write(to: temporary["run.json"])
    #expect(try RunDescription.recipe(in: temporary["run.json"], modality: "text") == description.recipe)
    #expect(throws: UserError.self) {
      try RunDescription.recipe(in: temporary["run.json"], modality: "audio")
    }
    try AtomicFile.write("{\"batch\": 3}", to: temporary["a.json"])
    #expect(
      try RunDescription.recipe(in: temporary["a.json"], modality: "audio") == .object(["batch": .int(3)]))
    let error = #expect(throws: UserError.self) {
      try RunDescription.recipe(in: temporary["absent"], modality: "text")
    }
    #expect(error?.category == .noInput)
  }
}
