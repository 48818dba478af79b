import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import Torch

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

  @Flag(
    help: """
      Leave out samples that are nearer to a training sample than nineteen of twenty held-out ones are, and draw on until \
      there are --count others; needs the run's data.
      """)
  var noCopies = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write the samples.", valueName: "path"),
    completion: .file())
  var out: String?

  @Flag(help: "Print one JSON object that names the files written; needs --out.")
  var json = false

  @OptionGroup(title: "Data, for --no-copies") var data: DataOptions
  @OptionGroup(title: "The modality's options") var options: M.GenerateOptions
  @OptionGroup(title: "Engine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var log: LogOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count \(count): expected at least 1") }
    if json, out == nil, case .text = M.sampleOutput {
      throw ValidationError("--json: expected --out, so that the result is the JSON alone")
    }
    if data.isGiven && !noCopies {
      throw ValidationError("--data, --validation, --holdout: expected --no-copies beside them")
    }
  }

  private var output: URL? {
    if let out { return URL(fileURLWithPath: out) }
    if case .files(let folder) = M.sampleOutput { return URL(fileURLWithPath: folder, isDirectory: true) }
    return nil
  }

  func run() throws { try log.watching { try work() } }

  private func work() throws {
    WorkLine.begin("reading the model")
    let device = try engine.apply()
    let trained = try TrainedModel<M>(contentsOf: model.url, pointer: model.checkpoint, device: device)
    Console.current.note(
      "\(trained.file.relativePath): step \(trained.step), on \(device) with \(Engine.threads) threads",
      at: .debug)
    let count = options.sampleCount ?? count
    let request = try GenerationRequest(
      trained, options: options.sampling, count: count, seed: seed,
      labels: LabelChoice(label, labels: trained.recipe.completeSpec().labels),
      truncation: latents.truncation, oneOf: latents.select, withoutCopiesOf: comparedData(trained),
      output: output, write: Console.current.result)
    if latents.select > 1 { Console.current.note(trained.selectionSentence(oneOf: latents.select)) }
    let files = try write(request)
    if let copies = request.sampler.copies { Console.current.note(copies.sentence) }
    if json {
      var members: [String: JSONValue] = [
        "modality": .string(M.name), "checkpoint": .string(trained.file.relativePath),
        "step": .int(trained.step),
        "count": .int(count), "seed": ResultJSON.number(seed),
        "files": .array(files.map { .string($0.relativePath) }),
      ]
      if let counts = request.sampler.copies?.counts {
        members["drawn"] = .int(counts.drawn)
        members["copiesLeftOut"] = .int(counts.copies)
      }
      try Console.current.result(ResultJSON.object(members).prettyText)
    } else if files.count == 1 {
      Console.current.note("\(count) samples of step \(trained.step) in \(files[0].relativePath)")
    } else if let first = files.first {
      let folder = first.deletingLastPathComponent().relativePath
      Console.current.note("\(count) samples of step \(trained.step): \(files.count) files in \(folder)")
    }
  }

  /// The data whose copies are left out; nil where they stay.
  private func comparedData(_ trained: TrainedModel<M>) throws -> M.Dataset? {
    guard noCopies else { return nil }
    WorkLine.begin("reading the data")
    let opened = try data.open(
      for: trained, named: model.model, run: model.run.map { try Run<M>.open($0.url) })
    if let note = opened.note { Console.current.note(note, at: .warning) }
    return opened.dataset
  }

  /// Writes the samples; a folder that was not there before is gone again when that fails.
  private func write(_ request: GenerationRequest<M>) throws -> [URL] {
    let isThere = output.map { FileManager.default.fileExists(atPath: $0.path) } ?? true
    do {
      return try M.generate(request, options: options)
    } catch {
      if let output, !isThere { try? FileManager.default.removeItem(at: output) }
      throw error
    }
  }
}
