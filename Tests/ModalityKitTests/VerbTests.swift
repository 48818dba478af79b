import Adversarial
import Failures
import Files
import Foundation
import Metrics
import ModalityKit
import PlaneModality
import TestSupport
import Testing

/// The four verbs.
@Suite struct VerbTests {
  let folder: TemporaryFolder
  let run: String

  init() throws {
    folder = try TemporaryFolder()
    run = folder["run"].path
  }

  /// A training of a few steps.
  private func train(_ flags: String...) throws -> CommandLineRun {
    let words = [
      "plane", "train", "--preset", "tiny", "--steps", "12", "--warm-up-steps", "4", "--checkpoint-every",
      "6",
      "--points", "400", "--report-every", "3", "--out", run,
    ]
    return CommandLineRun(words + flags, registry: try ModalityRegistry([Plane.self]))
  }

  @Test func trainWritesARun() throws {
    let trained = try train()
    #expect(trained.code == 0, "\(trained.remarks)")
    #expect(trained.result.contains(/step +12 of 12/))
    #expect(trained.remarks.contains("400 points to train on, 40 for validation (apart), 200 held out"))
    #expect(try Set(folder.names) == ["run"])
    let description = try RunDescription(contentsOf: folder["run/run.json"])
    #expect(description.plan == Plan(warmUpSteps: 4, duelSteps: 8))
    #expect(description.recipe[dotted: "training.steps"] == .int(12))
    #expect(description.origins["training.steps"] == "flag --steps")
    #expect(description.origins["spec.target"] == "data")
    #expect(description.data[dotted: "length"] == .string("--steps 12"))
    #expect(description.arguments.prefix(3) == ["duel", "plane", "train"])
    #expect(description.arguments.last == run)
    let reports = try InputFile.text(of: folder["run/metrics.jsonl"]).split(separator: "\n")
    #expect(reports.count == 5)  // 3, the warm-up's end at 4, 6, 9, 12
    let previews = try FileManager.default.contentsOfDirectory(atPath: folder["run/previews"].path)
    // Before the first step, after the warm-up and at the end; more only in longer runs.
    #expect(Set(previews) == ["step-00000000", "step-00000004", "step-00000012"])
  }

  @Test func standardErrorSaysAsMuchAsIsWanted() throws {
    func remarks(_ words: String...) throws -> String {
      defer { try? FileManager.default.removeItem(atPath: run) }
      let words =
        [
          "plane", "train", "--preset", "tiny", "--steps", "6", "--points", "400", "--report-every", "3",
          "--out", run,
        ] + words
      let trained = CommandLineRun(words, registry: try ModalityRegistry([Plane.self]))
      #expect(trained.code == 0, "\(trained.remarks)")
      return trained.remarks
    }
    #expect(try remarks("--quiet") == "")
    #expect(try remarks("--log-level", "error") == "")
    #expect(try !remarks("--log-level", "warning").contains("duel 6/6"))
    let usual = try remarks()
    #expect(usual.contains("400 points to train on") && usual.contains("duel 6/6"))
    #expect(!usual.contains("wrote ") && !usual.contains("generator.loss"))
    let all = try remarks("--log-level", "debug")
    #expect(all.contains("step 6: wrote ") && all.contains("generator.loss ") && all.contains("phase duel"))
    // A result for programs, and what is asked for beside it.
    #expect(try remarks("--json") == "")
    #expect(try remarks("--json", "--log-level", "info").contains("duel 6/6"))
  }

  @Test func samplesAndTablesSayAsMuchAsIsWanted() throws {
    #expect(try train("--quiet").code == 0)
    let registry = try ModalityRegistry([Plane.self])
    func remarks(_ verb: String, _ words: String...) -> String {
      let ending = CommandLineRun(["plane", verb, run, "--count", "20"] + words, registry: registry)
      #expect(ending.code == 0 && !ending.result.isEmpty)
      return ending.remarks
    }
    #expect(remarks("generate", "--select", "2").contains("--select 2: "))
    #expect(remarks("generate", "--select", "2", "-q") == "")
    #expect(remarks("evaluate") == "")
    #expect(remarks("generate", "--log-level", "debug").contains("drawing: 0s\n"))
    #expect(
      remarks("evaluate", "--log-level", "debug").contains("step-00000012.safetensors: step 12, on cpu"))
  }

  /// Two processes may begin a run in the same new folder: the one that is too late leaves it to the other.
  @Test func aFolderThatAnotherProcessHasTakenIsLeftToIt() throws {
    let taken = try RunFolder.create(at: folder["run"])
    try withExtendedLifetime(taken.lock()) {
      let trained = try train("--quiet")
      #expect(trained.code == 73 && trained.remarks.contains("another process"), "\(trained.remarks)")
    }
    #expect(FileManager.default.fileExists(atPath: taken.checkpoints.path))
    #expect(try train("--quiet").code == 0)
  }

  @Test func noPreviewsWhereNoneAreWanted() throws {
    let trained = try train("--quiet", "--preview-every", "0")
    #expect(trained.code == 0, "\(trained.remarks)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["run/previews"].path).isEmpty)
  }

  @Test func minutesBecomeStepsBeforeTheFirstOne() throws {
    let words = ["plane", "train", "--preset", "tiny", "--minutes", "0.005", "--out", run, "--quiet"]
    let trained = CommandLineRun(words, registry: try ModalityRegistry([Plane.self]))
    #expect(trained.code == 0, "\(trained.remarks)")
    let description = try RunDescription(contentsOf: folder["run/run.json"])
    #expect(description.plan.totalSteps > 0)
    #expect(description.recipe[dotted: "training.steps"] == .int(description.plan.totalSteps))
    #expect(description.origins["training.steps"] == "flag --minutes")
  }

  @Test func jsonIsTheWholeResult() throws {
    let trained = try train("--json")
    #expect(trained.code == 0)
    #expect(trained.remarks.isEmpty)
    let json = try trained.json
    #expect(json[dotted: "schemaVersion"] == .int(1))
    #expect(json[dotted: "outcome"] == .string("finished"))
    #expect(json[dotted: "step"] == .int(12))
    #expect(json[dotted: "checkpoint"] == .string(run + "/checkpoints/step-00000012.safetensors"))
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    #expect(try train("--quiet").code == 0)
    let first = try CommandLineRun("plane", "generate", run, "--count", "300", "--seed", "5")
    #expect(first.code == 0)
    #expect(first.result.split(separator: "\n").count == 301)
    #expect(
      try CommandLineRun("plane", "generate", run, "--count", "300", "--seed", "5").result == first.result)
    #expect(
      try CommandLineRun("plane", "generate", run, "--count", "300", "--seed", "6").result != first.result)
    let shorter = try CommandLineRun("plane", "generate", run, "--count", "256", "--seed", "5")
    #expect(first.result.hasPrefix(shorter.result))

    let file = folder["points.csv"]
    let written = try CommandLineRun(
      "plane", "generate", run, "--count", "300", "--seed", "5", "--out", file.path, "--json")
    #expect(try InputFile.text(of: file) == first.result)
    #expect(try written.json[dotted: "files"] == .array([.string(file.path)]))
  }

  @Test func aCheckpointFileServesLikeItsRun() throws {
    #expect(try train("--quiet", "--keep", "9").code == 0)
    let file = run + "/checkpoints/step-00000012.safetensors"
    #expect(
      try CommandLineRun("plane", "generate", file).result
        == CommandLineRun("plane", "generate", run).result)
    let untrained = try CommandLineRun("plane", "generate", run + "/checkpoints/step-00000000.safetensors")
    #expect(untrained.code == 0)
    #expect(try untrained.result != CommandLineRun("plane", "generate", run).result)
    let warm = try CommandLineRun("plane", "generate", run, "--checkpoint", "start")
    #expect(warm.code == 0 && warm.result != untrained.result)
  }

  @Test func evaluateShowsTheWarmStartBesideTheFinalModel() throws {
    #expect(try train("--quiet", "--keep", "9").code == 0)
    let table = try CommandLineRun("plane", "evaluate", run, "--count", "50")
    #expect(table.code == 0, "\(table.remarks)")
    for row in ["training sample", "this model (step 12", "before the game (step 4)", "Gaussian mixture"] {
      #expect(table.result.contains(row), "\(row)")
    }
    let first = run + "/checkpoints/step-00000000.safetensors"
    let early = try CommandLineRun("plane", "evaluate", first, "--count", "50")
    #expect(early.code == 0, "\(early.remarks)")
    #expect(early.result.contains("this model (step 0)") && !early.result.contains("before the game ("))
    #expect(table.result.contains("Validation: 40 samples of their own chose among checkpoints"))
    let json = try CommandLineRun("plane", "evaluate", run, "--count", "50", "--json")
    let read = try EvaluationTable(json: Data(json.result.utf8), origin: "standard output")
    #expect(read.rows.map(\.sampleCount) == [50, 50, 50, 50])
  }

  @Test func evaluateSaysWhenTheDataIsNotTheRuns() throws {
    #expect(try train("--quiet").code == 0)
    let other = folder["other.txt"]
    try AtomicFile.write((0..<150).map { "\($0) \($0 % 7)\n" }.joined(), to: other)
    let table = try CommandLineRun("plane", "evaluate", run, "--data", other.path)
    #expect(table.code == 0, "\(table.remarks)")
    #expect(table.result.contains("not what the run was trained on"))
    #expect(
      table.result.contains(
        "121 points to train on, 14 for validation (every tenth of the others), 15 held out"))
    let file = folder["alone.safetensors"]
    try FileManager.default.copyItem(
      atPath: run + "/checkpoints/step-00000012.safetensors", toPath: file.path)
    #expect(try CommandLineRun("plane", "evaluate", file.path).code == 64)
    #expect(try CommandLineRun("plane", "evaluate", file.path, "--data", other.path).code == 0)
  }

  @Test func infoSaysWhatARunIs() throws {
    #expect(try train("--quiet").code == 0)
    let text = try CommandLineRun("plane", "info", run)
    #expect(text.code == 0, "\(text.remarks)")
    #expect(text.result.contains("12 of 12: 4 warm-up, 8 duel"))
    #expect(text.result.contains("(start)"))
    let json = try CommandLineRun("plane", "info", run, "--json").json
    #expect(json[dotted: "generatorParameters"] == .int(2 * 32 + 32 + 2 * (32 * 32 + 32) + 32 * 2 + 2))
    #expect(json[dotted: "discriminatorParameters"] == .int(22 * 32 + 32 + 2 * (32 * 32 + 32) + 32 + 1))
    #expect(json[dotted: "recipe.network.width"] == .int(32))
    let alone = try CommandLineRun(
      "plane", "info", run + "/checkpoints/step-00000004.safetensors", "--json"
    ).json
    #expect(alone[dotted: "step"] == .int(4))
  }

  @Test func anotherRunsFileRepeatsItsRecipeAndPlan() throws {
    #expect(try train("--quiet", "--loss", "least-squares").code == 0)
    let copy = folder["copy"].path
    let words = ["--config", run + "/run.json", "--out", copy, "--quiet"]
    let registry = try ModalityRegistry([Plane.self])
    #expect(CommandLineRun(["plane", "train"] + words, registry: registry).code == 0)
    let name = "/checkpoints/step-00000012.safetensors"
    #expect(
      try InputFile.bytes(of: URL(fileURLWithPath: run + name))
        == InputFile.bytes(of: URL(fileURLWithPath: copy + name)))
  }

  @Test func aModelLoadsInAProgramOfOnesOwn() throws {
    #expect(try train("--quiet").code == 0)
    let model = try TrainedModel<Plane>(contentsOf: folder["run"])
    #expect(model.step == 12)
    #expect(throws: UserError.self) { try TrainedModel<Plane>(contentsOf: folder["nothing"]) }
  }
}
