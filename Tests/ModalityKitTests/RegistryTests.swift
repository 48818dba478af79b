import Adversarial
import Foundation
import Metrics
import ModalityKit
import PlaneDatasets
import PlaneModality
import Testing
import Torch

@Suite struct RegistryTests {
  @Test func takesModalitiesInOrder() throws {
    let registry = try ModalityRegistry([Plane.self, Renamed<Other>.self])
    #expect(registry.modalities.map { $0.name } == ["plane", "other"])
  }

  @Test func refusesTwoOfOneName() {
    #expect(throws: RegistryError.duplicate("plane")) {
      try ModalityRegistry([Plane.self, Plane.self])
    }
  }

  @Test(arguments: [
    (Renamed<Empty>.self as any Modality.Type, RegistryError.illFormed("")),
    (Renamed<Capital>.self, .illFormed("Audio")),
    (Renamed<Digit>.self, .illFormed("3d")),
    (Renamed<Spaced>.self, .illFormed("point cloud")),
    (Renamed<Reserved>.self, .reserved("doctor")),
  ])
  func refusesNames(_ modality: any Modality.Type, _ error: RegistryError) {
    #expect(throws: error) { try ModalityRegistry([modality]) }
    #expect(error.description.hasPrefix("modality '"))
  }

  @Test func modalitiesListsNamesAndSummaries() throws {
    let listed = try CommandLineRun("modalities")
    #expect(listed.code == 0)
    #expect(
      listed.result == "plane  Points in the plane, of known distributions or of two columns of a table.\n")
    let json = try CommandLineRun("modalities", "--json").json
    #expect(json[dotted: "schemaVersion"] == .int(1))
    #expect(
      json[dotted: "modalities"]
        == .array([.object(["name": .string("plane"), "summary": .string(Plane.summary)])]))
  }

  @Test func anEmptyRegistryStillHasARoot() throws {
    let run = CommandLineRun(["modalities"], registry: try ModalityRegistry([]))
    #expect(run.code == 0)
    #expect(run.result.isEmpty)
  }
}

@Suite struct HelpTests {
  static let commands = [
    [], ["modalities"], ["doctor"], ["demo"], ["verify"], ["plane"], ["plane", "train"],
    ["plane", "generate"],
    ["plane", "evaluate"], ["plane", "info"], ["plane", "inspect"], ["plane", "sheet"],
  ]

  @Test(arguments: commands)
  func everyCommandHasHelp(_ words: [String]) throws {
    let registry = try ModalityRegistry([Plane.self])
    let help = CommandLineRun(words + ["--help"], registry: registry)
    #expect(help.code == 0)
    #expect(help.remarks.isEmpty)
    #expect(help.result.contains("USAGE: \((["duel"] + words).joined(separator: " "))"))
    let same = CommandLineRun(["help"] + words, registry: registry)
    #expect(same.result == help.result)
  }

  @Test func everyOptionOfTrainSaysWhatItIs() throws {
    let help = try CommandLineRun("plane", "train", "--help").result
    let lines = help.split(separator: "\n")
    for (line, next) in zip(lines, lines.dropFirst() + [""]) where line.hasPrefix("  --") {
      // Words stand beside the option, after the last value's name, or, where it is long, below it.
      let end = line.lastIndex(of: ">").map(line.index(after:))
      let beside = end.map { line[$0...] } ?? line.drop { $0 == " " }.drop { $0 != " " }
      let isDescribed = beside.contains { $0.isLetter } || next.hasPrefix("            ")
      #expect(isDescribed, "\(line)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsNameEveryVerb(_ shell: String) throws {
    let script = try CommandLineRun("--generate-completion-script", shell)
    #expect(script.code == 0)
    for word in [
      "plane", "train", "generate", "evaluate", "info", "inspect", "doctor", "demo", "modalities",
      "weight-clip",
    ] {
      #expect(script.result.contains(word), "\(word)")
    }
  }

  @Test func theVersionIsANumber() throws {
    let version = try CommandLineRun("--version")
    #expect(version.code == 0)
    #expect(version.result.split(separator: ".").count == 3)
  }
}

// MARK: Modalities under other names

protocol Name {
  static var text: String { get }
}
enum Other: Name { static let text = "other" }
enum Empty: Name { static let text = "" }
enum Capital: Name { static let text = "Audio" }
enum Digit: Name { static let text = "3d" }
enum Spaced: Name { static let text = "point cloud" }
enum Reserved: Name { static let text = "doctor" }

/// The plane under another name; only the name is ever asked for.
enum Renamed<N: Name>: Modality {
  typealias TrainOptions = PlaneTrainOptions
  typealias GenerateOptions = PlaneGenerateOptions
  typealias EvaluateOptions = NoSamplingOptions
  typealias Recipe = PlaneRecipe
  typealias Dataset = PlaneDataset

  static var name: String { N.text }
  static var summary: String { Plane.summary }
  static var sampleOutput: SampleOutput { Plane.sampleOutput }
  static var chunkSize: Int { Plane.chunkSize }
  static func recipe(preset: Preset) -> PlaneRecipe { Plane.recipe(preset: preset) }
  static func openDataset(_ source: DataSource, recipe: inout PlaneRecipe) throws -> PlaneDataset {
    try Plane.openDataset(source, recipe: &recipe)
  }
  static func makeGame(recipe: PlaneRecipe, dataset: PlaneDataset, seed: UInt64, device: Device) throws
    -> any Game
  {
    try Plane.makeGame(recipe: recipe, dataset: dataset, seed: seed, device: device)
  }
  static func heldData(_ recipe: PlaneRecipe) throws -> [HeldData] { [] }
  static func draw(
    _ chunk: LatentChunk, generator: PlaneGenerator, recipe: PlaneRecipe, options: PlainSampling
  ) throws -> Tensor {
    try Plane.draw(chunk, generator: generator, recipe: recipe, options: options)
  }
  static func samples(of tensor: Tensor, recipe: PlaneRecipe) throws -> [PlanePoint] {
    try Plane.samples(of: tensor, recipe: recipe)
  }
  static var previewCount: Int { 1 }
  static func previewItems(of samples: [PlanePoint], recipe: PlaneRecipe) -> [PreviewItem] { [] }
  static func generate(_ request: GenerationRequest<Self>, options: PlaneGenerateOptions) throws -> [URL] {
    []
  }
  static func evaluate(_ request: EvaluationRequest<Self>, options: NoSamplingOptions) throws
    -> EvaluationTable
  {
    EvaluationTable(columns: [])
  }
}
