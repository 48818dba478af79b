import Files
import Foundation
import ModalityKit
import PlaneModality
import TestSupport
import Testing

/// Default, preset, file, flag: the later one wins, and each value's origin is told.
@Suite struct RecipeLayersTests {
  let folder: TemporaryFolder
  let file: String

  init() throws {
    folder = try TemporaryFolder()
    file = folder["own.json"].path
    try AtomicFile.write(
      #"{"network": {"width": 5}, "training": {"batchSize": 3, "loss": "minimax"}}"#, to: folder["own.json"])
  }

  private func recipe(_ flags: String...) throws -> (
    value: (String) -> JSONValue?, origin: (String) -> String?
  ) {
    let registry = try ModalityRegistry([Plane.self])
    let run = CommandLineRun(["plane", "train", "--dry-run", "--json"] + flags, registry: registry)
    #expect(run.code == 0, "\(run.remarks)")
    let json = try run.json
    return (
      { json[dotted: "recipe." + $0] },
      { key in
        guard case .object(let origins) = json[dotted: "origins"], case .string(let text) = origins[key]
        else {
          return nil
        }
        return text
      }
    )
  }

  @Test func defaultsAreThoseOfTheSmallPreset() throws {
    let recipe = try recipe()
    #expect(recipe.value("network.width") == .int(64))
    #expect(recipe.origin("network.width") == "default")
  }

  @Test func eachLayerWinsOverTheOneBefore() throws {
    let recipe = try recipe("--preset", "tiny", "--config", file, "--loss", "wasserstein", "--batch", "7")
    #expect(recipe.value("training.steps") == .int(2_000))
    #expect(recipe.origin("training.steps") == "preset tiny")
    #expect(recipe.value("network.width") == .int(5))
    #expect(recipe.origin("network.width") == "file \(file)")
    #expect(recipe.value("training.loss") == .string("wasserstein"))
    #expect(recipe.origin("training.loss") == "flag --loss")
    #expect(recipe.value("training.batchSize") == .int(7))
    #expect(recipe.origin("training.precision") == "default")
  }

  @Test func aFlagEqualToTheDefaultStillWinsOverAFile() throws {
    let recipe = try recipe("--config", file, "--width", "64")
    #expect(recipe.value("network.width") == .int(64))
    #expect(recipe.origin("network.width") == "flag --width")
  }

  @Test func noneClearsWhatARecipeHas() throws {
    let file = folder["penalties.json"]
    try AtomicFile.write(#"{"training.penalties": ["gp=10"], "training.weightClipping": "0.1"}"#, to: file)
    let recipe = try recipe("--config", file.path, "--penalty", "none", "--weight-clip", "none")
    #expect(recipe.value("training.penalties") == .array([]))
    #expect(recipe.value("training.weightClipping") == .null)
    let again = try self.recipe(
      "--penalty", "gp=1", "--penalty", "none", "--penalty", "r1=2", "--penalty", "r2=3/4")
    #expect(again.value("training.penalties") == .array([.string("r1=2"), .string("r2=3/4")]))
  }

  /// A flag of `train` with a value, and what it makes of the recipe.
  static let flags: [(words: [String], key: String, value: JSONValue)] = [
    (["--batch", "9"], "batchSize", .int(9)),
    (["--accumulate", "2"], "accumulation", .int(2)),
    (["--loss", "relativistic-paired"], "loss", .string("relativistic-paired")),
    (["--penalty", "r1=0.5/16"], "penalties", .array([.string("r1=0.5/16")])),
    (["--weight-clip", "0.01"], "weightClipping", .string("0.01")),
    (["--prior", "gamma:2"], "prior", .string("gamma:2")),
    (["--latent", "3"], "latentDimension", .int(3)),
    (["--discriminator-steps", "5"], "discriminatorSteps", .int(5)),
    (["--generator-rate", "0.5"], "generatorRate", .double(0.5)),
    (["--discriminator-rate", "cosine:1:0.5"], "discriminatorRate", .string("cosine:1:0.5")),
    (["--optimiser", "sgd"], "generatorOptimiser.kind", .string("sgd")),
    (["--optimiser", "sgd"], "discriminatorOptimiser.kind", .string("sgd")),
    (["--ema", "0.5"], "averaging", .string("0.5")),
    (["--warm-up-steps", "8"], "warmUp.steps", .int(8)),
    (["--warm-up-rate", "0.25"], "warmUp.rate", .double(0.25)),
    (["--adversarial-weight", "linear:0:1"], "adversarialWeight", .string("linear:0:1")),
    (["--anchor-weight", "0.5"], "anchorWeight", .double(0.5)),
    (["--clip-norm", "2.5"], "clipNorm", .double(2.5)),
    (["--bf16"], "precision", .string("bfloat16")),
    (["--no-bf16"], "precision", .string("float32")),
    (["--validate-every", "11"], "validationInterval", .int(11)),
    (["--patience", "0"], "referee.patience", .int(0)),
    (["--steps", "12"], "steps", .int(12)),
  ]

  @Test(arguments: flags)
  func everyFlagReachesItsKey(_ words: [String], _ key: String, _ value: JSONValue) throws {
    let registry = try ModalityRegistry([Plane.self])
    let run = CommandLineRun(["plane", "train", "--dry-run", "--json"] + words, registry: registry)
    #expect(run.code == 0, "\(run.remarks)")
    #expect(try run.json[dotted: "recipe.training." + key] == value)
    guard case .object(let origins) = try run.json[dotted: "origins"] else {
      Issue.record("no origins")
      return
    }
    let flag = words[0]
    #expect(origins["training." + key] == .string("flag " + flag))
  }

  @Test func samplesBecomeStepsInADryRun() throws {
    let recipe = try recipe("--preset", "tiny", "--samples", "3200", "--batch", "32")
    #expect(recipe.value("training.steps") == .int(100))
    #expect(recipe.origin("training.steps") == "flag --samples")
  }

  @Test func minutesAreLeftOpenInADryRun() throws {
    let recipe = try recipe("--minutes", "5")
    #expect(recipe.value("training.steps") == .null)
    #expect(recipe.origin("training.steps") == "flag --minutes")
    let table = try CommandLineRun("plane", "train", "--dry-run", "--minutes", "5").result
    #expect(table.contains("(flag --minutes, measured at the start)"))
  }

  @Test func theTableNamesValueAndOrigin() throws {
    let table = try CommandLineRun("plane", "train", "--dry-run", "--width", "9").result
    let line = try #require(table.split(separator: "\n").first { $0.hasPrefix("network.width ") })
    #expect(
      line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        == "network.width = 9 (flag --width)")
  }
}
