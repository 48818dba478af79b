import Adversarial
import ArgumentParser
import Failures
import Files
import Foundation
import ModalityKit
import PlaneDatasets
import Torch

/// Points in the plane: distributions whose densities are known, and two columns of a table.
public enum Plane: Modality {
  /// The subcommand.
  public static let name = "plane"
  /// One line of help.
  public static let summary = "Points in the plane, of known distributions or of two columns of a table."
  /// Points are lines of a table.
  public static let sampleOutput = SampleOutput.text(file: "points.csv")

  /// The flags of `train`.
  public typealias TrainOptions = PlaneTrainOptions
  /// The flags of `generate`.
  public typealias GenerateOptions = PlaneGenerateOptions
  /// The flags of `evaluate`.
  public typealias EvaluateOptions = PlaneEvaluateOptions
  /// Everything that rebuilds a model.
  public typealias Recipe = PlaneRecipe
  /// Points, split.
  public typealias Dataset = PlaneCorpus

  /// Beside the verbs of every medium: the course of a game as a picture.
  public static var verbs: [any ParsableCommand.Type] { [Sheet.self] }

  /// A third of a minute is enough for the ring.
  public static let demonstrationMinutes = 0.33

  /// The recipe of a preset.
  public static func recipe(preset: Preset) -> PlaneRecipe { PlaneRecipe(preset: preset) }

  /// Reads a table, or draws the built-in set, and notes its moments, labels and window in the recipe.
  public static func openDataset(_ source: DataSource, recipe: inout PlaneRecipe) throws -> PlaneCorpus {
    let corpus: PlaneCorpus
    if let path = source.path {
      corpus = try PlaneCorpus(
        path: path, validation: source.validation, holdout: source.holdout, options: recipe.data,
        labels: recipe.spec?.labels)
    } else {
      try source.requireNoParts()
      corpus = try PlaneCorpus(builtIn: recipe.data)
    }
    if let known = recipe.spec {
      try DataSource.requireLabels(
        corpus.labelNames, toBe: known.labels, in: source.path ?? "the built-in points")
    } else {
      recipe.spec = PlaneSpec(corpus, target: source.path == nil ? recipe.data.target : nil)
    }
    return corpus
  }

  /// What was read, left out and split.
  public static func describe(_ dataset: PlaneCorpus) -> [String] { [dataset.report] }

  /// Points to choose by.
  public static func validationCount(_ dataset: PlaneCorpus) -> Int { dataset.validation.count }

  /// Identifies all parts of the data.
  public static func fingerprint(_ dataset: PlaneCorpus) -> String { dataset.fingerprint }

  /// Networks and data.
  public static func makeGame(recipe: PlaneRecipe, dataset: PlaneCorpus, seed: UInt64, device: Device) throws
    -> any Game
  {
    try PlaneGame(recipe: recipe, corpus: dataset, seed: seed, device: device)
  }

  /// A generator to load weights into.
  public static func makeGenerator(recipe: PlaneRecipe, device: Device) throws -> any Generator {
    try PlaneGenerator(recipe, seed: 0, device: device)
  }

  /// Writes a point a line, under a header: `x,y`, and the label where there are labels.
  public static func generate(
    from model: TrainedModel<Plane>, request: GenerationRequest, options: PlaneGenerateOptions
  ) throws -> [URL] {
    let spec = try model.recipe.completeSpec()
    let labels = try LabelChoice(options.label, labels: spec.labels)
    let sampler = try PlaneSampler(model)
    var shown: [PlanePoint] = []
    func write(to sink: (String) throws -> Void) throws {
      try sink(spec.labels.isEmpty ? "x,y\n" : "x,y,label\n")
      for start in stride(from: 0, to: request.count, by: PlaneSampler.chunkSize) {
        let chunk = try sampler.chunk(
          start / PlaneSampler.chunkSize, seed: request.seed, labels: labels, scope: "generate")
        let points = try spec.points(chunk.samples).prefix(request.count - start)
        if shown.count < PlaneGame.previewCount { shown += points }
        for (index, point) in points.enumerated() {
          let label = chunk.labels.map { "," + quoted(spec.labels[$0[index]]) } ?? ""
          try sink(
            String(format: "%.*g,%.*g", options.digits, point.x, options.digits, point.y) + label + "\n")
        }
      }
    }
    var files: [URL] = []
    if let output = request.output {
      try AtomicFile.write(to: output) { file in try write { try file.write($0) } }
      files.append(output)
    } else {
      try write(to: request.write)
    }
    if let path = options.picture {
      let file = URL(fileURLWithPath: path)
      let drawing = PlanePicture(window: spec.rectangle, density: model.recipe.density)
      let state = PlaneState(samples: Array(shown.prefix(PlaneGame.previewCount)), surface: [])
      try drawing.picture(state).write(to: file)
      files.append(file)
    }
    return files
  }

  /// A label as a field of the table, in quotes where it holds what has a meaning there.
  private static func quoted(_ label: String) -> String {
    guard label.contains(where: { "\",\n\r".contains($0) }) else { return label }
    return "\"" + label.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

/// Draws the course of a game: all previews of a run, in the order of their steps.
struct Sheet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "Draws the course of a game: all previews of a run side by side.",
    discussion: """
      Of each preview, samples over the true density and the discriminator's surface, under the number of the step. The \
      same run gives the same bytes, whether it was interrupted or not.
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The PNG file to write. (default: course.png in the run's folder)", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var out: String?

  func run() throws {
    let folder = try RunFolder.open(model.url)
    let trained = try TrainedModel<Plane>(contentsOf: folder.url, pointer: model.pointer)
    let spec = try trained.recipe.completeSpec()
    let course = try Course(previews: folder.previews)
    let drawing = PlanePicture(window: spec.rectangle, density: trained.recipe.density)
    let file = out.map { URL(fileURLWithPath: $0) } ?? folder.url.appendingPathComponent("course.png")
    try course.sheet(drawing).write(to: file)
    Console.current.note("\(course.states.count) previews in \(file.relativePath)")
  }
}
