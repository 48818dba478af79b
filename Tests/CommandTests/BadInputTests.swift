import Files
import Foundation
import TestSupport
import Testing
import Torch

/// What a user can get wrong: exit code, message, nothing left behind.
@Suite struct BadInputTests {
  /// A mistake.
  struct Mistake: CustomTestStringConvertible, Sendable {
    let words: [String]
    let code: Int32
    let message: String
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String, _ code: Int32, _ message: String) {
      self.words = words.split(separator: " ").map(String.init)
      self.code = code
      self.message = message
    }
  }

  static let flags = [
    Mistake("train --nonsense", 64, "Unknown option '--nonsense'"),
    Mistake("train --steps", 64, "Missing value for '--steps"),
    Mistake("train --steps many", 64, "The value 'many' is invalid for '--steps"),
    Mistake("train --steps 0", 64, "--steps 0: expected 1 to 1000000000000"),
    Mistake("train --minutes 0", 64, "--minutes 0.0: expected more than 0"),
    Mistake("train --minutes nan", 64, "--minutes nan: expected more than 0"),
    Mistake("train --samples 0", 64, "--samples 0: expected 1 to 1000000000000"),
    Mistake("train --steps 1 --minutes 1", 64, "--steps and --minutes exclude each other"),
    Mistake("train --preset huge", 64, "The value 'huge' is invalid for '--preset"),
    Mistake("train --loss perceptual", 64, "The value 'perceptual' is invalid for '--loss"),
    Mistake("train --penalty r3=1", 64, "expected KIND=WEIGHT"),
    Mistake("train --penalty r1=1/0", 64, "the interval is '0'"),
    Mistake("train --weight-clip=-1", 64, "'-1': expected a bound above 0"),
    Mistake("train --clip-norm wide", 64, "'wide': expected a number or none"),
    Mistake("train --clip-norm 0", 64, "--clip-norm: training.clipNorm: found 0.0, expected more than 0"),
    Mistake("train --prior cauchy", 64, "'cauchy': expected normal, uniform"),
    Mistake("train --generator-rate fast", 64, "'fast': expected a number, linear:FROM:TO"),
    Mistake("train --ema 1.5", 64, "'1.5': expected a share from 0"),
    Mistake("train --batch 0", 64, "--batch: training.batchSize: found 0, expected 1 to 1000000"),
    Mistake(
      "train --batch 4611686018427387904", 64, "--batch: training.batchSize: found 4611686018427387904"),
    Mistake("train --batch 4 --accumulate 5", 64, "--accumulate: training.accumulation: found 5"),
    Mistake("train --latent 0", 64, "--latent: training.latentDimension: found 0"),
    Mistake("train --latent 1000001", 64, "--latent: training.latentDimension: found 1000001"),
    Mistake(
      "train --discriminator-steps 0", 64, "--discriminator-steps: training.discriminatorSteps: found 0"),
    Mistake(
      "train --discriminator-steps 1000000000000000000", 64,
      "--discriminator-steps: training.discriminatorSteps: found 1000000000000000000, expected 1 to 10000"),
    Mistake("train --warm-up-steps 9223372036854775807", 64, "--warm-up-steps: training.warmUp.steps: found"),
    Mistake("train --warm-up-steps=-1", 64, "--warm-up-steps: training.warmUp.steps: found -1"),
    Mistake("train --validate-every 0", 64, "--validate-every: training.validationInterval: found 0"),
    Mistake("train --width 0", 64, "--width: network.width: found 0, expected 1 to 8192"),
    Mistake("train --seed=-1", 64, "The value '-1' is invalid for '--seed"),
    Mistake("train --threads 0", 64, "--threads 0: expected 1 to 4096"),
    Mistake("train --device cuda:99", 64, "--device cuda:99: no such device here; present: cpu"),
    Mistake("train --checkpoint-every 0", 64, "--checkpoint-every 0: expected at least 1"),
    Mistake("train --keep 0", 64, "--keep 0: expected at least 1"),
    Mistake("train --preview-every=-1", 64, "--preview-every -1: expected at least 0"),
    Mistake("train --report-every 0", 64, "--report-every 0: expected at least 1"),
    Mistake("train --resume", 64, "--resume: expected --out"),
    Mistake("train --resume --out run --dry-run", 64, "--resume and --dry-run exclude each other"),
    Mistake("generate", 64, "Missing expected argument '<run>'"),
    Mistake("generate run --count 0", 64, "--count 0: expected at least 1"),
    Mistake("generate run --json", 64, "--json: expected --out"),
    Mistake("generate run --checkpoint newest", 64, "The value 'newest' is invalid for '--checkpoint"),
    Mistake("evaluate run --count 0", 64, "--count 0: expected at least 1"),
    Mistake("evaluate run --seed x", 64, "The value 'x' is invalid for '--seed"),
    Mistake(
      "generate points.txt --checkpoint best", 64,
      "--checkpoint best: found the file points.txt, expected a run"),
    Mistake("dance", 64, "Unexpected argument 'dance'"),
  ]

  static let files = [
    Mistake("train --data missing.txt", 66, "missing.txt: cannot open the file"),
    Mistake("train --data empty.txt", 65, "empty.txt: found no rows, expected two columns"),
    Mistake("train --data binary.dat", 65, "binary.dat: found bytes that are not UTF-8"),
    Mistake("train --data words.txt", 65, "words.txt, line 2: found 1 columns, expected at least 2"),
    Mistake("train --data .", 66, ": found something else than a plain file"),
    Mistake("train --data points.txt --holdout missing.txt", 66, "missing.txt: cannot open the file"),
    Mistake("train --config missing.json", 66, "missing.json: cannot open the file"),
    Mistake("train --config empty.txt", 65, "empty.txt: line 1"),
    Mistake("train --config binary.dat", 65, "binary.dat: "),
    Mistake(
      "train --config unknown.json", 65,
      "unknown.json: found the unknown key network.widht; did you mean network.width?"),
    Mistake("train --config wrong.json", 65, "wrong.json: network.width: found a text"),
    Mistake("train --config range.json", 65, "range.json: network.width: found 0, expected 1 to 8192"),
    Mistake("train --quiet --out /proc/run", 73, "/proc/run: cannot make the folder"),
    Mistake("train --out points.txt", 73, "points.txt: found a file"),
    Mistake("train --out points.txt/run", 73, "points.txt/run: cannot make the folder: points.txt is a file"),
    Mistake("train --out .", 73, "found binary.dat in it, expected a new or an empty folder"),
    Mistake("train --resume --out missing", 66, "missing: found no such folder, expected a run"),
    Mistake("train --resume --out folder", 66, "folder: found no run.json in it, expected a run"),
    Mistake("generate missing", 66, "missing: found nothing there, expected a run folder or a checkpoint"),
    Mistake("generate folder", 66, "folder: found no run.json in it"),
    Mistake("generate empty.txt", 65, "empty.txt: "),
    Mistake("generate binary.dat", 65, "binary.dat: "),
    Mistake("generate points.txt", 65, "points.txt: "),
    Mistake("evaluate missing", 66, "missing: found nothing there"),
    Mistake("info missing", 66, "missing: found nothing there"),
  ]

  /// A folder with files that are no good.
  private static func workplace() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try AtomicFile.write("", to: folder["empty.txt"])
    try AtomicFile.write(to: folder["binary.dat"]) { try $0.write((0..<400).map { UInt8($0 * 37 % 256) }) }
    try AtomicFile.write("1 2\nzwei\n", to: folder["words.txt"])
    try AtomicFile.write((0..<20).map { "\($0) \($0 % 3)\n" }.joined(), to: folder["points.txt"])
    try AtomicFile.write(#"{"network.widht": 3}"#, to: folder["unknown.json"])
    try AtomicFile.write(#"{"network.width": "wide"}"#, to: folder["wrong.json"])
    try AtomicFile.write(#"{"network.width": 0}"#, to: folder["range.json"])
    try FileManager.default.createDirectory(at: folder["folder"], withIntermediateDirectories: false)
    return folder
  }

  @Test(arguments: flags + files)
  func isRefused(_ mistake: Mistake) throws {
    let folder = try Self.workplace()
    let before = try folder.names
    let ending = try Command.plane(mistake.words, in: folder.url)
    #expect(ending.code == mistake.code, "\(ending.remarks)")
    #expect(ending.remarks.hasPrefix("Error: "), "\(ending.remarks)")
    #expect(ending.remarks.contains(mistake.message), "\(ending.remarks)")
    #expect(ending.result.isEmpty)
    #expect(try folder.names == before)
  }

  @Test func aFullDiskIsAnErrorAndNotASuccess() throws {
    let folder = try TemporaryFolder()
    #expect(try Command.plane(quickTraining("run"), in: folder.url).code == 0)
    let ending = try Command.plane(["generate", "run"], in: folder.url, output: "/dev/full")
    #expect(ending.code == 74)
    #expect(ending.remarks == "Error: standard output: cannot write: No space left on device\n")
    let unwritable = try Command.plane(["generate", "run", "--out", "run/run.json/x"], in: folder.url)
    #expect(unwritable.code == 73)
  }
}

/// Checkpoints that are not what they should be.
@Suite struct BadCheckpointTests {
  private let folder: TemporaryFolder
  private let good: URL

  init() throws {
    folder = try TemporaryFolder()
    let trained = try Command.plane(quickTraining("run"), in: folder.url)
    try #require(trained.code == 0, "\(trained.remarks)")
    good = folder["run/checkpoints/step-00000006.safetensors"]
  }

  private func expectRefusal(_ name: String, _ message: String) throws {
    for verb in ["generate", "info", "evaluate"] {
      let ending = try Command.plane([verb, name], in: folder.url)
      #expect(ending.code == 65, "\(ending.remarks)")
      #expect(ending.remarks.contains("\(name): ") && ending.remarks.contains(message), "\(ending.remarks)")
      #expect(ending.result.isEmpty)
    }
  }

  /// A copy of the good checkpoint whose metadata say something else, with a digest of its own.
  private func forge(_ name: String, _ key: String, _ value: String?) throws {
    let (tensors, metadata) = try Tensor.readSafetensors(good)
    var changed = metadata
    changed[key] = value
    try Tensor.writeSafetensors(
      tensors.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }, metadata: changed,
      to: folder[name])
  }

  @Test func truncated() throws {
    let bytes = try InputFile.bytes(of: good)
    for count in [4, 100, bytes.count / 2, bytes.count - 1] {
      try AtomicFile.write(to: folder["cut"]) { try $0.write(Array(bytes.prefix(count))) }
      let ending = try Command.plane(["generate", "cut"], in: folder.url)
      #expect(ending.code == 65)
      #expect(ending.remarks.hasPrefix("Error: cut: "), "\(ending.remarks)")
    }
  }

  @Test func aMutatedByte() throws {
    var bytes = try InputFile.bytes(of: good)
    bytes[bytes.count - 50] ^= 1
    try AtomicFile.write(to: folder["mutated"]) { try $0.write(bytes) }
    try expectRefusal("mutated", "the file is damaged")
  }

  @Test func anotherModality() throws {
    try forge("audio", "duel.modality", "audio")
    try expectRefusal("audio", "a checkpoint of modality audio, plane expected")
  }

  @Test func aNewerFormat() throws {
    try forge("newer", "duel.format", "99")
    try expectRefusal("newer", "checkpoint format 99")
  }

  @Test func noCheckpointAtAll() throws {
    try forge("plain", "duel.format", nil)
    try expectRefusal("plain", "no checkpoint of Duel")
  }

  @Test func aRecipeThatDoesNotFit() throws {
    try forge("recipe", "duel.recipe", "{}")
    try expectRefusal("recipe", "the recipe in it")
  }

  @Test(arguments: [
    (#""width":32"#, #""width":-16"#, "network.width: found -16, expected 1 to 8192"),
    (#""latentDimension":2"#, #""latentDimension":-4"#, "training.latentDimension: found -4"),
    (#""batchSize":8"#, #""batchSize":0"#, "training.batchSize: found 0"),
    (#""width":32"#, #""width":33"#, "the generator does not fit its recipe"),
  ])
  func aRecipeThatMakesNoSense(_ text: String, _ replacement: String, _ message: String) throws {
    let (_, metadata) = try Tensor.readSafetensors(good)
    let recipe = try #require(metadata["duel.recipe"])
    let forged = recipe.replacingOccurrences(of: text, with: replacement)
    try #require(forged != recipe, "\(recipe)")
    try forge("senseless", "duel.recipe", forged)
    try expectRefusal("senseless", message)
  }

  @Test(arguments: [
    (#""warmUpSteps":2"#, #""warmUpSteps":-2"#, "the checkpoint's metadata are incomplete"),
    (#""duelSteps":4"#, #""duelSteps":9000000000000000000"#, "the checkpoint's metadata are incomplete"),
    (#""step":6"#, #""step":7"#, "found step 7, expected 0 to 6"),
  ])
  func aStateThatMakesNoSense(_ text: String, _ replacement: String, _ message: String) throws {
    let (_, metadata) = try Tensor.readSafetensors(good)
    let state = try #require(metadata["duel.state"])
    let forged = state.replacingOccurrences(of: text, with: replacement)
    try #require(forged != state, "\(state)")
    try forge("senseless", "duel.state", forged)
    try expectRefusal("senseless", message)
  }

  @Test(arguments: [
    ("data.kept", JSONValue.int(0), "data.kept: found 0, expected at least 1"),
    ("data.threads", .int(-1), "data.threads: found -1"),
    ("data.intervals.report", .int(0), "data.intervals.report: found 0"),
    ("data.intervals.preview", .int(-1), "data.intervals.preview: found -1"),
    ("plan.duelSteps", .int(-4), "plan.duelSteps: found -4"),
    ("plan.warmUpSteps", .int(.max), "plan.warmUpSteps: found 9223372036854775807"),
    ("recipe.network.width", .int(-16), "network.width: found -16, expected 1 to 8192"),
    ("recipe.network.width", .string("wide"), "recipe.network.width: found a text"),
    ("recipe.training.batchSize", .int(0), "training.batchSize: found 0"),
    ("recipe.training.discriminatorSteps", .int(.max), "training.discriminatorSteps: found"),
  ])
  func anEditedDescription(_ key: String, _ value: JSONValue, _ message: String) throws {
    let file = folder["run/run.json"]
    var document = try JSONValue(parsing: InputFile.bytes(of: file))
    try #require(document[dotted: key] != nil)
    document[dotted: key] = value
    try AtomicFile.write(document.prettyText, to: file)
    let ending = try Command.plane(["train", "--resume", "--out", "run"], in: folder.url)
    #expect(ending.code == 65, "\(ending.remarks)")
    #expect(ending.remarks.hasPrefix("Error: run/run.json: "), "\(ending.remarks)")
    #expect(ending.remarks.contains(message), "\(ending.remarks)")
  }

  @Test func aDamagedRunNamesTheNewestGoodCheckpoint() throws {
    var bytes = try InputFile.bytes(of: good)
    bytes[bytes.count - 50] ^= 1
    try AtomicFile.write(to: good) { try $0.write(bytes) }
    let ending = try Command.plane(["generate", "run"], in: folder.url)
    #expect(ending.code == 65)
    #expect(ending.remarks.contains("the newest undamaged one is "), "\(ending.remarks)")
    let resumed = try Command.plane(["train", "--resume", "--out", "run"], in: folder.url)
    #expect(resumed.code == 65)
    #expect(try InputFile.bytes(of: good) == bytes)
  }

  @Test func aDamagedDescription() throws {
    try AtomicFile.write("{", to: folder["run/run.json"])
    for verb in [["evaluate", "run"], ["info", "run"], ["train", "--resume", "--out", "run"]] {
      let ending = try Command.plane(verb, in: folder.url)
      #expect(ending.code == 65)
      #expect(ending.remarks.hasPrefix("Error: run/run.json: "), "\(ending.remarks)")
    }
  }
}
