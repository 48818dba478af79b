import Adversarial
import ArgumentParser
import Failures
import Foundation

/// Writes samples of a trained generator.
struct Generate<M: Modality>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "generate", abstract: "Writes samples of a trained generator of \(M.name).",
      discussion: """
        The same checkpoint, seed, flags and number of threads give the same bytes. Samples go where --out says, or \
        else to \(place).
        """)
  }

  private static var place: String {
    switch M.sampleOutput {
    case .text: "standard output"
    case .files(let folder): "the folder \(folder)"
    }
  }

  @OptionGroup var model: ModelOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Number of samples.", valueName: "count"))
  var count = 10

  @Option(help: ArgumentHelp("Seed of all draws.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Only samples of this label, or each label in turn: each. (default: any)", valueName: "label"))
  var label: String?

  @OptionGroup var latents: LatentOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write the samples.", valueName: "path"),
    completion: .file())
  var out: String?

  @Flag(help: "Print one JSON object that names the files written; needs --out.")
  var json = false

  @OptionGroup(title: "The modality's options") var options: M.GenerateOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count \(count): expected at least 1") }
    if json, out == nil, case .text = M.sampleOutput {
      throw ValidationError("--json: expected --out, so that the result is the JSON alone")
    }
  }

  private var output: URL? {
    if let out { return URL(fileURLWithPath: out) }
    if case .files(let folder) = M.sampleOutput { return URL(fileURLWithPath: folder, isDirectory: true) }
    return nil
  }

  func run() throws {
    let device = try engine.apply()
    let trained = try TrainedModel<M>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    let count = options.sampleCount ?? count
    let request = try GenerationRequest(
      trained, options: options.sampling, count: count, seed: seed,
      labels: LabelChoice(label, labels: trained.recipe.completeSpec().labels),
      truncation: latents.truncation, oneOf: latents.select, output: output, write: Console.current.result)
    if latents.select > 1 { Console.current.note(trained.selectionSentence(oneOf: latents.select)) }
    let files = try M.generate(request, options: options)
    if json {
      try Console.current.result(
        ResultJSON.object([
          "modality": .string(M.name), "checkpoint": .string(trained.file.relativePath),
          "step": .int(trained.step),
          "count": .int(count), "seed": ResultJSON.number(seed),
          "files": .array(files.map { .string($0.relativePath) }),
        ]).prettyText)
    } else if files.count == 1 {
      Console.current.note("\(count) samples of step \(trained.step) in \(files[0].relativePath)")
    } else if let first = files.first {
      let folder = first.deletingLastPathComponent().relativePath
      Console.current.note("\(count) samples of step \(trained.step): \(files.count) files in \(folder)")
    }
  }
}
