import Adversarial
import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import ModalityKit

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
      try InputFile.text(of: temporary["run.json"]).contains("\n  \"arguments\": [\"--batch\", \"32\"],\n"))
  }

  static let damaged: [(text: String, words: String)] = [
    ("", "line 1, column 1: found the end"), ("{", "line 1, column 2"),
    ("[]", "found a list, expected a record"),
    ("{\"format\": 2}", "modality: found nothing"), ("{\"format\": 3}", "found format 3, expected at most 2"),
    ("{\"format\": 1}", "found format 1, expected at least 2: an older Duel"),
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

  /// Found by damaged files: a key of many dots became as many records, one in the other.
  @Test(.timeLimit(.minutes(1))) func keysOfManyDotsChangeNothing() throws {
    let temporary = try TemporaryFolder()
    for key in [String(repeating: "a.", count: 200_000) + "a", String(repeating: "b.", count: 90) + "b"] {
      var description = description
      description.origins[key] = RunDescription.dataOrigin
      try description.write(to: temporary["run.json"])
      let recipe = try RunDescription.recipe(in: temporary["run.json"], modality: "text")
      #expect(recipe[dotted: String(key.prefix(1))] == nil)
    }
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
